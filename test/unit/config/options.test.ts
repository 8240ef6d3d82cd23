import { describe, expect, test } from 'vitest';
import { defaultLiveLimits, defaultQueryLimits, defaultServerLimits } from '../../../src/config/limits.ts';
import { envOf, fileEnvOf, flagOf, optionNames } from '../../../src/config/option-table.ts';
import { optionHelp } from '../../../src/config/option-help.ts';
import { resolveOptions } from '../../../src/config/options.ts';
import type { Resolved } from '../../../src/config/options.ts';
import { createSettingsWorld } from '../../support/settings-world.ts';

const { cwd, resolve, mistakes, writeConfig, writeFile } = createSettingsWorld();

test('every setting has a default, and limits those of their rooms', async () => {
  const { options, given } = await resolve([]);
  const { limits, ...others } = options;
  expect(others).toEqual({
    config: undefined,
    consoleRoles: [],
    schema: ['schema/*.graphql'],
    source: { kind: 'log', directory: 'log' },
    data: '.headgate',
    host: '127.0.0.1',
    port: 4_000,
    workers: 1,
    metricsPort: undefined,
    graphiql: false,
    allowAnonymous: false,
    rebuild: [],
    maxCommitRows: 200_000,
    trustProxy: 0,
    logLevel: 'info',
  });
  expect(limits).toEqual({ ...defaultQueryLimits, ...defaultLiveLimits, ...defaultServerLimits });
  expect([...given]).toEqual([]);
});

test('flags, variables and keys follow from a name', () => {
  expect([flagOf('maxBodyBytes'), envOf('maxBodyBytes')]).toEqual(['max-body-bytes', 'HEADGATE_MAX_BODY_BYTES']);
  expect([flagOf('kafka.brokers'), envOf('kafka.brokers')]).toEqual(['kafka', 'HEADGATE_KAFKA']);
  expect([flagOf('kafka.sslCaFile'), envOf('kafka.sslCaFile')]).toEqual([
    'kafka-ssl-ca-file',
    'HEADGATE_KAFKA_SSL_CA_FILE',
  ]);
  expect(flagOf('kafka.saslPassword')).toBeUndefined();
});

test('no two settings share a flag or a variable', () => {
  const flags = optionNames.map(flagOf).filter((flag) => flag !== undefined);
  expect(new Set(flags).size).toBe(flags.length);
  const variables = [...optionNames.map(envOf), ...optionNames.map(fileEnvOf)].filter((name) => name !== undefined);
  expect(new Set(variables).size).toBe(variables.length);
});

test('the command line outweighs the environment, which outweighs the configuration file', async () => {
  writeConfig('{ "port": 1, "host": "localhost", "data": "a" }');
  const { options, given } = await resolve(['--port', '3'], { HEADGATE_PORT: '2', HEADGATE_HOST: '::1' });
  expect([options.port, options.host, options.data]).toEqual([3, '::1', 'a']);
  expect(new Set(given)).toEqual(new Set(['port', 'host', 'data']));
});

describe('values', () => {
  test.each<[readonly string[], Partial<Resolved['options']>]>([
    [['--schema', 'a', '--schema', 'b/{c,d}.graphql,e'], { schema: ['a', 'b/{c,d}.graphql', 'e'] }],
    [['--rebuild=Song,Play'], { rebuild: ['Song', 'Play'] }],
    [['--allow-anonymous'], { allowAnonymous: true }],
    [['--allow-anonymous=false'], { allowAnonymous: false }],
    [['--log', 'x'], { source: { kind: 'log', directory: 'x' } }],
    [['--kafka', 'a:1,[::1]:2'], { source: { kind: 'kafka', kafka: { brokers: ['a:1', '[::1]:2'] } } }],
    [['--port', '0'], { port: 0 }],
  ])('%j', async (argv, expected) => {
    expect((await resolve(argv)).options).toMatchObject(expected);
  });

  test('of sizes may have units', async () => {
    const { options } = await resolve(['--max-body-bytes', '1MB'], { HEADGATE_MAX_MESSAGE_BYTES: '64KiB' });
    expect([options.limits.maxBodyBytes, options.limits.maxMessageBytes]).toEqual([1_000_000, 65_536]);
  });

  test.each<[readonly string[], string]>([
    [['--port', 'x'], '--port expects a whole number from 0 to 65535, not "x".'],
    [['--port', '70000'], '--port expects a whole number from 0 to 65535, not "70000".'],
    [['--port', '1', '--port', '2'], '--port is given twice.'],
    [['--port'], '--port needs a value.'],
    [['--port', '--host', 'a'], '--port needs a value.'],
    [['--prot', '1'], 'There is no flag --prot here. Did you mean --port?'],
    [
      ['-plays'],
      'There is no flag -plays. Flags have two dashes, such as --config. A name that begins with a dash comes last, behind two: -- -plays',
    ],
    [['--log-level', 'loud'], '--log-level expects one of debug, info, warn, error, silent, not "loud".'],
    [['--allow-anonymous=maybe'], '--allow-anonymous expects true or false, not "maybe".'],
    [
      ['--kafka', 'localhost'],
      '--kafka expects HOST:PORT of one or more brokers, such as localhost:9092, not "localhost".',
    ],
    [['--schema', ''], '--schema expects files, folders or globs, not "".'],
    [['--ping-ms', '99999999999'], '--ping-ms expects a whole number from 1 to 2147483647, not "99999999999".'],
    [
      ['--max-body-bytes', 'big'],
      '--max-body-bytes expects a number of bytes, such as 102400, 100kB or 1MB, not "big".',
    ],
    [
      ['--kafka-sasl-password', 'secret'],
      '--kafka-sasl-password is not taken from the command line, which other users of the machine can read. ' +
        'Set HEADGATE_KAFKA_SASL_PASSWORD or HEADGATE_KAFKA_SASL_PASSWORD_FILE, or kafka.saslPassword in headgate.config.',
    ],
    [
      ['--log', 'a', '--kafka', 'b:1'],
      'Records come from Kafka or from an embedded log: set either kafka or log, not both.',
    ],
  ])('%j is refused', async (argv, message) => {
    expect(await mistakes(argv)).toContain(message);
  });

  test('are all looked at before the start ends', async () => {
    writeConfig('{ "host": 5 }');
    expect(await mistakes(['--port', 'x'], { HEADGATE_DATA: ' ' })).toEqual([
      '--port expects a whole number from 0 to 65535, not "x".',
      'HEADGATE_DATA expects a text that is not empty, not " ".',
      'headgate.config.json: "host" expects a text that is not empty, not 5.',
    ]);
  });
});

describe('the environment', () => {
  test('is searched for misspelt settings', async () => {
    expect(await mistakes([], { HEADGATE_PROT: '1' })).toEqual([
      'There is no setting HEADGATE_PROT. Did you mean "HEADGATE_PORT"?',
    ]);
  });

  test('may hold variables of others', async () => {
    expect(await mistakes([], { HEADGATE_SEED: '1', HEADGATE_KAFKA_PORT: '2', HEADGATE: '3' })).toEqual([]);
  });

  test('may hold empty variables', async () => {
    expect((await resolve([], { HEADGATE_PORT: '' })).options.port).toBe(4_000);
  });

  test('may tell of a Kubernetes service called headgate', async () => {
    const env = {
      HEADGATE_PORT: 'tcp://10.0.0.1:4000',
      HEADGATE_SERVICE_HOST: '10.0.0.1',
      HEADGATE_SERVICE_PORT: '4000',
      HEADGATE_SERVICE_PORT_HTTP: '4000',
      HEADGATE_PORT_4000_TCP: 'tcp://10.0.0.1:4000',
      HEADGATE_PORT_4000_TCP_ADDR: '10.0.0.1',
    };
    expect((await resolve([], env)).options.port).toBe(4_000);
  });
});

describe('the configuration file', () => {
  test('may be a module', async () => {
    writeConfig('export default { port: 7, scanLimit: 5, schema: "a" };', 'headgate.config.mjs');
    const { options } = await resolve([]);
    expect([options.port, options.limits.scanLimit, options.schema]).toEqual([7, 5, ['a']]);
  });

  test('may have another name', async () => {
    writeConfig('{ "port": 7 }', 'other.json');
    expect((await resolve(['--config', 'other.json'])).options.port).toBe(7);
    expect(await mistakes(['--config', 'none.json'])).toEqual(['none.json: There is no such configuration file.']);
  });

  test.each([
    ['{ "prot": 1 }', 'There is no setting "prot". Did you mean "port"?'],
    ['{ "kafka": { "broker": "a:1" } }', 'There is no setting "broker" in "kafka". Did you mean "brokers"?'],
    ['{ "kafka.brokers": "a:1" }', 'There is no setting "kafka.brokers".'],
    ['[]', 'A configuration file holds an object of settings, such as { "port": 4000 }.'],
    ['{', 'This configuration file cannot be read: '],
  ])('%s is refused', async (text, message) => {
    writeConfig(text);
    const [first] = await mistakes([]);
    expect(first).toContain(`headgate.config.json: ${message}`);
  });

  test('holds what Kafka needs', async () => {
    writeConfig(
      JSON.stringify({
        kafka: {
          brokers: ['a:1'],
          ssl: true,
          sslCaFile: 'ca.pem',
          saslMechanism: 'scram-sha-256',
          saslUsername: 'u',
          saslPassword: 'p',
        },
      }),
    );
    writeFile('ca.pem', 'PEM');
    expect((await resolve([])).options.source).toEqual({
      kind: 'kafka',
      kafka: {
        brokers: ['a:1'],
        ssl: { ca: 'PEM' },
        sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p' },
      },
    });
  });

  test('gives way to --log where it names brokers', async () => {
    writeConfig('{ "kafka": "a:1" }');
    expect((await resolve(['--log', 'x'])).options.source).toEqual({ kind: 'log', directory: 'x' });
    expect((await resolve([])).options.source).toEqual({ kind: 'kafka', kafka: { brokers: ['a:1'] } });
  });

  test('is checked for what belongs together', async () => {
    writeConfig('{ "kafka": { "brokers": "a:1", "ssl": false, "saslUsername": "u", "sslCertFile": "none.pem" } }');
    const found = await mistakes([]);
    expect(found).toContain('SASL needs kafka.saslMechanism, kafka.saslUsername and kafka.saslPassword, all three.');
    expect(found).toContain('A client certificate needs its key: set kafka.sslCertFile and kafka.sslKeyFile together.');
    expect(found.some((each) => each.startsWith('none.pem: This file cannot be read: '))).toBe(true);
  });

  test('never has its secrets shown', async () => {
    writeConfig('{ "kafka": { "brokers": "a:1", "saslPassword": 12345678 } }');
    expect((await mistakes([])).join('\n')).not.toContain('12345678');
  });
});

test('a command takes its own settings and flags alone', async () => {
  const input = {
    env: {},
    cwd: cwd(),
    accepts: ['schema'],
    flags: { file: { placeholder: 'F', help: '' }, all: { placeholder: '', help: '' } },
  } as const;
  const { flags, positionals } = await resolveOptions({
    ...input,
    argv: ['a', '--file', 'x', '--all', 'b', '--', '--c'],
  });
  expect([...flags]).toEqual([
    ['file', 'x'],
    ['all', true],
  ]);
  expect(positionals).toEqual(['a', 'b', '--c']);
  await expect(resolveOptions({ ...input, argv: ['--port', '1'] })).rejects.toThrow('There is no flag --port here.');
});

test('help has a line for every flag', () => {
  const help = optionHelp(optionNames);
  const flags = optionNames.flatMap((name) => flagOf(name) ?? []);
  expect(flags.filter((flag) => !help.includes(`  --${flag}`))).toEqual([]);
  expect(help).toContain('  HEADGATE_JWT_SECRET[_FILE]    Secret shared with the issuer');
  expect(help.split('\n').filter((line) => line.endsWith(':'))).toEqual([
    'Records:',
    'Callers and security:',
    'Limits:',
  ]);
  expect(help).toContain(
    '--port N                      Port to listen on; 0 takes any that is free. Default: 4000. [HEADGATE_PORT]',
  );
});

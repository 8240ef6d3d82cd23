import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileEnvOf, flagOf, optionNames } from '../../../src/config/option-table.ts';
import { createSettingsWorld } from '../../support/settings-world.ts';
import { selfSigned } from '../../support/self-signed.ts';

const { cwd, resolve, mistakes, writeConfig, writeFile } = createSettingsWorld();

describe('secrets', () => {
  const secret = 'a secret of at least thirty-two bytes';

  test('may be in a file that their variable names', async () => {
    writeFile('secret', `${secret}\n`);
    writeFile('password', 'p');
    const { options, given } = await resolve(['--kafka', 'a:1', '--metrics-port', '0'], {
      HEADGATE_JWT_SECRET_FILE: 'secret',
      HEADGATE_ADMIN_KEY_FILE: join(cwd(), 'secret'),
      HEADGATE_KAFKA_SASL_PASSWORD_FILE: 'password',
      HEADGATE_KAFKA_SASL_USERNAME: 'u',
      HEADGATE_KAFKA_SASL_MECHANISM: 'plain',
    });
    expect(options.identity).toEqual({ jwt: { secret } });
    expect(options.adminKey).toBe(secret);
    expect(options.source).toMatchObject({ kafka: { sasl: { password: 'p' } } });
    expect(given).toContain('jwt.secret');
  });

  test('in a file outweigh those of the configuration', async () => {
    writeFile('secret', secret);
    writeConfig(JSON.stringify({ jwt: { secret: `${secret} of the configuration` } }));
    expect((await resolve([], { HEADGATE_JWT_SECRET_FILE: 'secret' })).options.identity).toEqual({ jwt: { secret } });
  });

  test.each<[Record<string, string>, string]>([
    [
      { HEADGATE_JWT_SECRET: secret, HEADGATE_JWT_SECRET_FILE: 'x' },
      'HEADGATE_JWT_SECRET and HEADGATE_JWT_SECRET_FILE are both set. Set one of them.',
    ],
    [{ HEADGATE_JWT_SECRET_FILE: 'none' }, 'none: This file cannot be read: '],
    [
      { HEADGATE_JWT_SECRT_FILE: 'x' },
      'There is no setting HEADGATE_JWT_SECRT_FILE. Did you mean "HEADGATE_JWT_SECRET_FILE"?',
    ],
    [{ HEADGATE_ADMIN_KEY: 'short' }, 'HEADGATE_ADMIN_KEY expects a text of 32 characters or more, not what is there.'],
    [{ HEADGATE_ADMIN_KEY: secret }, 'adminKey is for requests on the port of the metrics. Set metricsPort, too.'],
    [{ HEADGATE_JWT_SECRET: 'short' }, 'jwt.secret has 5 bytes'],
  ])('%j are refused', async (env, message) => {
    expect((await mistakes([], env)).join('\n')).toContain(message);
  });

  test('in an empty file are refused', async () => {
    writeFile('empty', '\n');
    expect(await mistakes([], { HEADGATE_ADMIN_KEY_FILE: 'empty' })).toEqual([
      'The file of HEADGATE_ADMIN_KEY_FILE expects a text of 32 characters or more, not what is there.',
    ]);
  });

  test('have no flags', async () => {
    expect(optionNames.filter((name) => fileEnvOf(name) !== undefined && flagOf(name) !== undefined)).toEqual([]);
    expect((await mistakes(['--jwt-secret', 'x'])).join()).toContain(
      'Set HEADGATE_JWT_SECRET or HEADGATE_JWT_SECRET_FILE',
    );
  });

  test('that are for tail are no settings', async () => {
    expect(await mistakes([], { HEADGATE_TOKEN: 'x', HEADGATE_API_KEY: 'y' })).toEqual([]);
  });
});

describe('identity', () => {
  test('is read from every place', async () => {
    writeConfig(
      `export default {
        jwt: { jwksUrl: 'https://a.example/jwks', issuer: 'https://a.example', audience: ['headgate'], algorithms: 'RS256,ES256' },
        authenticate: ({ headers }) => ({ id: headers.cookie }),
      };`,
      'headgate.config.mjs',
    );
    writeFile('keys.json', JSON.stringify([{ name: 'billing', sha256: 'a'.repeat(64) }]));
    const { options } = await resolve(['--jwt-roles-claim', 'realm_access.roles', '--as', '{"sub":"u1"}'], {
      HEADGATE_API_KEYS_FILE: 'keys.json',
      HEADGATE_JWT_CLOCK_TOLERANCE_MS: '0',
    });
    expect(options.identity).toEqual({
      jwt: {
        jwksUrl: 'https://a.example/jwks',
        issuer: 'https://a.example',
        audience: ['headgate'],
        algorithms: ['RS256', 'ES256'],
        rolesClaim: 'realm_access.roles',
        clockToleranceMs: 0,
      },
      apiKeys: [{ name: 'billing', sha256: 'a'.repeat(64) }],
      authenticate: expect.any(Function),
      as: { sub: 'u1' },
    });
  });

  test('has its files read', async () => {
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x' }] };
    writeFile('jwks.json', JSON.stringify(jwks));
    expect((await resolve(['--jwt-jwks-file', 'jwks.json'])).options.identity?.jwt).toEqual({ jwks });
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    writeFile('key.pem', pem);
    expect((await resolve(['--jwt-public-key-file', 'key.pem'])).options.identity?.jwt).toEqual({ publicKey: pem });
  });

  test.each<[readonly string[], readonly string[]]>([
    [['--jwt-issuer', 'i'], ['Tokens (jwt) cannot be verified without keys']],
    [['--jwt-algorithms', 'none'], ['--jwt-algorithms expects some of HS256, HS384']],
    [['--jwt-jwks-file', 'none.json'], ['none.json: This file cannot be read: ']],
    [['--jwt-jwks-file', 'text'], ['text: A set of keys is JSON like { "keys": [ … ] }.']],
    [['--jwt-public-key-file', 'text'], ['jwt.publicKeyFile holds no public key in PEM']],
    [['--api-keys-file', 'text'], ['text: This is no JSON.']],
    [['--as', 'u1'], ['--as expects a JSON object, such as {"sub":"u1","roles":["admin"]}, not "u1".']],
    [['--trust-proxy', '11'], ['--trust-proxy expects a whole number from 0 to 10, not "11".']],
    [['--allowed-origins', '*'], ['--allowed-origins expects origins of web pages as browsers write them']],
    [['--allowed-origins', 'https://a.example/'], ['--allowed-origins expects origins of web pages']],
    [['--tls-cert-file', 'text'], ['A certificate needs its key: set tls.certFile and tls.keyFile together.']],
    [
      ['--tls-cert-file', 'text', '--tls-key-file', 'text'],
      ['tls.certFile text and tls.keyFile text are not usable together: '],
    ],
    [
      ['--api-keys-file', 'none.json', '--jwt-issuer', 'i', '--tls-key-file', 'text'],
      ['Tokens (jwt)', 'none.json: ', 'A certificate needs'],
    ],
  ])('%j is refused', async (argv, messages) => {
    writeFile('text', 'text');
    expect(await mistakes(argv)).toEqual(messages.map((message) => expect.stringContaining(message) as string));
  });

  test('has a hook that only a configuration file can hold', async () => {
    writeConfig('{ "authenticate": "cookies", "jwt": "secret" }');
    expect(await mistakes(['--authenticate'], { HEADGATE_AUTHENTICATE: 'x' })).toEqual([
      'There is no flag --authenticate here.',
      'headgate.config.json: "authenticate" expects a function of credentials, not "cookies".',
      expect.stringContaining(
        'headgate.config.json: "jwt" expects an object of settings: jwksUrl, jwksFile, ',
      ) as string,
    ]);
  });
});

test('TLS has its files read', async () => {
  const { cert, key } = selfSigned;
  writeFile('cert.pem', cert);
  writeFile('key.pem', key);
  writeConfig('{ "tls": { "certFile": "cert.pem", "keyFile": "key.pem" } }');
  expect((await resolve([])).options.tls).toEqual({ cert, key });
});

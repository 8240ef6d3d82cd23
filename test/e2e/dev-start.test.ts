import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';
import { postGraphql, runHeadgate, startGatewayProcess } from '../support/gateway-process.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';

/** `headgate dev --start`: the server of a page beside the gateway, under one command. */
const directory = mkdtempSync(join(tmpdir(), 'headgate-start-'));
const args = ['dev', '--port', '0', '--start'];

beforeAll(() => {
  mkdirSync(join(directory, 'schema'));
  writeFileSync(join(directory, 'schema/song.graphql'), 'type Song @table(topic: "songs") { id: ID! }');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('the command is told where the gateway is, and when it ends, dev does, with its exit code', async () => {
  writeFileSync(
    join(directory, 'ask.mjs'),
    `const response = await fetch(process.env.GATEWAY_URL + '/healthz');
    console.log('health:', response.status);
    process.exitCode = 7;`,
  );
  const { code, stdout } = await runHeadgate([...args, 'node ask.mjs'], { cwd: directory });
  expect(stdout).toContain('health: 200');
  expect(stdout).toContain('"node ask.mjs" ended with exit code 7');
  expect(code).toBe(7);
});

test('a schema with mistakes is waited for, and the command with it', async () => {
  const cwd = mkdtempSync(join(directory, 'wrong-'));
  mkdirSync(join(cwd, 'schema'));
  const file = join(cwd, 'schema/song.graphql');
  writeFileSync(file, 'type Song @table(topic: "songs") { id: Id! title: Strng }');
  writeFileSync(join(cwd, 'beside.mjs'), `console.log('the command runs');`);
  const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const dev = spawn(process.execPath, [command, ...args, 'node beside.mjs'], { cwd });
  onTestFinished(() => void dev.kill('SIGKILL'));
  let output = '';
  for await (const chunk of dev.stdout.iterator({ destroyOnReturn: false })) {
    output += String(chunk);
    if (output.includes('Waiting for the schema to change.')) break;
  }
  expect(output).toMatch(/✗ .*song\.graphql:1:40: .*"ID".*\n✗ .*song\.graphql:1:51: .*"String"/);
  expect(output).not.toContain('still served');
  writeFileSync(file, 'type Song @table(topic: "songs") { id: ID! title: String }');
  for await (const chunk of dev.stdout) output += String(chunk);
  expect(output).toMatch(/Waiting.*Headgate is at.*the command runs/s);
});

test('a command that is not there is told', async () => {
  const { code, stdout } = await runHeadgate([...args, 'vitte --port 1'], { cwd: directory });
  expect(stdout).toContain('"vitte --port 1" cannot be started: spawn vitte ENOENT');
  expect(code).toBe(1);
});

test.each([
  ['--port', 'port', []],
  ['--metrics-port', 'metricsPort', ['--port', '0']],
])('a taken %s ends it, with how to choose another', async (flag, key, others) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { code, stdout } = await runHeadgate(['dev', ...others, flag, String(port)], { cwd: directory });
  other.close();
  expect(stdout).toContain(`port ${port} on 127.0.0.1 is taken`);
  expect(stdout).toContain(`with ${flag}, or ${key} in headgate.config`);
  expect(stdout).not.toContain('Waiting');
  expect(code).toBe(1);
});

test.each([
  ['ends', async (dev: GatewayProcess) => expect(await dev.stop()).toBe(0)],
  ['is killed', (dev: GatewayProcess) => dev.kill9()],
])('what it runs ends with it, when it %s', async (_, end) => {
  writeFileSync(
    join(directory, 'stay.mjs'),
    `import { createServer } from 'node:http';
    const server = createServer((_, response) => response.end(process.env.GATEWAY_URL)).listen(0, '127.0.0.1', () => {
      console.log('page: http://127.0.0.1:' + server.address().port);
    });`,
  );
  const dev = await startGatewayProcess([...args, 'node stay.mjs'], { cwd: directory });
  expect((await postGraphql(dev.url, '{ songs { id } }')).data).toEqual({ songs: [] });
  await expect.poll(() => dev.output(), { timeout: 20_000 }).toContain('page: ');
  const page = /page: (\S+)/.exec(dev.output())?.[1] ?? '';
  expect(await (await fetch(page)).text()).toBe(new URL(dev.url).origin);
  await end(dev);
  await expect
    .poll(
      () =>
        fetch(page).then(
          () => 'there',
          () => 'gone',
        ),
      { timeout: 20_000 },
    )
    .toBe('gone');
});

/** `npm run page`, as it were: what it starts is not told what ends it, and would not listen. */
test.skipIf(process.platform !== 'linux')('so does what that has started, whatever it thinks of signals', async () => {
  writeFileSync(
    join(directory, 'deaf.mjs'),
    `process.on('SIGTERM', () => {});
    setInterval(() => {}, 1_000);
    console.log('pid:', process.pid);`,
  );
  writeFileSync(
    join(directory, 'npm.mjs'),
    `import { spawn } from 'node:child_process';
    spawn(process.execPath, ['deaf.mjs'], { stdio: 'inherit' });`,
  );
  const dev = await startGatewayProcess([...args, 'node npm.mjs'], { cwd: directory });
  await expect.poll(() => dev.output(), { timeout: 20_000 }).toContain('pid: ');
  const pid = Number(/pid: (\d+)/.exec(dev.output())?.[1]);
  expect(await dev.stop()).toBe(0);
  await until(() => !isRunning(pid), 20_000);
});

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
  } catch {
    return false;
  }
}

test.skipIf(process.platform === 'win32')(
  'it ends with the shell that npm runs it in, which passes no signal on',
  async () => {
    const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const script = `"${process.execPath}" "${command}" dev --port 0; true`;
    const env = { ...process.env, npm_lifecycle_event: 'dev' };
    const shell = spawn('sh', ['-c', script], { cwd: directory, env, stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const chunk of shell.stdout.iterator({ destroyOnReturn: false })) {
      if (String(chunk).includes('Headgate is at')) break;
    }
    shell.stdout.resume();
    shell.kill();
    // The gateway has it, too: it is closed when both have ended.
    await once(shell.stdout, 'close');
  },
);

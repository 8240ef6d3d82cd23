import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Agent, get } from 'node:http';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';

/** Serving processes, whatever becomes of each: in a process of their own, since theirs is its command line once more. */
const script = fileURLToPath(new URL('../support/crew-child.ts', import.meta.url));

async function start(patienceMs: number, ...serves: readonly 'http'[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(patienceMs), ...serves], {
    // A process that is starting when the primary is killed is loud about it.
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    return done === true ? 'it has ended' : JSON.parse(value);
  };
  expect(await answer()).toBe('ready');
  return {
    pid: child.pid ?? 0,
    /** The next line that nobody has asked for. */
    answer,
    ask(command: string): Promise<unknown> {
      child.stdin.write(`${command}\n`);
      return answer();
    },
    async end(): Promise<unknown> {
      child.stdin.end();
      return (await exited)[0];
    },
  };
}

test.skipIf(process.platform !== 'linux')('a process that has just ended can be told anything', async () => {
  const crew = await start(60_000);
  const [first, second] = (await crew.ask('pids')) as number[];
  expect(await crew.ask('tellTheDead')).toBe(null);
  let pids: number[] = [];
  await until(
    async () => (pids = (await crew.ask('pids')) as number[]).length === 2 && !pids.includes(first ?? 0),
    30_000,
  );
  expect(pids).toContain(second);
});

test.skipIf(process.platform !== 'linux')('each is replaced once, whoever asks for it and how often', async () => {
  const crew = await start(60_000);
  const [first = 0, second = 0] = (await crew.ask('pids')) as number[];
  process.kill(first, 'SIGTERM');
  await until(async () => String(await crew.ask('log')).includes('was told to end'), 30_000);
  // Before another one serves: it does not wait for that.
  process.kill(first, 'SIGKILL');
  expect(await crew.ask('restarts')).toBe('new');
  const pids = (await crew.ask('pids')) as number[];
  expect(pids).toHaveLength(2);
  expect(pids).not.toContain(first);
  expect(pids).not.toContain(second);
});

test.skipIf(process.platform !== 'linux')('one that hangs is not waited for', async () => {
  const crew = await start(100);
  const [first = 0] = (await crew.ask('pids')) as number[];
  expect(await crew.ask('askTheSilent')).toEqual(['well']);
  await until(async () => !((await crew.ask('pids')) as number[]).includes(first), 30_000);
  expect(await crew.ask('close')).toBe(null);
  expect(await crew.end()).toBe(0);
});

test.skipIf(process.platform !== 'linux')('one that hangs while it starts is ended and tried again', async () => {
  const crew = await start(60_000);
  const [first = 0, second = 0] = (await crew.ask('pids')) as number[];
  await crew.ask('startsHanging');
  process.kill(first, 'SIGKILL');
  const logged = async (text: string) => ((await crew.ask('log')) as string[]).filter((line) => line.includes(text));
  await until(async () => (await logged('another one is tried in 2 s')).length === 1, 30_000);
  expect((await logged('could not serve'))[0]).toContain(
    'a serving process was killed: it did not serve within 0.05 s, and hung ',
  );
  await crew.ask('startsWell');
  await until(async () => (await logged(' before it could not')).length === 1, 30_000);
  const pids = (await crew.ask('pids')) as number[];
  expect(pids).toHaveLength(2);
  expect(pids).toContain(second);
  // It is told once.
  expect(await logged(' before it could not')).toHaveLength(1);
});

/**
 * The order that loses a connection where a process leaves without a word: the primary takes the connection before it reads that the
 * process has closed, and deals it to that one.
 */
test.skipIf(process.platform !== 'linux')(
  'a connection that is dealt to one that has closed is given to another',
  async () => {
    const crew = await start(60_000, 'http');
    const url = (await crew.ask('url')) as string;
    const leaving = (await crew.ask('drainsTheStopped')) as number;
    process.kill(crew.pid, 'SIGSTOP');
    // The system takes them, in front of whatever the process will say. Whoever is free is dealt one: more than there are processes.
    const connections = Array.from({ length: 6 }, () => ask(url));
    await Promise.all(connections.map(({ connected }) => connected));
    process.kill(leaving, 'SIGCONT');
    expect(await crew.answer()).toBe('closed');
    process.kill(crew.pid, 'SIGCONT');
    const answers = await Promise.all(connections.map(({ answered }) => answered));
    expect(answers.map(Number)).not.toContain(leaving);
  },
);

/** A request on a connection of its own. */
function ask(url: string) {
  const request = get(url, { agent: new Agent({ keepAlive: false }) });
  const connected = once(request, 'socket').then(([socket]) => once(socket as Socket, 'connect'));
  const answered = new Promise<string>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.once('end', () => resolve(text));
    });
  });
  return { connected, answered };
}

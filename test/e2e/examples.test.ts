import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** The examples as a user starts them, and what their banners say to try. */
const root = fileURLToPath(new URL('../..', import.meta.url));

interface Running {
  readonly url: string;
  readonly banner: string;
  /** Resolves once the text has been printed. */
  printed(text: string): Promise<void>;
  /** As Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>;
}

let directory: string;
let running: Running['stop'][] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headgate-example-'));
});
afterEach(async () => {
  await Promise.all(running.map((stop) => stop()));
  running = [];
  rmSync(directory, { recursive: true, force: true });
});

async function start(example: string, ...args: readonly string[]): Promise<Running> {
  const main = join(root, 'examples', example, 'main.ts');
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    process.execPath,
    ['--import', 'tsx', main, '--port', '0', '--data', directory, ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const lookers = new Set<() => void>();
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      for (const look of lookers) look();
    });
  }
  const printed = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.includes(text)) resolve();
      };
      lookers.add(look);
      look();
      void exited.then((code) => reject(new Error(`${example} ended with ${code}:\n${output}`)));
    });
  const stop = (): Promise<number | null> => {
    child.kill('SIGINT');
    return exited;
  };
  running.push(stop);
  await printed('Ctrl-C');
  return { url: /(http:\/\/\S+\/graphql)/.exec(output)?.[1] ?? '', banner: output, printed, stop };
}

async function ask(url: string, body: string): Promise<Record<string, readonly Record<string, unknown>[]>> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { data, errors } = (await response.json()) as { data: never; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

/** Resolves when an event of the subscription, over server-sent events, holds the text. */
async function listenFor(expected: string, url: string, body: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body,
  });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk as Uint8Array).toString();
    // Returning cancels the request.
    if (text.includes(expected)) return;
  }
  throw new Error(`the stream ended without ${expected}: ${text}`);
}

/** The bodies of the banner's curl commands, as a shell passes them. */
function curls(banner: string): readonly { readonly live: boolean; readonly body: string }[] {
  return [...banner.matchAll(/curl [^]*?-d '(.*)'/g)].map(([command, body = '']) => ({
    live: command.includes('text/event-stream'),
    body,
  }));
}

test('the charts play, answer what the banner says, and go on after a restart', async () => {
  const first = await start('charts', '--rate', '50');
  const [live, question] = curls(first.banner);
  expect(live?.live).toBe(true);
  await listenFor('"playedAt"', first.url, live?.body ?? '');
  expect((await ask(first.url, question?.body ?? ''))['songs']).toHaveLength(3);
  const document = /subscription (\{[^]*?\n {4}\})/.exec(first.banner)?.[1] ?? '';
  const top = await ask(first.url, JSON.stringify({ query: document }));
  expect(top['songs']).toHaveLength(5);
  await listenFor('"likes"', first.url, JSON.stringify({ query: `subscription ${document}` }));
  expect(await first.stop()).toBe(0);
  const played = lines('plays');

  const second = await start('charts', '--rate', '0');
  const likes = (await ask(second.url, '{"query":"{ songs(orderBy: [{ likes: DESC }], limit: 1) { likes } }"}'))[
    'songs'
  ];
  expect(likes?.[0]?.['likes']).toBeGreaterThanOrEqual(top['songs']?.[0]?.['likes'] as number);
  expect(await second.stop()).toBe(0);
  expect(lines('plays')).toBe(played);
  expect(lines('artists')).toBe(40);
}, 60_000);

test('the earthquakes are replayed once, also in two goes', async () => {
  const first = await start('earthquakes', '--speed', '5000');
  const document = /subscription (\{[^]*?\n {4}\})/.exec(first.banner)?.[1] ?? '';
  expect((await ask(first.url, JSON.stringify({ query: document })))['earthquakes']).toHaveLength(5);
  const [live] = curls(first.banner);
  await listenFor('"magnitude"', first.url, live?.body ?? '');
  expect(await first.stop()).toBe(0);
  const before = lines('earthquakes');
  expect(before).toBeLessThan(1_707);

  const second = await start('earthquakes', '--speed', '1000000');
  await second.printed('The whole week has been replayed');
  expect(await second.stop()).toBe(0);
  expect(lines('earthquakes')).toBe(1_707);
}, 60_000);

function lines(topic: string): number {
  return readFileSync(join(directory, 'log', `${topic}.ndjson`), 'utf8').split('\n').length - 1;
}

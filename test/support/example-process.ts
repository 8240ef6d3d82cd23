import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** An example as a user starts it, from its sources, on a free port; the gateway inside it is the built one. */
export interface ExampleProcess {
  readonly url: string;
  /** Where its page is; empty where it has none. */
  readonly pageUrl: string;
  /** What it printed until it served. */
  readonly banner: string;
  /** Resolves once the text has been printed. */
  printed(text: string): Promise<void>;
  /** Resolves with the exit code. SIGINT is what Ctrl-C sends. */
  stop(signal?: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** The API of an example, without its page. It ends with the test at the latest. */
export async function startExample(
  example: string,
  directory: string,
  ...args: readonly string[]
): Promise<ExampleProcess> {
  const started = await spawnExample(example, directory, '--no-page', ...args);
  onTestFinished(async () => void (await started.stop()));
  return started;
}

/** Resolves when it serves, every table filled; throws with its output when it ends before. The caller stops it. */
export async function spawnExample(
  example: string,
  directory: string,
  ...args: readonly string[]
): Promise<ExampleProcess> {
  const main = join(root, 'examples', example, 'main.ts');
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    process.execPath,
    ['--import', 'tsx', main, '--port', '0', '--data', directory, ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const lookers = new Set<() => void>();
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const killed = () => void child.kill('SIGKILL');
  process.once('exit', killed);
  void exited.then(() => process.removeListener('exit', killed));
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
  const stop = (signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> => {
    child.kill(signal);
    return exited;
  };
  await printed('Ctrl-C');
  return {
    url: /(http:\/\/\S+\/graphql)/.exec(output)?.[1] ?? '',
    pageUrl: /Open this: +(\S+)/.exec(output)?.[1] ?? '',
    banner: output,
    printed,
    stop,
  };
}

/** A document of the example's README, by the operation's name. */
export function documentInReadme(example: string, name: string): string {
  const readme = readFileSync(join(root, 'examples', example, 'README.md'), 'utf8');
  const documents = [...readme.matchAll(/```graphql\n([^]*?)```/g)].map(([, document = '']) => document);
  const found = documents.find((document) => new RegExp(`^\\w+ ${name} \\{`).test(document));
  if (found === undefined) throw new Error(`examples/${example}/README.md shows no ${name}`);
  return found;
}

/** One pull; `body` is the request's. Fails on errors. */
export async function ask(url: string, body: string): Promise<Record<string, readonly Record<string, unknown>[]>> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { data, errors } = (await response.json()) as { data: never; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

/** The answers in what came over server-sent events. */
export function framesIn(text: string): readonly Record<string, unknown>[] {
  const events = [...text.matchAll(/^data: (\{"data".*)\n/gm)];
  return events.map(([, json = '']) => (JSON.parse(json) as { data: Record<string, unknown> }).data);
}

/** Resolves with what came over server-sent events once it is enough. */
export async function listenUntil(enough: (text: string) => boolean, url: string, body: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body,
  });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk as Uint8Array).toString();
    // Returning cancels the request.
    if (enough(text)) return text;
  }
  throw new Error(`the stream ended before it was enough: ${text}`);
}

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { appendToLog } from '../../src/source/log-writer.ts';
import { postGraphql } from '../support/gateway-process.ts';
import { makeDirectory } from '../support/open-test-store.ts';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

test.each([
  ['output', 'heard'],
  ['output and errors', 'unheard'],
])('a gateway whose %s nobody reads any more serves on, and ends when it is told to', async (_, errors) => {
  const cwd = makeDirectory();
  mkdirSync(join(cwd, 'schema'));
  writeFileSync(join(cwd, 'schema', 'song.graphql'), 'type Song @table(topic: "songs") { id: ID! title: String! }');
  const log = join(cwd, 'log');
  appendToLog(log, 'songs', [{ key: 's1', value: { title: 'Amber' } }]);
  const child = spawn(process.execPath, [command, 'serve', '--port', '0'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = /(http:\/\/[^\s"]+\/graphql)/.exec(text);
      if (found?.[1] !== undefined) resolve(found[1]);
    });
    void exited.then((code) => reject(new Error(`it ended with ${code} before it listened: ${text}`)));
  });
  child.stdout.destroy();
  if (errors === 'unheard') child.stderr.destroy();
  const told = new Promise<string>((resolve, reject) => {
    child.stderr.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    void exited.then((code) => reject(new Error(`it ended with ${code}`)));
  });
  // Awaited where it is heard alone.
  told.catch(() => {});
  // What it passes over, it logs.
  const written = appendToLog(log, 'songs', [
    { key: 's2', value: { title: 5 } },
    { key: 's3', value: { title: 'Blue' } },
  ]);
  if (errors === 'heard') {
    expect(await told).toMatch(/^headgate: the output cannot be written: .*EPIPE.*; going on without it\n$/);
  }
  const offset = `topic: "songs", partition: 0, offset: "${[...written].at(-1)?.offset}"`;
  const { data } = await postGraphql(url, `query @atLeast(offsets: [{ ${offset} }]) { songs { id } }`);
  expect(data?.['songs']).toEqual([{ id: 's1' }, { id: 's3' }]);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
});

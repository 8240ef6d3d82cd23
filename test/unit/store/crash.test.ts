import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Snapshot, Store } from '../../../src/store/store.ts';
import { keyOf } from '../../support/make-row.ts';
import { makeDirectory, openTestStore, read } from '../../support/open-test-store.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';
import { childCatalog, flushEvery, pair } from '../../support/store-child.ts';

const script = fileURLToPath(new URL('../../support/store-child.ts', import.meta.url));

/** Lets a child write until it has printed `lines` versions, kills it, and tells the last version that it printed. */
async function writeAndKill(directory: string, lines: number, mode = ''): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, directory, 'boot 1', mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.split('\n').length <= lines + 1 || child.killed) return;
    child.kill('SIGKILL');
  });
  await exited;
  const printed = output.split('\n').slice(1, -1);
  expect(printed.length).toBeGreaterThanOrEqual(lines);
  return Number(printed.at(-1));
}

function checkCommit(snapshot: Snapshot): number {
  const n = snapshot.get(pair, keyOf(pair, { id: 'a' }))?.value(pair.columns[1]!) as number;
  expect(snapshot.get(pair, keyOf(pair, { id: 'b' }))?.value(pair.columns[1]!)).toBe(n);
  expect(snapshot.version).toBe(n);
  expect(snapshot.offsets(pair).get('pair')).toEqual(new Map([[0, n]]));
  expect(snapshot.count(pair)).toBe(n + 2);
  expect([...snapshot.scan(pair, {})].length).toBe(n + 2);
  const entries = [...snapshot.scanIndex(pair, pair.indexes[0]!, {})];
  expect(entries.length).toBe(n + 2);
  for (const { rowKey, row } of entries) expect(row?.()).toEqual(snapshot.get(pair, rowKey));
  const feed = [...snapshot.feed(pair, 1)];
  expect(feed.map(({ version }) => version)).toEqual(Array.from({ length: n - 1 }, (_, i) => i + 2));
  expect(feed.every(({ changes }) => changes.length === 3)).toBe(true);
  return n;
}

const reopen = (directory: string, bootId: string): Store => openTestStore(childCatalog, { directory, bootId });

test('ten times killed at any moment, a store reopens at its last commit and goes on', async () => {
  const directory = makeDirectory();
  const random = createRandom(seedFromEnvironment());
  let id: string | undefined;
  for (let round = 0; round < 10; round += 1) {
    const last = await writeAndKill(directory, 1 + random.int(60));
    const store = reopen(directory, 'boot 1');
    const n = read(store, checkCommit);
    expect(n, `seed ${random.seed}`).toBeGreaterThanOrEqual(last);
    id ??= store.storeId;
    expect(store.storeId).toBe(id);
    await store.close();
  }
}, 180_000);

test('after a loss of power it comes back at what was flushed, whatever became of the pages written since', async () => {
  const random = createRandom(seedFromEnvironment());
  for (let round = 0; round < 4;) {
    const directory = makeDirectory();
    const last = await writeAndKill(directory, flushEvery + random.int(100), 'flush');
    const fileOf = (name: string): Buffer => readFileSync(join(directory, name));
    // Killed while it flushed: what the pages were then is not known.
    if (!fileOf('checkpoint').equals(fileOf('flushed.checkpoint'))) continue;
    round += 1;
    const torn = tear(join(directory, 'data.mdb'), fileOf('flushed.mdb'), () => random.next());
    const store = reopen(directory, 'boot 2');
    const n = read(store, checkCommit);
    expect(n % flushEvery, `seed ${random.seed}, ${torn} pages torn`).toBe(0);
    expect(n).toBeGreaterThanOrEqual(Math.floor(last / flushEvery) * flushEvery);
    const id = store.storeId;
    store.write((tx) => tx.tick());
    await store.close();
    const again = reopen(directory, 'boot 3');
    expect(again.storeId).toBe(id);
    await again.close();
  }
}, 180_000);

/** Gives pages that are not as they were flushed the bytes of before, of after, or none: what a disk may do without power. */
function tear(path: string, flushed: Buffer, chance: () => number): number {
  const latest = readFileSync(path);
  const file = openSync(path, 'r+');
  let torn = 0;
  for (let at = 0; at < latest.length; at += pageBytes) {
    const before = flushed.subarray(at, at + pageBytes);
    if (before.equals(latest.subarray(at, at + pageBytes))) continue;
    const fate = chance();
    if (fate < 0.33) continue;
    torn += 1;
    const bytes = fate < 0.66 && before.length === pageBytes ? before : Buffer.alloc(pageBytes, 0xa5);
    writeSync(file, bytes, 0, pageBytes, at);
  }
  closeSync(file);
  return torn;
}

const pageBytes = 4_096;

test('after a loss of power the store has another id, after a clean close it has not', async () => {
  const directory = makeDirectory();
  await writeAndKill(directory, 2);
  const first = reopen(directory, 'boot 1');
  const id = first.storeId;
  await first.close();
  const second = reopen(directory, 'boot 2');
  expect(second.storeId).toBe(id);
  await second.close();
  await writeAndKill(directory, 2);
  const third = reopen(directory, 'boot 4');
  expect(third.storeId).not.toBe(id);
});

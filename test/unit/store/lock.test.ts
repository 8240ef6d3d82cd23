import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SetupError } from '../../../src/common/errors.ts';
import { currentBootId, lockDirectory } from '../../../src/store/lock.ts';
import { makeDirectory, openTestStore } from '../../support/open-test-store.ts';
import { childCatalog } from '../../support/store-child.ts';

const lockOf = (directory: string) => join(directory, 'writer.lock');

test('a directory has one writer: the second is refused at once, with the way out', async () => {
  const directory = makeDirectory();
  const store = openTestStore(childCatalog, { directory });
  expect(() => openTestStore(childCatalog, { directory })).toThrow(SetupError);
  expect(() => openTestStore(childCatalog, { directory })).toThrow('in use by this process');
  await store.close();
  expect(existsSync(lockOf(directory))).toBe(false);
  await openTestStore(childCatalog, { directory }).close();
});

test('another process is named; once it is killed, its lock counts for nothing', async () => {
  const directory = makeDirectory();
  const script = fileURLToPath(new URL('../../support/store-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, directory, currentBootId()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  expect(() => openTestStore(childCatalog, { directory })).toThrow(`in use by process ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(existsSync(lockOf(directory))).toBe(true);
  await openTestStore(childCatalog, { directory }).close();
  expect(readdirSync(directory).filter((name) => name.startsWith('writer'))).toEqual([]);
});

test('the pid of a killed holder that another process has now does not hold the lock', () => {
  const directory = makeDirectory();
  const first = lockDirectory(directory, 'boot');
  const holder = JSON.parse(readFileSync(lockOf(directory), 'utf8')) as Record<string, unknown>;
  first.release();
  writeFileSync(lockOf(directory), JSON.stringify({ ...holder, started: '1' }));
  const second = lockDirectory(directory, 'boot');
  expect(second.powerLost).toBe(false);
  second.release();
});

test.skipIf(process.platform !== 'linux')(
  'nor does one that was killed and whose parent has not asked for it',
  async () => {
    const directory = makeDirectory();
    // A shell that becomes a program which waits for no child.
    const parent = spawn('sh', ['-c', 'sleep 100 & echo $!; exec sleep 100']);
    const pid = Number(String(((await once(parent.stdout, 'data')) as [Buffer])[0]));
    try {
      const lock = lockDirectory(directory, 'boot');
      const holder = JSON.parse(readFileSync(lockOf(directory), 'utf8')) as Record<string, unknown>;
      lock.release();
      const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      writeFileSync(lockOf(directory), JSON.stringify({ ...holder, pid, started: stat()[19] }));
      expect(() => lockDirectory(directory, 'boot')).toThrow(`in use by process ${pid}`);
      process.kill(pid, 'SIGKILL');
      while (stat()[0] !== 'Z') await new Promise((resolve) => setImmediate(resolve));
      lockDirectory(directory, 'boot').release();
    } finally {
      parent.kill('SIGKILL');
    }
  },
);

test('a holder in another container counts as alive as long as it touches the lock', () => {
  const directory = makeDirectory();
  writeFileSync(lockOf(directory), JSON.stringify({ pid: 1, bootId: 'boot', started: '1', namespace: 'pid:[1]' }));
  expect(() => lockDirectory(directory, 'boot')).toThrow('in use by process 1');
  const silent = new Date(Date.now() - 60_000);
  utimesSync(lockOf(directory), silent, silent);
  lockDirectory(directory, 'boot').release();
});

test('a lock of an earlier boot, or one that cannot be read, tells of a loss of power', () => {
  const directory = makeDirectory();
  for (const text of [JSON.stringify({ pid: process.pid, bootId: 'earlier' }), '', '{"pid":']) {
    writeFileSync(lockOf(directory), text);
    const lock = lockDirectory(directory, 'boot');
    expect(lock.powerLost).toBe(true);
    lock.release();
  }
});

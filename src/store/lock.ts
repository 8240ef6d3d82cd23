import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { SetupError } from '../common/errors.ts';
import { syncDirectory } from './checkpoint-file.ts';

/**
 * One writer a directory. The lock is a file that says which process holds it; a killed process leaves it behind, and whoever
 * comes next sees that its holder is gone. The boot id in it tells, besides, whether power was lost meanwhile.
 */
export interface DirectoryLock {
  /** True where the last holder did not close, and the machine has been started since: what it did not flush may be lost. */
  readonly powerLost: boolean;
  /** After everything is on disk. */
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly bootId: string;
  /** When the process started, in ticks since boot: a pid is given out again. Absent where the system does not say. */
  readonly started?: string | undefined;
  /** A container counts pids of its own. */
  readonly namespace?: string | undefined;
}

const heartbeatMs = 2_000;
/** A holder in another container cannot be looked at; it counts as gone when it has not touched the lock for so long. */
const silentMs = 10_000;

/** Throws SetupError where another process, or this one, has the directory open for writing. */
export function lockDirectory(directory: string, bootId: string): DirectoryLock {
  refuseNetwork(directory);
  const path = join(directory, 'writer.lock');
  const me: Holder = { pid: process.pid, bootId, started: startedOf('self'), namespace: namespaceOf() };
  const text = JSON.stringify(me);
  const mine = join(directory, `writer.lock.${process.pid}.${Math.random().toString(36).slice(2)}`);
  writeSynced(mine, text);
  let leftover: Holder | undefined;
  try {
    for (let tries = 0; !tryLink(mine, path); tries += 1) {
      const seen = readText(path);
      if (seen === undefined) continue;
      const holder = parseHolder(seen);
      if (tries > 20 || (holder !== undefined && isHeld(holder, me, path))) throw inUse(directory, holder);
      if (moveAside(path, seen)) leftover ??= holder ?? { pid: 0, bootId: '' };
    }
  } finally {
    rmSync(mine, { force: true });
  }
  syncDirectory(directory);
  const heartbeat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // The directory was removed under us; whoever writes to it will hear of it.
    }
  }, heartbeatMs).unref();

  return {
    powerLost: leftover !== undefined && leftover.bootId !== bootId,
    release() {
      clearInterval(heartbeat);
      rmSync(path, { force: true });
    },
  };
}

/** Identifies the time since the machine was started. */
export function currentBootId(): string {
  const id = readText('/proc/sys/kernel/random/boot_id')?.trim();
  return id ?? `started-${Math.round((Date.now() / 1_000 - uptime()) / 60)}`;
}

function isHeld(holder: Holder, me: Holder, path: string): boolean {
  if (holder.bootId !== me.bootId) return false;
  if (holder.namespace !== me.namespace) return Date.now() - statSync(path).mtimeMs < silentMs;
  return isAlive(holder.pid) && !isZombie(holder.pid) && startedOf(holder.pid) === holder.started;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Killed, and its parent has not asked how it ended. While threads of it are left it may yet write. */
function isZombie(pid: number): boolean {
  try {
    return statOf(pid)?.[0] === 'Z' && readdirSync(`/proc/${pid}/task`).length <= 1;
  } catch {
    return false;
  }
}

/** Of two that find the same leftover, the slower must not take away the lock that the faster has made in its place. */
function moveAside(path: string, seen: string): boolean {
  const aside = `${path}.old.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return false;
  }
  const stale = readText(aside) === seen;
  if (!stale) tryLink(aside, path);
  rmSync(aside, { force: true });
  return stale;
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function inUse(directory: string, holder: Holder | undefined): SetupError {
  const by =
    holder === undefined ? 'another process' : holder.pid === process.pid ? 'this process' : `process ${holder.pid}`;
  const message =
    `${directory} is in use by ${by}: one Headgate writes to a data directory. ` +
    'Stop the other one, or give this one a directory of its own with --data.';
  return new SetupError([{ message }]);
}

function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder;
    return typeof holder.pid === 'number' && typeof holder.bootId === 'string' ? holder : undefined;
  } catch {
    return undefined;
  }
}

function startedOf(process: number | 'self'): string | undefined {
  return statOf(process)?.[19];
}

/** From the process's state on. */
function statOf(process: number | 'self'): readonly string[] | undefined {
  // The name of the program may hold blanks and parentheses; the fields are counted behind its last parenthesis.
  const stat = readText(`/proc/${process}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function namespaceOf(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'w');
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const networkFileSystems: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xfe534d42: 'SMB',
  0xff534d42: 'SMB',
  0x01021997: '9P',
};

/** LMDB maps its file into memory, which file systems of other machines do not keep consistent. */
function refuseNetwork(directory: string): void {
  const name = networkFileSystems[statfsSync(directory).type >>> 0];
  if (name === undefined) return;
  const message = `${directory} is on a network file system (${name}), which LMDB cannot use. Choose a local disk with --data.`;
  throw new SetupError([{ message }]);
}

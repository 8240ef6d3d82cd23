import { closeSync, fdatasync, fdatasyncSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rememberedBytes, writeCheckpoint } from './checkpoint-file.ts';
import { coverPages } from './lmdb-file.ts';
import type { Environment, ReadTransaction } from './environment.ts';

/**
 * The flushed cadence. A commit is visible at once and written to the file, but not waited for: a killed process loses nothing,
 * the kernel has it. A loss of power may leave any of the pages written since the last flush in any state, so there must be
 * one commit whose pages are all on disk and are not touched:
 *
 *   pin       a read transaction at commit N keeps LMDB from reusing any page of N
 *   remember  the file's first pages, which say where the pages of N are (LMDB overwrites them at every second commit)
 *   flush     fdatasync of the file: all pages of N are on disk
 *   record    the remembered pages go to `checkpoint` (written aside, synced, renamed); the pin before is let go
 *
 * After a loss of power `restoreCheckpoint` puts the first pages back: the file is as of N, byte for byte where it counts.
 */
export interface Checkpoint {
  /**
   * Told of every commit and how many entries it wrote. Flushes `flushIntervalMs` later at the latest, and at once after
   * `flushedWrites`. A load may write faster than disks do, and until the flush the file has both old and new pages: where as many
   * again have been written before that flush has ended, it is waited for.
   */
  committed(writes: number): void;
  /** Resolves once everything committed before the call is on disk. Rejects where the disk failed. */
  flush(): Promise<void>;
  /** The same at once; before the first write of a process and around changes that must not be lost. */
  flushNow(): void;
  /** Throws once a flush has failed: what the disk holds is unknown then, and a second try may claim success. */
  check(): void;
  /** Flushes, lets go of the pin; before the environment is closed. */
  close(): Promise<void>;
  /** The same at once, where opening fails. */
  closeNow(): void;
}

const flushIntervalMs = 1_000;
/** Each may have touched a page of its own: 200 MB at most, and as much again while they are flushed. */
const flushedWrites = 50_000;
/**
 * After so many commits the next flush begins, whatever the time. With a pin more than 300 commits old, lmdb reads its list of free
 * pages anew in every commit: after a large load that costs 5 ms each, against 0.05 ms.
 */
const maxUnflushedCommits = 200;

const fdatasyncLater = promisify(fdatasync);

interface Taken {
  readonly number: number;
  readonly pinned: ReadTransaction;
  readonly pages: Buffer;
}

export function createCheckpoint(env: Environment, directory: string): Checkpoint {
  const file = openSync(join(directory, 'data.mdb'), 'r+');
  let pin: ReadTransaction | undefined;
  let dirty = true;
  let unflushedWrites = 0;
  let unflushedCommits = 0;
  /** Checkpoints are numbered: an earlier one, still being flushed, must not replace a later one. */
  let taken = 0;
  let recorded = 0;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failure: unknown;

  function take(): Taken {
    const pinned = env.read();
    // So that a file that lacks pages can be told from one that lmdb had no page to write at the end of.
    coverPages(file);
    const pages = Buffer.alloc(rememberedBytes);
    const length = readSync(file, pages, 0, rememberedBytes, 0);
    dirty = false;
    unflushedWrites = 0;
    unflushedCommits = 0;
    return { number: (taken += 1), pinned, pages: pages.subarray(0, length) };
  }

  /** After the flush. Where it fails, for want of space, say, the checkpoint before stays good, and so does its pin. */
  function record({ number, pinned, pages }: Taken): void {
    if (number < recorded) {
      pinned.done();
      return;
    }
    try {
      writeCheckpoint(directory, pages);
    } catch (cause) {
      pinned.done();
      dirty = true;
      throw cause;
    }
    recorded = number;
    pin?.done();
    pin = pinned;
  }

  function fail({ pinned }: Taken, cause: unknown): never {
    pinned.done();
    failure = cause;
    throw cause;
  }

  async function run(): Promise<void> {
    const next = take();
    await fdatasyncLater(file).catch((cause: unknown) => fail(next, cause));
    record(next);
  }

  function flushNow(): void {
    const next = take();
    try {
      fdatasyncSync(file);
    } catch (cause) {
      fail(next, cause);
    }
    record(next);
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    // What is running may have begun before the caller's commit.
    const before = running ?? Promise.resolve();
    const next = before.catch(() => undefined).then(() => (dirty ? run() : undefined));
    const settled = next.finally(() => {
      if (running === settled) running = undefined;
    });
    running = settled;
    return settled;
  }

  /** Nobody waits: `check` tells the next writer. */
  function flushQuietly(): void {
    flush().catch(() => undefined);
  }

  function end(): void {
    clearTimeout(timer);
    pin?.done();
    closeSync(file);
  }

  function check(): void {
    if (failure === undefined) return;
    throw new Error(
      `The disk failed to take what was written to ${directory} (${String(failure)}). ` +
        'Nothing more is written. Look at the disk, then start again.',
      { cause: failure },
    );
  }

  return {
    committed(writes) {
      dirty = true;
      unflushedWrites += writes;
      unflushedCommits += 1;
      const due = unflushedWrites > flushedWrites || unflushedCommits >= maxUnflushedCommits;
      if (due && running === undefined) {
        flushQuietly();
        return;
      }
      if (unflushedWrites > flushedWrites) {
        try {
          flushNow();
          return;
        } catch {
          // The commit stands. Where the disk failed, the next write says so; where it is full, this is tried again.
        }
      }
      timer ??= setTimeout(flushQuietly, flushIntervalMs).unref();
    },
    async flush() {
      await flush();
      check();
    },
    flushNow,
    check,
    async close() {
      try {
        await flush();
      } finally {
        end();
      }
    },
    closeNow() {
      try {
        flushNow();
      } finally {
        end();
      }
    },
  };
}

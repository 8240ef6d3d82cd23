import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

// The file `checkpoint` in a data directory: magic, CRC-32 of the rest, the first bytes of `data.mdb` as of the checkpoint.

/** More than the two first pages of the largest page size; taking more is harmless, pages of a pinned commit do not change. */
export const rememberedBytes = 65_536;
const magic = 'headgate checkpoint 1\n';

/** Replaces the checkpoint; the one before stays until the new one is on disk. */
export function writeCheckpoint(directory: string, pages: Buffer): void {
  const aside = join(directory, 'checkpoint.new');
  const head = Buffer.alloc(magic.length + 4);
  head.write(magic);
  head.writeUInt32LE(crc32(pages), magic.length);
  const file = openSync(aside, 'w');
  try {
    writeSync(file, Buffer.concat([head, pages]));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(aside, join(directory, 'checkpoint'));
  syncDirectory(directory);
}

/**
 * Brings the directory back to its last checkpoint, after a loss of power and before LMDB opens it. Without a good checkpoint
 * nothing in it can be trusted, and the tables are filled from their topics anew.
 */
export function restoreCheckpoint(directory: string): void {
  const data = join(directory, 'data.mdb');
  const pages = readCheckpoint(directory);
  rmSync(join(directory, 'lock.mdb'), { force: true });
  if (pages === undefined || !existsSync(data)) {
    rmSync(data, { force: true });
    rmSync(join(directory, 'checkpoint'), { force: true });
    return;
  }
  const file = openSync(data, 'r+');
  try {
    writeSync(file, pages, 0, pages.length, 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The first bytes of `data.mdb` as of the last checkpoint; undefined where there is none that is intact. */
export function readCheckpoint(directory: string): Buffer | undefined {
  const path = join(directory, 'checkpoint');
  if (!existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  const pages = bytes.subarray(magic.length + 4);
  const intact =
    bytes.length > magic.length + 4 &&
    bytes.toString('latin1', 0, magic.length) === magic &&
    bytes.readUInt32LE(magic.length) === crc32(pages);
  return intact ? pages : undefined;
}

/** Makes a rename or a new file in the directory outlive a loss of power. */
export function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * What is wrong with an LMDB file; undefined where it may be opened, or is not there yet. lmdb ends or hangs the process over a
 * file that is none, or that is shorter than its own pages say, so that must be seen before.
 *
 *   page 0, page 1   header (16 bytes) | 24 magic | 28 version | 40 … | 48 page size | 144 last page | 152 transaction
 */
export function faultOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size === 0) return undefined;
    const first = readMeta(file, 0);
    if (first === undefined) return 'it is not a file of LMDB';
    const second = readMeta(file, first.pageBytes);
    if (second === undefined) return 'its second page is damaged';
    const newest = first.transaction > second.transaction ? first : second;
    return (newest.lastPage + 1) * newest.pageBytes > size ? 'its end is missing' : undefined;
  } finally {
    closeSync(file);
  }
}

interface Meta {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: number;
}

function readMeta(file: number, at: number): Meta | undefined {
  const bytes = Buffer.alloc(160);
  const length = readSync(file, bytes, 0, bytes.length, at);
  if (length < bytes.length || bytes.readUInt32LE(24) !== 0xbeefc0de) return undefined;
  const pageBytes = bytes.readUInt32LE(48);
  if (pageBytes < 512 || pageBytes > 65_536 || (pageBytes & (pageBytes - 1)) !== 0) return undefined;
  return {
    pageBytes,
    lastPage: Number(bytes.readBigUInt64LE(144)),
    transaction: Number(bytes.readBigUInt64LE(152)),
  };
}

import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

/**
 * What is wrong with an LMDB file; undefined where it may be opened, or is not there yet. lmdb ends or hangs the process over a
 * file that is none, or that lacks pages which it reads, so that must be seen before.
 *
 *   page 0, page 1   header (16 bytes) | 24 magic | 28 version | 40 … | 48 page size | 144 last page | 152 transaction
 *
 * A file may be shorter than its newest commit says: lmdb never writes a page at the end that a commit took and gave back. So it has
 * to have the pages of `flushed`, the first pages as of the last checkpoint, when it was made as long as they say; behind a
 * process that was killed it gets the rest, which nothing refers to.
 */
export function mendLength(path: string, flushed: Buffer | undefined): string | undefined {
  if (!existsSync(path)) return undefined;
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    if (size === 0) return undefined;
    const first = readPage(file, 0);
    const head = metaOf(first);
    if (head === undefined) return 'it is not a file of LMDB';
    if (metaOf(readPage(file, head.pageBytes)) === undefined) return 'its second page is damaged';
    const must = flushed === undefined ? undefined : lengthOf(flushed);
    if (must !== undefined && size < must) return 'its end is missing';
    coverPages(file);
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Makes the file as long as its newest commit says; the new pages are holes. */
export function coverPages(file: number): void {
  const pages = Buffer.alloc(2 * largestPage);
  const length = lengthOf(pages.subarray(0, readSync(file, pages, 0, pages.length, 0)));
  if (length !== undefined && fstatSync(file).size < length) ftruncateSync(file, length);
}

const largestPage = 65_536;
const metaBytes = 160;

interface Meta {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: number;
}

/** Of the newer of the two commits in a file's first pages. */
function lengthOf(pages: Buffer): number | undefined {
  const first = metaOf(pages);
  const second = first && metaOf(pages.subarray(first.pageBytes));
  if (first === undefined || second === undefined) return undefined;
  const newest = first.transaction > second.transaction ? first : second;
  return (newest.lastPage + 1) * newest.pageBytes;
}

function readPage(file: number, at: number): Buffer {
  const bytes = Buffer.alloc(metaBytes);
  return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, at));
}

function metaOf(bytes: Buffer): Meta | undefined {
  if (bytes.length < metaBytes || bytes.readUInt32LE(24) !== 0xbeefc0de) return undefined;
  const pageBytes = bytes.readUInt32LE(48);
  if (pageBytes < 512 || pageBytes > largestPage || (pageBytes & (pageBytes - 1)) !== 0) return undefined;
  return {
    pageBytes,
    lastPage: Number(bytes.readBigUInt64LE(144)),
    transaction: Number(bytes.readBigUInt64LE(152)),
  };
}

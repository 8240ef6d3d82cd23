import { statfsSync } from 'node:fs';
import { reasonOf } from '../common/errors.ts';

/** A commit touches at least a few pages; with less than this free, the disk counts as full. */
const tightBytes = 256 * 1024;

/**
 * What to tell a person where the store's directory could not be opened or written; the failure's own words where nothing
 * better is known. LMDB says "Input/output error" of a full disk, so the disk is asked.
 */
export function diskFailure(cause: unknown, directory: string): string {
  const reason = reasonOf(cause);
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT' || /no space left|disk quota/i.test(reason) || isFull(reason, directory)) {
    return `the disk of ${directory} is full (${reason}). Make room on it, or choose another directory with --data`;
  }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return `${directory} may not be written (${reason}). Let this user write there, or choose another directory with --data`;
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return `${directory} is no folder (${reason}). Choose another one with --data`;
  }
  return reason;
}

function isFull(reason: string, directory: string): boolean {
  if (!/input\/output/i.test(reason)) return false;
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize < tightBytes;
  } catch {
    return false;
  }
}

import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { diskFailure } from '../../../src/ingest/disk-failure.ts';

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code });

test.each([
  ['ENOSPC', 'ENOSPC: no space left on device, write', 'the disk of data is full'],
  ['EROFS', 'EROFS: read-only file system, open', 'data may not be written'],
  ['EACCES', 'EACCES: permission denied, open', 'data may not be written'],
  ['ENOTDIR', 'ENOTDIR: not a directory, mkdir', 'data is no folder'],
])('%s says what to do', (code, message, expected) => {
  const told = diskFailure(failure(code, message), 'data');
  expect(told).toContain(expected);
  expect(told).toContain(message);
  expect(told).toContain('--data');
});

test('a full disk is known by the words of LMDB, too', () => {
  expect(diskFailure(new Error('No space left on device'), 'data')).toContain('is full');
});

test('what is nothing of these is told as it is', () => {
  expect(diskFailure(new Error('Input/output error'), tmpdir())).toBe('Input/output error');
  expect(diskFailure('odd', 'data')).toBe('odd');
});

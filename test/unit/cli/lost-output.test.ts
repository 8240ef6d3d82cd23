import { expect, test } from 'vitest';
import { lostOutput } from '../../../src/cli/lost-output.ts';

test.each([
  ['EPIPE', 'print-schema', 0],
  ['EPIPE', 'tail', 0],
  ['EPIPE', 'dev', undefined],
  ['EPIPE', 'serve', undefined],
  ['ENOSPC', 'check', 1],
  ['ENOSPC', 'serve', undefined],
  ['ENOSPC', 'dev', undefined],
])('%s while %s runs', (code, command, expected) => {
  expect(lostOutput(Object.assign(new Error(code), { code }), command)).toBe(expected);
});

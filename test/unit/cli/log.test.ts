import { expect, test } from 'vitest';
import { createLog } from '../../../src/cli/log.ts';

test('an Error among the facts is printed with where it was thrown', () => {
  let text = '';
  const log = createLog('info', false, { out: (piece) => (text += piece) });
  log.error('it failed', { reason: new Error('a stored row is damaged'), table: 'Song' });
  const line = JSON.parse(text) as Record<string, unknown>;
  expect(line).toMatchObject({ msg: 'it failed', table: 'Song' });
  expect(line['reason']).toMatch(/^Error: a stored row is damaged\n +at /);
});

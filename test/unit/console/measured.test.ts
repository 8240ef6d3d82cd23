import { expect, test } from 'vitest';
import { badOf, measured, totalBad, totalBadOf } from '../../../src/console/measured.ts';
import { partition, songs } from '../../support/console-status.ts';

const bad = [
  { code: 'TYPE', count: '2' },
  { code: 'NULL', count: '3' },
];
const open = { ...songs, bad };
/** As `_meta` tells of a table that the caller may not read all of. */
const hiding = { ...songs, name: 'Order', rows: null, bad: [] };

test('bad records of a table that hides its rows are not said to be none', () => {
  expect(totalBad(songs)).toBe(0);
  expect(totalBad(open)).toBe(5);
  expect(totalBad(hiding)).toBeUndefined();
});

test('the total of all tables says how many of them it leaves out', () => {
  expect(totalBadOf([open, open])).toEqual({ count: 10, hidden: 0 });
  expect(totalBadOf([open, hiding])).toEqual({ count: 5, hidden: 1 });
  expect(totalBadOf([hiding])).toEqual({ count: 0, hidden: 1 });
});

test('what is hidden has no history: to whoever signs in and sees it, it is nothing new', () => {
  const told = (table: typeof open | typeof hiding) => measured({ ...status, tables: [table] });
  expect(told(open).get(badOf('Song'))).toBe(5);
  expect(told(hiding).has(badOf('Order'))).toBe(false);
});

const status = {
  version: '1',
  ready: true,
  connected: true,
  reason: null,
  now: '',
  startedAt: '',
  release: null,
  source: { kind: 'KAFKA', offsetUnit: 'RECORDS' },
  schemaMistakes: [],
  storeBytes: null,
  liveQueryCount: null,
  tables: [],
  topics: [partition],
} as const;

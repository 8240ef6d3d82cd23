import { describe, expect, test } from 'vitest';
import { createWindowWorld } from '../../support/window-world.ts';
import type { Hit } from '../../support/window-world.ts';

interface Case {
  readonly name: string;
  readonly window?: string;
  /** Minutes (and seconds) after ten o'clock; one commit each, and then all at once. */
  readonly hits: readonly Hit[];
  /** `start end who count` */
  readonly rows: readonly string[];
  readonly dropped?: readonly string[];
}

const fiveMinutes = 'sessionGap: "5m", timestamp: "at"';
const graceful = 'sessionGap: "5m", timestamp: "at", grace: "1m"';

/** `03:00` is three minutes past ten. */
function at(time: string): string {
  return `2026-01-01T10:${time}Z`;
}

const shapes: readonly Case[] = [
  {
    name: 'a single row is a session that ends when it starts',
    hits: [{ id: '1', at: at('00:00') }],
    rows: ['00:00 00:00 a 1'],
  },
  {
    name: 'rows of the same instant are one session',
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('00:00') },
    ],
    rows: ['00:00 00:00 a 2'],
  },
  {
    name: 'the gap itself still belongs to the session',
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('05:00') },
    ],
    rows: ['00:00 05:00 a 2'],
  },
  {
    name: 'a microsecond more does not',
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('05:00.000001') },
    ],
    rows: ['00:00 00:00 a 1', '05:00 05:00 a 1'],
  },
  {
    name: 'rows extend a session at its end, as often as they come',
    hits: ['00:00', '04:00', '08:00', '12:00'].map((time, i) => ({ id: `${i}`, at: at(time) })),
    rows: ['00:00 12:00 a 4'],
  },
  {
    name: 'an older row extends a session at its start',
    hits: [
      { id: '1', at: at('05:00') },
      { id: '2', at: at('00:00') },
    ],
    rows: ['00:00 05:00 a 2'],
  },
  {
    name: 'a row within a session changes nothing but what it counts',
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('05:00') },
      { id: '3', at: at('02:00') },
    ],
    rows: ['00:00 05:00 a 3'],
  },
  {
    name: 'a row between two sessions joins them',
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('10:00') },
      { id: '3', at: at('05:00') },
    ],
    rows: ['00:00 10:00 a 3'],
  },
  {
    name: 'a row that is near to one of two sessions joins that one alone',
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('10:00') },
      { id: '3', at: at('04:59') },
    ],
    rows: ['00:00 04:59 a 2', '10:00 10:00 a 1'],
  },
  {
    name: 'each group has sessions of its own',
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('01:00'), who: 'b' },
      { id: '3', at: at('02:00') },
    ],
    rows: ['00:00 02:00 a 2', '01:00 01:00 b 1'],
  },
  {
    name: 'a session runs over the end of a year',
    hits: [
      { id: '1', at: '2025-12-31T23:58:00Z' },
      { id: '2', at: '2026-01-01T00:01:00Z' },
    ],
    rows: ['2025-12-31T23:58:00.000Z 2026-01-01T00:01:00.000Z a 2'],
  },
  {
    name: 'a session runs over 1970',
    hits: [
      { id: '1', at: -60_000 },
      { id: '2', at: 60_000 },
      { id: '3', at: -300_001 },
    ],
    rows: ['1969-12-31T23:54:59.999Z 1970-01-01T00:01:00.000Z a 3'],
  },
];

const partings: readonly Case[] = [
  {
    name: 'a row that goes from the middle splits the session',
    hits: [{ id: '1', at: at('00:00') }, { id: '2', at: at('05:00') }, { id: '3', at: at('10:00') }, { id: '2' }],
    rows: ['00:00 00:00 a 1', '10:00 10:00 a 1'],
  },
  {
    name: 'it does not where the rest is near enough',
    hits: [{ id: '1', at: at('00:00') }, { id: '2', at: at('02:00') }, { id: '3', at: at('05:00') }, { id: '2' }],
    rows: ['00:00 05:00 a 2'],
  },
  {
    name: 'nor where another row has the same instant',
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('05:00') },
      { id: 'same', at: at('05:00') },
      { id: '3', at: at('10:00') },
      { id: '2' },
    ],
    rows: ['00:00 10:00 a 3'],
  },
  {
    name: 'a session begins later when its first row goes',
    hits: [{ id: '1', at: at('00:00') }, { id: '2', at: at('05:00') }, { id: '1' }],
    rows: ['05:00 05:00 a 1'],
  },
  {
    name: 'a session ends earlier when its last row goes',
    hits: [{ id: '1', at: at('00:00') }, { id: '2', at: at('05:00') }, { id: '2' }],
    rows: ['00:00 00:00 a 1'],
  },
  {
    name: 'a session whose only row goes is gone',
    hits: [{ id: '1', at: at('00:00') }, { id: '1' }],
    rows: [],
  },
  {
    name: 'a row that moves in time leaves one session and joins another',
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('20:00') },
      { id: '3', at: at('03:00') },
      { id: '3', at: at('18:00') },
    ],
    rows: ['00:00 00:00 a 1', '18:00 20:00 a 2'],
  },
  {
    name: 'a row that moves to another group splits one session and joins two',
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('05:00') },
      { id: '3', at: at('10:00') },
      { id: '4', at: at('00:00'), who: 'b' },
      { id: '5', at: at('10:00'), who: 'b' },
      { id: '2', at: at('05:00'), who: 'b' },
    ],
    rows: ['00:00 00:00 a 1', '00:00 10:00 b 3', '10:00 10:00 a 1'],
  },
];

const lateness: readonly Case[] = [
  {
    name: 'a row is in time until a gap and the grace have passed since it',
    window: graceful,
    hits: [
      { id: '1', at: at('05:59.999') },
      { id: '2', at: at('00:00') },
    ],
    rows: ['00:00 00:00 a 1', '05:59 05:59 a 1'],
  },
  {
    name: 'then it is late',
    window: graceful,
    hits: [
      { id: '1', at: at('06:00') },
      { id: '2', at: at('00:00') },
    ],
    rows: ['06:00 06:00 a 1'],
    dropped: ['LATE hits/0 at 1'],
  },
  {
    name: 'it is late even where an open session would reach to it',
    window: graceful,
    hits: [
      { id: '1', at: at('04:00') },
      { id: '2', at: at('08:00') },
      { id: '3', at: at('01:00') },
    ],
    rows: ['04:00 08:00 a 2'],
    dropped: ['LATE hits/0 at 2'],
  },
  {
    name: 'a row of another partition may be in time',
    window: graceful,
    hits: [
      { id: '1', at: at('00:00'), partition: 1 },
      { id: '2', at: at('30:00') },
      { id: '3', at: at('03:00'), partition: 1 },
    ],
    rows: ['00:00 03:00 a 2', '30:00 30:00 a 1'],
  },
  {
    name: 'a row of a closed session may be taken out, and split it',
    window: graceful,
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('05:00') },
      { id: '3', at: at('10:00') },
      { id: '4', at: at('59:00') },
      { id: '2' },
    ],
    rows: ['00:00 00:00 a 1 closed', '10:00 10:00 a 1 closed', '59:00 59:00 a 1'],
  },
  {
    name: 'a row of a closed session is corrected where it is',
    window: graceful,
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('59:00') },
      { id: '1', at: at('00:00'), who: 'b' },
    ],
    rows: ['00:00 00:00 b 1 closed', '59:00 59:00 a 1'],
  },
  {
    name: 'a row that moves to a time that is late is in no session',
    window: graceful,
    hits: [
      { id: '1', at: at('00:00') },
      { id: '2', at: at('59:00') },
      { id: '1', at: at('00:01') },
    ],
    rows: ['59:00 59:00 a 1'],
    dropped: ['LATE hits/0 at 2'],
  },
];

describe.each([
  ['shapes', shapes],
  ['rows that go', partings],
  ['lateness', lateness],
] as const)('sessions: %s', (_, cases) => {
  test.each(cases.map((each) => [each.name, each] as const))(
    '%s',
    async (__, { window = fiveMinutes, hits, rows, dropped = [] }) => {
      const short = (row: string) => row.replaceAll(/2026-01-01T10:(\d\d:\d\d)\.\d+Z/g, '$1');
      const oneByOne = await createWindowWorld(window);
      for (const hit of hits) await oneByOne.hit(hit);
      expect((await oneByOne.rows()).map(short)).toEqual(rows);
      expect(oneByOne.dropped()).toEqual(dropped);
      const atOnce = await createWindowWorld(window);
      await atOnce.hit(...hits);
      expect(await atOnce.rows()).toEqual(await oneByOne.rows());
      expect(atOnce.dropped()).toEqual(dropped);
      await Promise.all([oneByOne.close(), atOnce.close()]);
    },
  );
});

test('a session is closed once all that could join it is late: two gaps and the grace after its end', async () => {
  const world = await createWindowWorld(graceful);
  await world.hit({ id: '1', at: at('00:00') }, { id: '2', at: at('10:59.999') });
  expect((await world.rows())[0]).not.toContain('closed');
  await world.hit({ id: '3', at: at('11:00') });
  expect((await world.rows())[0]).toContain('a 1 closed');
  await world.close();
});

test('where sessions join, the change stream tells of the later one as deleted', async () => {
  const world = await createWindowWorld(fiveMinutes);
  await world.hit({ id: '1', at: at('00:00') }, { id: '2', at: at('10:00') });
  const stream = await world.gateway.subscribe(
    'subscription { countChanges { changes { operation changedFields previous { timestamp end hits } node { timestamp end hits } } } }',
  );
  stream.frames();
  await world.hit({ id: '3', at: at('05:00') });
  const zero = '2026-01-01T10:00:00.000Z';
  const ten = '2026-01-01T10:10:00.000Z';
  expect(stream.frames()[0]?.data).toEqual({
    countChanges: {
      changes: expect.arrayContaining([
        {
          operation: 'UPDATE',
          changedFields: expect.arrayContaining(['end', 'hits']) as unknown,
          previous: { timestamp: zero, end: zero, hits: 1 },
          node: { timestamp: zero, end: ten, hits: 3 },
        },
        { operation: 'DELETE', changedFields: [], previous: { timestamp: ten, end: ten, hits: 1 }, node: null },
      ]) as unknown,
    },
  });
  await world.close();
});

import { describe, expect, test } from 'vitest';
import { createWindowWorld } from '../../support/window-world.ts';
import type { Hit } from '../../support/window-world.ts';

interface Case {
  readonly name: string;
  readonly window?: string;
  readonly mode?: 'UPSERT' | 'APPEND';
  /** One commit each; then all at once, which must not matter. */
  readonly hits: readonly Hit[];
  readonly rows: readonly string[];
  readonly dropped?: readonly string[];
}

const tenMinutes = 'intervals: ["1h"], timestamp: "at", grace: "10m"';
const day = '2026-01-01T';

const grace: readonly Case[] = [
  {
    name: 'a millisecond before the grace is over a record is in time',
    hits: [
      { id: 'now', at: `${day}11:09:59.999Z` },
      { id: 'old', at: `${day}10:59:59.999Z` },
    ],
    rows: [`H1 ${day}10:00:00.000Z a 1`, `H1 ${day}11:00:00.000Z a 1`],
  },
  {
    name: 'at the millisecond at which it is over the record is late',
    hits: [
      { id: 'now', at: `${day}11:10:00Z` },
      { id: 'old', at: `${day}10:59:59.999Z` },
    ],
    rows: [`H1 ${day}11:00:00.000Z a 1`],
    dropped: ['LATE hits/0 at 1'],
  },
  {
    name: 'microseconds do not make it later: stream time is in milliseconds',
    hits: [
      { id: 'now', at: `${day}11:09:59.999999Z` },
      { id: 'old', at: `${day}10:00:00Z` },
    ],
    rows: [`H1 ${day}10:00:00.000Z a 1`, `H1 ${day}11:00:00.000Z a 1`],
  },
  {
    name: 'the first instant of a bucket is as late as its last: the end of the bucket decides',
    hits: [
      { id: 'now', at: `${day}11:10:00Z` },
      { id: 'old', at: `${day}10:00:00Z` },
    ],
    rows: [`H1 ${day}11:00:00.000Z a 1`],
    dropped: ['LATE hits/0 at 1'],
  },
  {
    name: 'the record that advances time is judged by what was before it',
    hits: [
      { id: 'first', at: `${day}10:00:00Z` },
      { id: 'next', at: `${day}23:00:00Z` },
    ],
    rows: [`H1 ${day}10:00:00.000Z a 1`, `H1 ${day}23:00:00.000Z a 1`],
  },
  {
    name: 'time does not go back: what was late stays late after an older record',
    hits: [
      { id: 'now', at: `${day}12:00:00Z` },
      { id: 'older', at: `${day}11:30:00Z` },
      { id: 'old', at: `${day}10:30:00Z` },
    ],
    rows: [`H1 ${day}11:00:00.000Z a 1`, `H1 ${day}12:00:00.000Z a 1`],
    dropped: ['LATE hits/0 at 2'],
  },
  {
    name: 'with a grace of nothing a bucket takes no record once it has ended',
    window: 'intervals: ["1h"], timestamp: "at", grace: "0s"',
    hits: [
      { id: 'last', at: `${day}10:59:59.999Z` },
      { id: 'before', at: `${day}10:00:00Z` },
      { id: 'now', at: `${day}11:00:00Z` },
      { id: 'old', at: `${day}10:59:59.999Z` },
    ],
    rows: [`H1 ${day}10:00:00.000Z a 2 closed`, `H1 ${day}11:00:00.000Z a 1`],
    dropped: ['LATE hits/0 at 3'],
  },
  {
    name: 'without grace no record is ever late',
    window: 'intervals: ["1h"], timestamp: "at"',
    hits: [
      { id: 'now', at: '2026-06-01T00:00:00Z' },
      { id: 'old', at: '1969-06-01T00:00:00Z' },
    ],
    rows: ['H1 1969-06-01T00:00:00.000Z a 1', 'H1 2026-06-01T00:00:00.000Z a 1'],
  },
  {
    name: 'before 1970 grace is counted the same way',
    hits: [
      { id: 'now', at: '1969-12-31T22:10:00Z' },
      { id: 'old', at: '1969-12-31T21:59:59.999999Z' },
      { id: 'same', at: '1969-12-31T22:00:00Z' },
    ],
    rows: ['H1 1969-12-31T22:00:00.000Z a 2'],
    dropped: ['LATE hits/0 at 1'],
  },
];

const perBucket: readonly Case[] = [
  {
    name: 'a record is late for its hour and in time for its day',
    window: 'intervals: ["1h", "1d"], timestamp: "at", grace: "10m"',
    hits: [
      { id: 'now', at: `${day}12:00:00Z` },
      { id: 'old', at: `${day}10:30:00Z` },
    ],
    rows: [`H1 ${day}12:00:00.000Z a 1`, `D1 ${day}00:00:00.000Z a 2`],
    dropped: ['LATE hits/0 at 1'],
  },
  {
    name: 'a record is late for the earlier of its overlapping buckets alone',
    window: 'intervals: ["1h"], hop: "20m", timestamp: "at", grace: "10m"',
    hits: [
      { id: 'now', at: `${day}11:15:00Z` },
      { id: 'old', at: `${day}10:30:00Z` },
    ],
    rows: [`H1 ${day}10:20:00.000Z a 2`, `H1 ${day}10:40:00.000Z a 1`, `H1 ${day}11:00:00.000Z a 1`],
    dropped: ['LATE hits/0 at 1'],
  },
];

const perPartition: readonly Case[] = [
  {
    name: 'a record is judged by its own partition, however far the others are',
    hits: [
      { id: 'slow', at: `${day}10:00:00Z`, partition: 1 },
      { id: 'fast', at: `${day}20:00:00Z`, partition: 0 },
      { id: 'slow too', at: `${day}09:55:00Z`, partition: 1 },
    ],
    rows: [`H1 ${day}09:00:00.000Z a 1`, `H1 ${day}10:00:00.000Z a 1`, `H1 ${day}20:00:00.000Z a 1`],
  },
  {
    name: 'a slow partition does not make records of a fast one be in time',
    hits: [
      { id: 'slow', at: `${day}10:00:00Z`, partition: 1 },
      { id: 'fast', at: `${day}20:00:00Z`, partition: 0 },
      { id: 'old', at: `${day}10:00:00Z`, partition: 0 },
    ],
    rows: [`H1 ${day}10:00:00.000Z a 1`, `H1 ${day}20:00:00.000Z a 1`],
    dropped: ['LATE hits/0 at 1'],
  },
];

const far: readonly Case[] = [
  {
    name: 'an event time more than a day ahead of its record counts, and does not advance time',
    hits: [
      { id: 'ahead', at: '2026-01-02T10:00:00.001Z', sent: `${day}10:00:00Z` },
      { id: 'now', at: `${day}10:00:00Z` },
    ],
    rows: [`H1 ${day}10:00:00.000Z a 1`, 'H1 2026-01-02T10:00:00.000Z a 1'],
  },
  {
    name: 'just a day ahead does advance it',
    hits: [
      { id: 'ahead', at: '2026-01-02T10:00:00Z', sent: `${day}10:00:00Z` },
      { id: 'now', at: `${day}10:00:00Z` },
    ],
    rows: ['H1 2026-01-02T10:00:00.000Z a 1'],
    dropped: ['LATE hits/0 at 1'],
  },
  {
    name: 'records that are sent long after the event are judged by the event',
    hits: [
      { id: 'one', at: `${day}10:00:00Z`, sent: '2026-03-01T00:00:00Z' },
      { id: 'two', at: `${day}09:55:00Z`, sent: '2026-03-01T00:00:00Z' },
    ],
    rows: [`H1 ${day}09:00:00.000Z a 1`, `H1 ${day}10:00:00.000Z a 1`],
  },
];

const corrections: readonly Case[] = [
  {
    name: 'a row of a closed bucket is corrected within it',
    hits: [
      { id: 'row', at: `${day}10:00:00Z` },
      { id: 'now', at: `${day}20:00:00Z` },
      { id: 'row', at: `${day}10:30:00Z`, who: 'b' },
    ],
    rows: [`H1 ${day}10:00:00.000Z b 1 closed`, `H1 ${day}20:00:00.000Z a 1`],
  },
  {
    name: 'a row of a closed bucket is deleted from it',
    hits: [
      { id: 'row', at: `${day}10:00:00Z` },
      { id: 'stays', at: `${day}10:00:01Z` },
      { id: 'now', at: `${day}20:00:00Z` },
      { id: 'row' },
    ],
    rows: [`H1 ${day}10:00:00.000Z a 1 closed`, `H1 ${day}20:00:00.000Z a 1`],
  },
  {
    name: 'a row may leave a closed bucket for an open one',
    hits: [
      { id: 'row', at: `${day}10:00:00Z` },
      { id: 'now', at: `${day}20:00:00Z` },
      { id: 'row', at: `${day}20:30:00Z` },
    ],
    rows: [`H1 ${day}20:00:00.000Z a 2`],
  },
  {
    name: 'a row cannot move into a closed bucket: it is in none then',
    hits: [
      { id: 'row', at: `${day}20:00:00Z` },
      { id: 'row', at: `${day}10:00:00Z` },
      { id: 'now', at: `${day}20:30:00Z` },
    ],
    rows: [`H1 ${day}20:00:00.000Z a 1`],
    dropped: ['LATE hits/0 at 1'],
  },
  {
    name: 'a row that came late may be moved to an open bucket',
    hits: [
      { id: 'now', at: `${day}20:00:00Z` },
      { id: 'row', at: `${day}10:00:00Z` },
      { id: 'row', at: `${day}20:30:00Z` },
    ],
    rows: [`H1 ${day}20:00:00.000Z a 2`],
    dropped: ['LATE hits/0 at 1'],
  },
  {
    name: 'a row that came late stays out when it is corrected, and is told of again',
    hits: [
      { id: 'now', at: `${day}20:00:00Z` },
      { id: 'row', at: `${day}10:00:00Z` },
      { id: 'row', at: `${day}10:00:00Z`, who: 'b' },
    ],
    rows: [`H1 ${day}20:00:00.000Z a 1`],
    dropped: ['LATE hits/0 at 1', 'LATE hits/0 at 2'],
  },
  {
    name: 'deleting a row that came late takes nothing out',
    hits: [
      { id: 'in time', at: `${day}10:00:00Z` },
      { id: 'now', at: `${day}20:00:00Z` },
      { id: 'row', at: `${day}10:00:00Z` },
      { id: 'row' },
    ],
    rows: [`H1 ${day}10:00:00.000Z a 1 closed`, `H1 ${day}20:00:00.000Z a 1`],
    dropped: ['LATE hits/0 at 2'],
  },
  {
    name: 'a row that was deleted from a closed bucket cannot come back to it',
    hits: [
      { id: 'row', at: `${day}10:00:00Z` },
      { id: 'now', at: `${day}20:00:00Z` },
      { id: 'row' },
      { id: 'row', at: `${day}10:00:00Z` },
    ],
    rows: [`H1 ${day}20:00:00.000Z a 1`],
    dropped: ['LATE hits/0 at 3'],
  },
];

describe.each([
  ['grace', grace],
  ['one bucket and another', perBucket],
  ['partitions', perPartition],
  ['event time and record time', far],
  ['corrections', corrections],
] as const)('lateness: %s', (_, cases) => {
  test.each(cases.map((each) => [each.name, each] as const))(
    '%s',
    async (__, { window = tenMinutes, mode, hits, rows, dropped = [] }) => {
      const closedOrNot = (each: readonly string[]) => each.map((row) => row.replace(' closed', ''));
      const oneByOne = await createWindowWorld(window, mode);
      for (const hit of hits) await oneByOne.hit(hit);
      const told = await oneByOne.rows();
      expect(closedOrNot(told)).toEqual(closedOrNot(rows));
      expect(oneByOne.dropped()).toEqual(dropped);
      for (const row of rows.filter((each) => each.endsWith(' closed'))) expect(told).toContain(row);
      const atOnce = await createWindowWorld(window, mode);
      await atOnce.hit(...hits);
      expect(await atOnce.rows()).toEqual(told);
      expect(atOnce.dropped()).toEqual(dropped);
      await Promise.all([oneByOne.close(), atOnce.close()]);
    },
  );
});

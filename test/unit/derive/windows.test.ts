import { describe, expect, test } from 'vitest';
import { createWindowWorld } from '../../support/window-world.ts';

/** Hits at these instants, in this order and one commit each, are counted in these buckets. */
interface Case {
  readonly name: string;
  readonly window: string;
  readonly at: readonly (string | number)[];
  /** `interval start who count` */
  readonly rows: readonly string[];
}

const hour = 'intervals: ["1h"], timestamp: "at"';
const day = 'intervals: ["1d"], timestamp: "at"';

const boundaries: readonly Case[] = [
  {
    name: 'the start of a bucket is in it',
    window: hour,
    at: ['2026-01-01T10:00:00Z'],
    rows: ['H1 2026-01-01T10:00:00.000Z a 1'],
  },
  {
    name: 'the last microsecond before the end is in it, the end is in the next one',
    window: hour,
    at: ['2026-01-01T10:59:59.999999Z', '2026-01-01T11:00:00Z'],
    rows: ['H1 2026-01-01T10:00:00.000Z a 1', 'H1 2026-01-01T11:00:00.000Z a 1'],
  },
  {
    name: 'buckets that nothing happened in do not exist',
    window: hour,
    at: ['2026-01-01T10:30:00Z', '2026-01-01T20:30:00Z'],
    rows: ['H1 2026-01-01T10:00:00.000Z a 1', 'H1 2026-01-01T20:00:00.000Z a 1'],
  },
  {
    name: 'instants with an offset are bucketed in UTC',
    window: day,
    at: ['2026-01-01T23:30:00-05:00', '2026-01-02T01:30:00+05:30'],
    rows: ['D1 2026-01-01T00:00:00.000Z a 1', 'D1 2026-01-02T00:00:00.000Z a 1'],
  },
  {
    name: 'buckets are aligned to 1970-01-01T00:00Z, whatever their size: weeks begin on a Thursday',
    window: 'intervals: ["7d"], timestamp: "at"',
    at: ['2026-01-07T23:59:59Z', '2026-01-08T00:00:00Z'],
    rows: ['D7 2026-01-01T00:00:00.000Z a 1', 'D7 2026-01-08T00:00:00.000Z a 1'],
  },
  {
    name: 'a size that does not divide the day runs on over midnight',
    window: 'intervals: ["7h"], timestamp: "at"',
    at: ['1970-01-01T21:00:00Z', '1970-01-02T03:59:59Z', '1970-01-02T04:00:00Z'],
    rows: ['H7 1970-01-01T21:00:00.000Z a 2', 'H7 1970-01-02T04:00:00.000Z a 1'],
  },
];

const granularities: readonly Case[] = [
  {
    name: 'an instant is in one bucket of every interval',
    window: 'intervals: ["15m", "1h", "1d"], timestamp: "at"',
    at: ['2026-01-01T10:14:59Z', '2026-01-01T10:15:00Z', '2026-01-01T11:00:00Z'],
    rows: [
      'M15 2026-01-01T10:00:00.000Z a 1',
      'M15 2026-01-01T10:15:00.000Z a 1',
      'M15 2026-01-01T11:00:00.000Z a 1',
      'H1 2026-01-01T10:00:00.000Z a 2',
      'H1 2026-01-01T11:00:00.000Z a 1',
      'D1 2026-01-01T00:00:00.000Z a 3',
    ],
  },
  {
    name: 'rows are in the order in which the intervals are declared',
    window: 'intervals: ["1d", "30s"], timestamp: "at"',
    at: ['2026-01-01T10:00:31Z'],
    rows: ['D1 2026-01-01T00:00:00.000Z a 1', 'S30 2026-01-01T10:00:30.000Z a 1'],
  },
  {
    name: 'equal lengths written otherwise are intervals of their own',
    window: 'intervals: ["60m", "24h"], timestamp: "at"',
    at: ['2026-01-01T10:30:00Z'],
    rows: ['M60 2026-01-01T10:00:00.000Z a 1', 'H24 2026-01-01T00:00:00.000Z a 1'],
  },
];

const hopping: readonly Case[] = [
  {
    name: 'an instant is in size ÷ hop buckets, each holding its start and not its end',
    window: 'intervals: ["1h"], hop: "20m", timestamp: "at"',
    at: ['2026-01-01T10:00:00Z'],
    rows: ['H1 2026-01-01T09:20:00.000Z a 1', 'H1 2026-01-01T09:40:00.000Z a 1', 'H1 2026-01-01T10:00:00.000Z a 1'],
  },
  {
    name: 'just before a hop begins the earlier buckets still hold it',
    window: 'intervals: ["1h"], hop: "20m", timestamp: "at"',
    at: ['2026-01-01T10:19:59.999999Z'],
    rows: ['H1 2026-01-01T09:20:00.000Z a 1', 'H1 2026-01-01T09:40:00.000Z a 1', 'H1 2026-01-01T10:00:00.000Z a 1'],
  },
  {
    name: 'a hop as long as the interval is no hop',
    window: 'intervals: ["1h"], hop: "1h", timestamp: "at"',
    at: ['2026-01-01T10:00:00Z'],
    rows: ['H1 2026-01-01T10:00:00.000Z a 1'],
  },
  {
    name: 'a hop that divides several intervals hops in each of them',
    window: 'intervals: ["10m", "20m"], hop: "10m", timestamp: "at"',
    at: ['2026-01-01T10:05:00Z', '2026-01-01T10:15:00Z'],
    rows: [
      'M10 2026-01-01T10:00:00.000Z a 1',
      'M10 2026-01-01T10:10:00.000Z a 1',
      'M20 2026-01-01T09:50:00.000Z a 1',
      'M20 2026-01-01T10:00:00.000Z a 2',
      'M20 2026-01-01T10:10:00.000Z a 1',
    ],
  },
  {
    name: 'buckets overlap across 1970 as they do elsewhere',
    window: 'intervals: ["2h"], hop: "1h", timestamp: "at"',
    at: [0],
    rows: ['H2 1969-12-31T23:00:00.000Z a 1', 'H2 1970-01-01T00:00:00.000Z a 1'],
  },
];

const calendar: readonly Case[] = [
  {
    name: 'a microsecond before 1970 is in the last bucket of 1969',
    window: hour,
    at: ['1969-12-31T23:59:59.999999Z', 0],
    rows: ['H1 1969-12-31T23:00:00.000Z a 1', 'H1 1970-01-01T00:00:00.000Z a 1'],
  },
  {
    name: 'negative milliseconds count backwards from 1970, and the start of a bucket is in it there too',
    window: hour,
    at: [-1, -3_600_000, -3_600_001],
    rows: ['H1 1969-12-31T22:00:00.000Z a 1', 'H1 1969-12-31T23:00:00.000Z a 2'],
  },
  {
    name: 'the year ends at midnight UTC',
    window: day,
    at: ['2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00Z'],
    rows: ['D1 2025-12-31T00:00:00.000Z a 1', 'D1 2026-01-01T00:00:00.000Z a 1'],
  },
  {
    name: 'a leap day is a day of its own',
    window: day,
    at: ['2024-02-28T23:59:59Z', '2024-02-29T12:00:00Z', '2024-03-01T00:00:00Z'],
    rows: ['D1 2024-02-28T00:00:00.000Z a 1', 'D1 2024-02-29T00:00:00.000Z a 1', 'D1 2024-03-01T00:00:00.000Z a 1'],
  },
  {
    name: '1900 and 2100 have no leap day, 2000 has',
    window: day,
    at: ['1900-02-28T23:00:00Z', '1900-03-01T00:00:00Z', '2000-02-29T00:00:00Z', '2100-03-01T00:00:00Z'],
    rows: [
      'D1 1900-02-28T00:00:00.000Z a 1',
      'D1 1900-03-01T00:00:00.000Z a 1',
      'D1 2000-02-29T00:00:00.000Z a 1',
      'D1 2100-03-01T00:00:00.000Z a 1',
    ],
  },
  {
    name: 'a day with a leap second is as long as any: the second after it begins the next day',
    window: day,
    at: ['2016-12-31T23:59:59Z', '2017-01-01T00:00:00Z', '2017-01-01T23:59:59Z'],
    rows: ['D1 2016-12-31T00:00:00.000Z a 1', 'D1 2017-01-01T00:00:00.000Z a 2'],
  },
  {
    name: 'a leap second is the first second of the next day',
    window: day,
    at: ['2016-12-31T23:59:60Z'],
    rows: ['D1 2017-01-01T00:00:00.000Z a 1'],
  },
  {
    name: 'when clocks go forward somewhere, days in UTC keep their length',
    window: day,
    at: ['2026-03-29T00:00:00Z', '2026-03-29T23:59:59Z', '2026-03-30T00:00:00+02:00'],
    rows: ['D1 2026-03-29T00:00:00.000Z a 3'],
  },
];

describe.each([
  ['boundaries', boundaries],
  ['several granularities', granularities],
  ['hopping', hopping],
  ['the calendar', calendar],
] as const)('windows: %s', (_, cases) => {
  test.each(cases.map((each) => [each.name, each] as const))('%s', async (__, { window, at, rows }) => {
    const world = await createWindowWorld(window);
    try {
      for (const [i, instant] of at.entries()) await world.hit({ id: `h${i}`, at: instant });
      expect(await world.rows()).toEqual(rows);
      expect(world.dropped()).toEqual([]);
      // Whatever order they come in, and in one commit.
      const again = await createWindowWorld(window);
      await again.hit(...at.toReversed().map((instant, i) => ({ id: `h${i}`, at: instant })));
      expect(await again.rows()).toEqual(rows);
      await again.close();
    } finally {
      await world.close();
    }
  });
});

describe('without `timestamp`', () => {
  test('the bucket is that of the time of the record', async () => {
    const world = await createWindowWorld('intervals: ["1h"]');
    await world.hit({ id: 'h1', at: '2026-01-01T10:30:00Z', sent: '2026-01-01T12:00:00Z' });
    expect(await world.rows()).toEqual(['H1 2026-01-01T12:00:00.000Z a 1']);
    await world.close();
  });

  test('a later record of the row moves it to its own bucket', async () => {
    const world = await createWindowWorld('intervals: ["1h"]');
    await world.hit({ id: 'h1', at: 0, sent: '2026-01-01T12:00:00Z' });
    await world.hit({ id: 'h1', at: 0, sent: '2026-01-01T13:00:00Z' });
    expect(await world.rows()).toEqual(['H1 2026-01-01T13:00:00.000Z a 1']);
    await world.close();
  });

  test('grace goes by the time of the record', async () => {
    const world = await createWindowWorld('intervals: ["1h"], grace: "1ms"', 'APPEND');
    await world.hit(
      { id: '', at: 0, sent: '2026-01-01T12:00:00.001Z' },
      { id: '', at: 0, sent: '2026-01-01T11:59:59.999Z' },
    );
    expect(await world.rows()).toEqual(['H1 2026-01-01T12:00:00.000Z a 1']);
    expect(world.dropped()).toEqual(['LATE hits/0 at 1']);
    await world.close();
  });
});

import { describe, expect, test } from 'vitest';
import type { GatewayStatus, TableStatus, TopicStatus } from '../../../src/console/documents.ts';
import { History } from '../../../src/console/history.ts';
import { measured } from '../../../src/console/measured.ts';
import { problemsOf } from '../../../src/console/problems.ts';
import { partition, songs } from '../../support/console-status.ts';

const start = Date.UTC(2026, 0, 1);

const well: GatewayStatus = {
  version: '1',
  ready: true,
  connected: true,
  reason: null,
  now: new Date(start).toISOString(),
  startedAt: new Date(start).toISOString(),
  release: null,
  source: { kind: 'KAFKA', offsetUnit: 'RECORDS' },
  schemaMistakes: [],
  storeBytes: null,
  liveQueryCount: null,
  tables: [songs],
  topics: [partition],
};

const withTopic = (next: number, end: number, table: Partial<TableStatus> = {}): GatewayStatus => ({
  ...well,
  tables: [{ ...songs, ...table }],
  topics: [{ ...partition, next: String(next), end: String(end), lag: String(end - next), caughtUp: next === end }],
});

/** What is wrong after these frames, a second each. */
function wrong(...frames: readonly GatewayStatus[]): readonly string[] {
  const history = new History();
  frames.forEach((frame, second) => history.add(start + second * 1_000, measured(frame)));
  return problemsOf(frames.at(-1) ?? well, history, start + (frames.length - 1) * 1_000).map(({ what }) => what);
}

const seconds = (count: number, frame: (second: number) => GatewayStatus) =>
  Array.from({ length: count }, (_, n) => frame(n));

describe('problems', () => {
  test('are none where all is well, nor while a table fills', () => {
    expect(wrong(well)).toEqual([]);
    expect(wrong(...seconds(90, (n) => withTopic(n * 100, 100_000, { phase: 'FILLING' })))).toEqual([]);
  });

  test('begin with what stands still', () => {
    const bad = { ...songs, name: 'Play', phase: 'HALTED' as const, reason: 'bad record' };
    expect(
      wrong({ ...well, connected: false, topics: [{ ...partition, missing: true }], tables: [songs, bad] }),
    ).toEqual([
      'The topics cannot be reached; tables answer from what they have',
      'Play has halted',
      'The topic songs is gone',
    ]);
  });

  test('tell of mistakes in the schema, each with its place', () => {
    const at = { file: 'schema/song.graphql', line: 2, column: 7 };
    const nowhere = { file: null, line: null, column: null };
    const schemaMistakes = [
      { ...at, message: 'There is no type Strng.' },
      { ...nowhere, message: 'There is no table.' },
    ];
    expect(problemsOf({ ...well, schemaMistakes }, new History(), start)).toMatchObject([
      {
        what: 'The schema has 2 mistakes',
        list: [
          { place: 'schema/song.graphql:2:7', text: 'There is no type Strng.' },
          { place: '', text: 'There is no table.' },
        ],
      },
    ]);
  });

  test('tell whether a topic has not appeared yet or is gone, and what tables have of it', () => {
    const why = (topic: Partial<TopicStatus>, ...tables: readonly Partial<TableStatus>[]) => {
      const all = tables.map((table) => ({ ...songs, ...table }));
      const names = all.map(({ name }) => name);
      const status = { ...well, tables: all, topics: [{ ...partition, missing: true, ...topic, tables: names }] };
      return problemsOf(status, new History(), start).map((problem) => `${problem.what}: ${problem.why}`);
    };
    const filling = { phase: 'FILLING', rows: '0' } as const;
    expect(why({ partition: null, next: null, end: null }, filling)).toEqual([
      'The topic songs does not exist: Song will fill when it appears.',
    ]);
    expect(why({ next: '50', lag: '50' }, { ...filling, rows: '61' })).toEqual([
      'The topic songs is gone: Song (61 rows) waits for it to come back, and answers from what it has.',
    ]);
    expect(why({}, { rows: '1' }, { name: 'Secret', rows: null }, { name: 'Passing', mode: 'STREAM' })).toEqual([
      'The topic songs is gone: Song (1 row), Secret, Passing wait for it to come back, and answer from what they have.',
    ]);
  });

  test('tell of a lag that grows for a minute, not of one that is gone in seconds', () => {
    expect(wrong(...seconds(90, (n) => withTopic(n * 100, n * 200 + 1)))).toEqual([
      'The lag of songs, partition 0 grows',
    ]);
    expect(wrong(...seconds(90, (n) => withTopic(n * 1_000, n * 1_000 + n + 1)))).toEqual([]);
  });

  test('tell where records wait and nothing is read, unless the table has said why', () => {
    const waiting = (table: Partial<TableStatus>) => seconds(20, () => withTopic(100, 101, table));
    expect(wrong(...waiting({}))).toEqual(['Nothing is read from songs, partition 0']);
    expect(wrong(...waiting({ phase: 'HALTED' }))).toEqual(['Song has halted']);
  });

  test('tell of bad records of the last minute, not of older ones', () => {
    const bad = (count: number) => withTopic(100, 100, { bad: [{ code: 'TYPE', count: String(count) }] });
    expect(wrong(...seconds(10, (n) => bad(n < 5 ? 3 : 4)))).toEqual(['Song gets bad records']);
    expect(wrong(...seconds(90, (n) => bad(n < 5 ? 3 : 4)))).toEqual([]);
  });
});

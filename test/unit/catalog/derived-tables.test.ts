import { describe, expect, test } from 'vitest';
import { isTopicTable } from '../../../src/catalog/catalog.ts';
import type { Table } from '../../../src/catalog/catalog.ts';
import { aggregateFunctions } from '../../../src/catalog/derivation.ts';
import type { ViewDefinition } from '../../../src/catalog/derivation.ts';
import { language } from '../../../src/config/language.ts';
import type { ColumnReader } from '../../../src/model/predicate.ts';
import { aggregationOf, catalogOf, charts, columnOf, names, rowOf, tableOf } from './derived-parts.ts';

describe('derived tables', () => {
  const catalog = catalogOf(charts);

  test('stand after all that they are derived from', () => {
    expect(names(catalog.tables)).toEqual([
      'Song',
      'Artist',
      'Play',
      'TopSong',
      'SongStats',
      'Session',
      'Total',
      'SongStats$inputs',
    ]);
    expect(names(catalog.topicTables)).toEqual(['Song', 'Artist', 'Play']);
    expect(names(catalog.derivedTables)).toEqual(['SongStats$inputs', 'SongStats', 'TopSong', 'Session', 'Total']);
  });

  test('say what topics they are made from, each once', () => {
    const bases = Object.fromEntries(catalog.tables.map((table) => [table.name, names(table.bases)]));
    expect(bases).toEqual({
      Song: ['Song'],
      Artist: ['Artist'],
      Play: ['Play'],
      SongStats$inputs: ['Play', 'Song', 'Artist'],
      SongStats: ['Play', 'Song', 'Artist'],
      TopSong: ['Play', 'Song', 'Artist'],
      Session: ['Play'],
      Total: ['Play'],
    });
    expect(catalog.tables.filter(isTopicTable).map(({ name }) => name)).toEqual(names(catalog.topicTables));
  });

  test('have their keys, generated columns and enums', () => {
    const stats = tableOf(catalog, 'SongStats');
    expect(names(stats.key)).toEqual(['interval', 'timestamp', 'songId', 'artist', 'city']);
    expect(names(stats.columns)).toEqual([
      'interval',
      'songId',
      'artist',
      'city',
      'timestamp',
      'plays',
      'listeners',
      'closed',
    ]);
    expect(columnOf(stats, 'interval')).toMatchObject({
      type: { kind: 'enum', name: 'SongStatsInterval', values: ['H1', 'D1'] },
      required: true,
    });
    expect(columnOf(stats, 'closed').description).toMatch(/^True once no record/);
    expect(catalog.enums).toEqual([
      {
        name: 'SongStatsInterval',
        description: 'Sizes of the buckets of SongStats.',
        values: [
          { name: 'H1', description: 'Buckets of 1 hour, one every 30 minutes.' },
          { name: 'D1', description: 'Buckets of 1 day, one every 30 minutes.' },
        ],
      },
    ]);
    expect(names(tableOf(catalog, 'Session').key)).toEqual(['userId', 'timestamp']);
    expect(names(tableOf(catalog, 'Session').columns)).toEqual(['timestamp', 'userId', 'longest', 'end', 'closed']);
    expect(names(tableOf(catalog, 'TopSong').key)).toEqual(['interval', 'hour', 'songId', 'artist', 'city']);
  });

  test('have names, retention and a sink as others have', () => {
    expect(tableOf(catalog, 'SongStats')).toMatchObject({
      description: 'Plays per song and hour or day.',
      singular: 'songStats',
      plural: 'songStatsList',
      syntheticId: true,
      kept: true,
      timed: true,
      retentionMs: 90 * 86_400_000,
      sink: { topic: 'stats' },
    });
    expect(tableOf(catalog, 'Session')).toMatchObject({ timed: false, retentionMs: undefined, sink: undefined });
  });

  test('have windows', () => {
    const { window } = aggregationOf(catalog, 'SongStats');
    expect(window).toMatchObject({
      intervals: [
        { name: 'H1', sizeMs: 3_600_000, advanceMs: 1_800_000 },
        { name: 'D1', sizeMs: 86_400_000, advanceMs: 1_800_000 },
      ],
      graceMs: 600_000,
    });
    const stats = tableOf(catalog, 'SongStats');
    expect(window?.columns.interval).toBe(columnOf(stats, 'interval'));
    expect(window?.columns.timestamp).toBe(columnOf(stats, 'timestamp'));
    expect(window?.columns.closed).toBe(columnOf(stats, 'closed'));
    const session = aggregationOf(catalog, 'Session');
    expect(session.window).toMatchObject({ intervals: [], sessionGapMs: 300_000, graceMs: undefined });
    expect(session.window?.columns.end).toBe(columnOf(tableOf(catalog, 'Session'), 'end'));
    expect(session.window?.columns.interval).toBeUndefined();
    expect(session.window?.recordTime).toBeUndefined();
    expect(aggregationOf(catalog, 'Total').window).toBeUndefined();
  });

  test('are judged by the records behind them', () => {
    const play = tableOf(catalog, 'Play');
    expect(aggregationOf(catalog, 'SongStats').window?.recordTime?.reads).toEqual([
      { relations: [], column: columnOf(play, 'playedAt'), fields: [] },
    ]);
    const through = catalogOf(`
      type T @table(topic: "t") { id: ID! meta: Meta! }
      type Meta { at: DateTime! }
      type V @view(source: "T") { id: ID! inside: Meta! @from(path: "meta") }
      type W @view(source: "V") { id: ID! inside: Meta! when: DateTime! @from(path: "inside.at") }
      type A @aggregation(source: "W", intervals: ["1h"], timestamp: "when", grace: "1m") {
        when: DateTime! timestamp: DateTime!
      }`);
    const { eventTime, window } = aggregationOf(through, 'A');
    expect(eventTime?.reads[0]?.column).toBe(columnOf(tableOf(through, 'W'), 'when'));
    expect(window?.recordTime?.reads).toEqual([
      { relations: [], column: columnOf(tableOf(through, 'T'), 'meta'), fields: ['at'] },
    ]);
    expect(window?.recordTime?.evaluate({ value: () => ({ at: 5n }) }, () => undefined)).toBe(5n);
  });
});

describe('views', () => {
  const catalog = catalogOf(`
    type S @table(topic: "s") { id: ID! a: Int n: Decimal }
    type T @table(topic: "t") { id: ID! sId: ID n: Int! s: S @relation(fields: ["sId"]) }
    type V @view(source: "T", where: { s: { a: { gt: 1 } }, n: { lt: 5 } }) {
      id: ID!
      a: Int @from(path: "s.a")
      big: BigInt! @from(path: "n")
      sum: Decimal @computed(expr: "n * s.n")
    }`);

  test('compute their columns over the source', () => {
    const [s, t, v] = ['S', 'T', 'V'].map((name) => tableOf(catalog, name)) as [Table, Table, Table];
    const row = rowOf(t, { id: 'x', n: 2 });
    const one = (): ColumnReader => rowOf(s, { a: 7, n: '1.5' });
    expect(v.columns.map(({ expression }) => expression?.evaluate(row, one))).toEqual(['x', 7, 2n, '3']);
    expect(v.columns.every(({ source }) => source.kind === 'derived')).toBe(true);
    expect(v.derivation).toMatchObject({ kind: 'view', source: 'T', inputs: false });
    const { where } = v.derivation as ViewDefinition;
    expect(where).toMatchObject({ kind: 'and', parts: [{ kind: 'related', relation: t.relations[0] }, { op: 'lt' }] });
  });

  test('of streams are not kept, and nor are views of these', () => {
    const streams = catalogOf(`
      type Click @table(topic: "c", mode: STREAM) { id: ID! @from(meta: COORDINATES) page: String! }
      type Home @view(source: "Click", where: { page: { eq: "/" } }) { id: ID! }
      type Again @view(source: "Home") @expose(changes: false) { id: ID! }
      type Pages @aggregation(source: "Click") { page: String! n: Int! @aggregate(fn: COUNT) }`);
    expect(
      streams.tables.map(({ name, kept, expose }) => [name, kept, expose.query, expose.live, expose.changes]),
    ).toEqual([
      ['Click', false, false, false, true],
      ['Home', false, false, false, true],
      ['Again', false, false, false, false],
      ['Pages', true, true, true, true],
    ]);
  });

  test('may be of tables that are hidden', () => {
    const hidden = catalogOf(`
      type T @table(topic: "t") @hidden { id: ID! a: Int @hidden }
      type V @view(source: "T") { id: ID! a: Int }`);
    expect(tableOf(hidden, 'V').hidden).toBe(false);
  });
});

test('computed columns of a topic are over its other columns', () => {
  const catalog = catalogOf(
    'type T @table(topic: "t") { id: ID! b: BigInt! @computed(expr: "a * 2 + c") a: Int! c: BigInt! @computed(expr: "a") }',
  );
  const table = tableOf(catalog, 'T');
  const b = columnOf(table, 'b');
  expect(b.source).toEqual({ kind: 'computed' });
  expect(b.expression?.evaluate(rowOf(table, { a: 3, c: 4n }), () => undefined)).toBe(10n);
});

test('every function has the results that its description allows', () => {
  expect(language.enums.get('AggregateFunction')).toEqual(aggregateFunctions);
  const catalog = catalogOf(`
    type T @table(topic: "t") {
      id: ID! i: Int! b: BigInt! d: Decimal! f: Float! s: String! n: Int at: DateTime! e: E! o: O! l: [Int!]! u: U @relation(fields: ["n"])
    }
    type U @table(topic: "u") { id: Int! name: String! }
    type O { a: Int }
    enum E { A B }
    type A @aggregation(source: "T") {
      s: String!
      c1: Int! @aggregate(fn: COUNT) c2: BigInt! @aggregate(fn: COUNT, arg: "n") c3: Int @aggregate(fn: COUNT_DISTINCT, arg: "e")
      s1: BigInt! @aggregate(fn: SUM, arg: "i") s2: Int! @aggregate(fn: SUM, arg: "b") s3: Decimal! @aggregate(fn: SUM, arg: "i")
      s4: Decimal! @aggregate(fn: SUM, arg: "d") s5: Float! @aggregate(fn: SUM, arg: "f") s6: BigInt @aggregate(fn: SUM, arg: "n")
      a1: Decimal! @aggregate(fn: AVG, arg: "i") a2: Float! @aggregate(fn: AVG, arg: "d") a3: Float! @aggregate(fn: AVG, arg: "f")
      m1: Int! @aggregate(fn: MIN, arg: "i") m2: E! @aggregate(fn: MAX, arg: "e") m3: DateTime! @aggregate(fn: MAX, arg: "at")
      f1: O! @aggregate(fn: FIRST, arg: "o") f2: [Int!]! @aggregate(fn: LAST, arg: "l") f3: String @aggregate(fn: LAST, arg: "u.name")
      t1: [Int!]! @aggregate(fn: TOP_K, arg: "n", n: 3) t2: [String!]! @aggregate(fn: TOP_K, arg: "u.name", by: "d", n: 3)
      l1: [O!]! @aggregate(fn: COLLECT_LIST, arg: "o") l2: [String!] @aggregate(fn: COLLECT_SET, arg: "s", n: 5)
      v1: Float @aggregate(fn: STDDEV, arg: "i") v2: Float @aggregate(fn: VARIANCE, arg: "d")
    }`);
  expect(aggregationOf(catalog, 'A').aggregates).toHaveLength(24);
});

describe('the fingerprint', () => {
  const base = `
    type S @table(topic: "s") { id: ID! a: Int b: Int }
    type T @table(topic: "t") { id: ID! sId: ID a: Int! b: Int! c: Int @computed(expr: "a + b") at: DateTime! s: S @relation(fields: ["sId"]) }
    type V @view(source: "T", where: { a: { gt: 1 } }) { id: ID! x: Int @from(path: "s.a") y: BigInt @computed(expr: "a * b") }
    type A @aggregation(source: "T", intervals: ["1h"], timestamp: "at", grace: "1m", where: { s: { a: { gt: 1 } } }) {
      a: Int! timestamp: DateTime! n: BigInt! @aggregate(fn: SUM, arg: "b")
      t: [Int!]! @aggregate(fn: TOP_K, arg: "b", by: "a", n: 3)
    }`;

  test.each([
    ['the expression of a topic', 'expr: "a + b"', 'expr: "a - b"'],
    ['the expression of a view', 'expr: "a * b"', 'expr: "b * a"'],
    ['a path', 'path: "s.a"', 'path: "s.b"'],
    ['the filter of a view', 'where: { a: { gt: 1 }', 'where: { a: { gt: 2 }'],
    ['the filter of an aggregation', 's: { a: { gt: 1 } }', 's: { a: { gt: 2 } }'],
    ['an interval', '["1h"]', '["2h"]'],
    ['a hop', '["1h"]', '["1h"], hop: "30m"'],
    ['a grace', 'grace: "1m"', 'grace: "2m"'],
    ['the time', ', timestamp: "at"', ''],
    ['a function', 'n: BigInt! @aggregate(fn: SUM', 'n: Int! @aggregate(fn: MAX'],
    ['an argument', 'SUM, arg: "b"', 'SUM, arg: "a"'],
    ['an order', 'by: "a"', 'by: "b"'],
    ['a number', 'n: 3', 'n: 4'],
  ])('changes with %s', (_what, from, to) => {
    const changed = base.replace(from, to);
    expect(changed).not.toBe(base);
    expect(catalogOf(changed).fingerprint).not.toBe(catalogOf(base).fingerprint);
  });

  test('stays with a description and a sink', () => {
    const changed = base.replace('n: BigInt!', '"Sum." n: BigInt!').replace('type V', '"V" type V');
    expect(catalogOf(changed.replace('{ id: ID! x:', '@sink(topic: "v") { id: ID! x:')).fingerprint).toBe(
      catalogOf(base).fingerprint,
    );
  });
});

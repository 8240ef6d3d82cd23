import { describe, expect, test } from 'vitest';
import type { Relation } from '../../../src/catalog/column.ts';
import type { Value } from '../../../src/model/value.ts';
import { aggregationOf, catalogOf, charts, columnOf, kindOf, names, rowOf, tableOf } from './derived-parts.ts';

describe('the inputs of an aggregation', () => {
  const catalog = catalogOf(charts);
  const inputs = tableOf(catalog, 'SongStats$inputs');
  const stats = tableOf(catalog, 'SongStats');
  const definition = aggregationOf(catalog, 'SongStats');

  test('are a hidden view of what it reads of the source', () => {
    expect(inputs).toMatchObject({ hidden: true, kept: true, timed: true });
    expect(inputs.retentionMs).toBeUndefined();
    expect(inputs.expose).toEqual({ query: false, live: false, changes: false });
    expect(inputs.derivation).toMatchObject({
      kind: 'view',
      source: 'Play',
      inputs: true,
      timedBy: { text: 'playedAt' },
    });
    expect(definition.source).toBe('SongStats$inputs');
    expect(names(inputs.key)).toEqual(['id']);
    expect(
      Object.fromEntries(inputs.columns.map(({ name, type, required }) => [name, [kindOf(type), required]])),
    ).toEqual({
      id: ['ID', true],
      songId: ['ID', true],
      'song.artist.name': ['String', false],
      'song.place': ['Place', false],
      userId: ['ID', true],
      playedAt: ['DateTime', true],
      msPlayed: ['Int', true],
      $where: ['Boolean', true],
    });
  });

  test('have relations of their own, and nothing else leads away', () => {
    const song = inputs.relationsByName.get('song');
    expect(song).toEqual(tableOf(catalog, 'Play').relationsByName.get('song'));
    expect(song).not.toBe(tableOf(catalog, 'Play').relationsByName.get('song'));
    const away = inputs.columns.filter(({ expression }) => expression?.reads.some(({ relations }) => relations.length));
    expect(names(away)).toEqual(['song.artist.name', 'song.place', '$where']);
    for (const { expression } of away) {
      for (const { relations } of expression?.reads ?? []) if (relations.length > 0) expect(relations[0]).toBe(song);
    }
    const reads = [
      ...definition.dimensions.map(({ expression }) => expression),
      ...definition.aggregates.map(({ arg }) => arg),
      definition.eventTime,
    ].flatMap((expression) => expression?.reads ?? []);
    expect(reads.every(({ relations, column }) => relations.length === 0 && inputs.columns.includes(column))).toBe(
      true,
    );
  });

  test('give the aggregation what it would have read of the source', () => {
    const row = rowOf(inputs, {
      songId: 's',
      'song.artist.name': 'Nina',
      'song.place': { city: 'Bern' },
      $where: true,
    });
    const values = definition.dimensions.map(({ expression }) => expression?.evaluate(row, () => undefined));
    expect(names(definition.dimensions)).toEqual(['songId', 'artist', 'city']);
    expect(values).toEqual(['s', 'Nina', 'Bern']);
    const lost = rowOf(inputs, { songId: 's', $where: false });
    expect(columnOf(stats, 'city').expression?.evaluate(lost, () => undefined)).toBe('nowhere');
    expect(definition.where).toMatchObject({ kind: 'compare', op: 'eq', operand: true });
  });

  test('say whether the filter holds', () => {
    const where = columnOf(inputs, '$where').expression;
    const song = tableOf(catalog, 'Song');
    const holds = (msPlayed: number, title: string | undefined): Value | undefined =>
      where?.evaluate(rowOf(inputs, { msPlayed, songId: 's' }), (_row, relation: Relation) => {
        expect(relation).toBe(inputs.relationsByName.get('song'));
        return title === undefined ? undefined : rowOf(song, { title });
      });
    expect([holds(30_000, 'a'), holds(1, 'a'), holds(30_000, 'x'), holds(30_000, undefined)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test('are not made where nothing leads through relations', () => {
    expect(aggregationOf(catalog, 'Session').source).toBe('Play');
    const own = catalogOf(`
      type T @table(topic: "t") { id: ID! n: Int }
      type A @aggregation(source: "T", where: { n: { gt: 1 } }) { n: Int m: BigInt @aggregate(fn: SUM, arg: "n") }`);
    expect(names(own.tables)).toEqual(['T', 'A']);
    expect(aggregationOf(own, 'A').where).toMatchObject({ op: 'gt', column: columnOf(tableOf(own, 'T'), 'n') });
  });
});

describe('implicit indexes', () => {
  test('find the rows that a changed related row concerns', () => {
    const catalog = catalogOf(charts);
    const indexes = Object.fromEntries(catalog.tables.map((table) => [table.name, names(table.indexes)]));
    expect(indexes).toEqual({
      Song: ['artistId'],
      Artist: [],
      Play: [],
      TopSong: [],
      SongStats: ['timestamp plays', 'songId'],
      Session: [],
      Total: [],
      SongStats$inputs: ['songId'],
    });
  });

  test.each([
    ['none where the key begins so', 'type T @table(topic: "t") @key(fields: "sId n") { sId: ID! n: Int!', []],
    [
      'none where an index begins so',
      'type T @table(topic: "t") @index(fields: "sId n") { id: ID! sId: ID n: Int',
      ['sId n'],
    ],
    [
      'one where it only ends so',
      'type T @table(topic: "t") @index(fields: "n sId") { id: ID! sId: ID n: Int',
      ['n sId', 'sId'],
    ],
    ['one for two paths', 'type T @table(topic: "t") { id: ID! sId: ID n: Int', ['sId']],
  ])('%s', (_what, table, indexes) => {
    const key = table.includes('@key') ? 'sId: ID! n: Int!' : 'id: ID!';
    const catalog = catalogOf(`
      type S @table(topic: "s") { id: ID! a: Int b: Int }
      ${table} s: S @relation(fields: ["sId"]) }
      type V @view(source: "T", where: { s: { b: { gt: 1 } } }) { ${key} a: Int @from(path: "s.a") }`);
    expect(names(tableOf(catalog, 'T').indexes)).toEqual(indexes);
  });

  test('have all columns of the relation, where a key has only some', () => {
    const catalog = catalogOf(`
      type S @table(topic: "s") @key(fields: "a b") { a: ID! b: ID! n: Int }
      type T @table(topic: "t") { id: ID! b: ID! s: S @relation(fields: ["id", "b"]) }
      type V @view(source: "T") { id: ID! n: Int @from(path: "s.n") }`);
    expect(names(tableOf(catalog, 'T').indexes)).toEqual(['id b']);
  });
});

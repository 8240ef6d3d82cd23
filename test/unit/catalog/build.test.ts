import { describe, expect, test } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build.ts';
import type { TopicTable } from '../../../src/catalog/catalog.ts';
import type { Column } from '../../../src/catalog/column.ts';
import { SetupError } from '../../../src/common/errors.ts';
import type { Predicate } from '../../../src/model/predicate.ts';
import { JsonText } from '../../../src/model/value.ts';

const charts = `
"A track in the catalogue."
type Song @table(topic: "songs") {
  id: ID!
  title: String! @index
  isrc: String @index(unique: true)
  genre: Genre!
  artistId: ID! @index
  artist: Artist @relation(fields: ["artistId"])
  plays: [Play!]! @relation(references: ["songId"])
  updatedAt: DateTime! @from(meta: TIMESTAMP)
}
type Play @table(topic: "plays", mode: APPEND, retention: "P7D") {
  id: ID! @from(meta: COORDINATES)
  songId: ID! @index
  userId: ID! @index
  playedAt: DateTime!
  msPlayed: Int!
  song: Song @relation(fields: ["songId"])
}
type Artist @table(topic: "artists") {
  id: ID!
  name: String!
}
enum Genre {
  ROCK
  "Soft"
  POP @deprecated(reason: "Use ROCK")
}
`;

describe('the charts', () => {
  const catalog = buildCatalog([{ file: 'charts.graphql', text: charts }]);
  const song = tableNamed(charts, 'Song');
  const play = tableNamed(charts, 'Play');

  test('has tables in order of declaration', () => {
    expect(catalog.tables.map((table) => table.name)).toEqual(['Song', 'Play', 'Artist']);
    expect([...catalog.tablesByName.keys()]).toEqual(['Song', 'Play', 'Artist']);
  });

  test('fills in defaults', () => {
    expect(song).toMatchObject({
      singular: 'song',
      plural: 'songs',
      mode: 'UPSERT',
      topic: 'songs',
      cluster: 'default',
      keyFormat: 'STRING',
      onBadRecord: 'SKIP',
      syntheticId: false,
      limit: { default: 50, max: 1_000 },
      expose: { query: true, live: true, changes: true },
      changes: { retainMs: 24 * 3_600_000, maxBytes: 2_000_000_000 },
      hidden: false,
      description: 'A track in the catalogue.',
    });
    expect(song.retentionMs).toBeUndefined();
    expect(play.retentionMs).toBe(7 * 24 * 3_600_000);
  });

  test('gives columns their types and places', () => {
    expect(song.columns.map((column) => column.name)).toEqual([
      'id',
      'title',
      'isrc',
      'genre',
      'artistId',
      'updatedAt',
    ]);
    expect(column(song, 'genre')).toMatchObject({
      ordinal: 3,
      required: true,
      type: { kind: 'enum', name: 'Genre', values: ['ROCK', 'POP'] },
    });
    expect(column(song, 'isrc').required).toBe(false);
    expect(column(song, 'updatedAt').source).toEqual({ kind: 'meta', meta: 'TIMESTAMP' });
    expect(column(play, 'id').source).toEqual({ kind: 'meta', meta: 'COORDINATES' });
    expect(play.keyFormat).toBe('NONE');
  });

  test('has the indexes', () => {
    expect(song.indexes.map(({ name, unique }) => [name, unique])).toEqual([
      ['title', false],
      ['isrc', true],
      ['artistId', false],
    ]);
    expect(song.indexes[0]?.columns[0]).toBe(song.columnsByName.get('title'));
  });

  test('completes relations by keys', () => {
    expect(song.relations).toMatchObject([
      { name: 'artist', target: 'Artist', many: false, columns: ['artistId'], references: ['id'] },
      { name: 'plays', target: 'Play', many: true, columns: ['id'], references: ['songId'] },
    ]);
  });

  test('has the enums that columns use, with descriptions', () => {
    expect(catalog.enums).toEqual([
      {
        name: 'Genre',
        values: [
          { name: 'ROCK', description: undefined, deprecationReason: undefined },
          { name: 'POP', description: 'Soft', deprecationReason: 'Use ROCK' },
        ],
      },
    ]);
  });

  test('cannot be written to', () => {
    expect(Object.isFrozen(catalog)).toBe(true);
    expect(Object.isFrozen(song.columns[0]?.type)).toBe(true);
  });
});

describe('keys', () => {
  test.each([
    { schema: 'id: ID!', format: 'STRING', source: { kind: 'value', path: ['id'] } },
    { schema: 'id: BigInt!', format: 'STRING', source: { kind: 'value', path: ['id'] } },
    { schema: 'id: ID! @from(key: "$")', format: 'STRING', source: { kind: 'value', path: ['id'] } },
    { schema: 'id: ID! @from(path: "song_id")', format: 'STRING', source: { kind: 'value', path: ['song_id'] } },
    { schema: 'id: ID! @from(key: "ref.id")', format: 'JSON', source: { kind: 'key', path: ['ref', 'id'] } },
    { schema: 'id: ID! region: String @from(key: "region")', format: 'JSON', source: { kind: 'value', path: ['id'] } },
  ])('of an UPSERT table come from the record key: $schema', ({ schema, format, source }) => {
    const table = tableNamed(`type T @table(topic: "t") { ${schema} }`, 'T');
    expect(table.keyFormat).toBe(format);
    expect(column(table, 'id').source).toEqual(source);
  });

  test.each([
    { schema: 'id: ID!', format: 'NONE', source: { kind: 'value', path: ['id'] } },
    { schema: 'id: ID! @from(key: "$")', format: 'STRING', source: { kind: 'key', path: [] } },
    { schema: 'id: ID! @from(key: "id")', format: 'JSON', source: { kind: 'key', path: ['id'] } },
    { schema: 'id: ID! @from(header: "id")', format: 'NONE', source: { kind: 'header', name: 'id' } },
  ])('of an APPEND table come from where they say: $schema', ({ schema, format, source }) => {
    const table = tableNamed(`type T @table(topic: "t", mode: APPEND) { ${schema} }`, 'T');
    expect(table.keyFormat).toBe(format);
    expect(column(table, 'id').source).toEqual(source);
  });

  test('of several columns are JSON and give a synthetic id', () => {
    const table = tableNamed(
      'type T @table(topic: "t") @key(fields: "b, a") { a: ID! b: Int! region: String @from(path: "x.a\\\\.b") }',
      'T',
    );
    expect(table.key.map(({ name }) => name)).toEqual(['b', 'a']);
    expect(table.keyFormat).toBe('JSON');
    expect(table.syntheticId).toBe(true);
    expect(column(table, 'region').source).toEqual({ kind: 'value', path: ['x', 'a.b'] });
  });

  test('of another name give a synthetic id', () => {
    expect(tableNamed('type T @table(topic: "t") @key(fields: "sku") { sku: ID! }', 'T').syntheticId).toBe(true);
  });

  test('are read from the value where the record key says nothing', () => {
    const table = tableNamed('type T @table(topic: "t", keyFormat: NONE) { id: ID! @from(path: "a.b") }', 'T');
    expect(table.keyFormat).toBe('NONE');
    expect(column(table, 'id').source).toEqual({ kind: 'value', path: ['a', 'b'] });
  });
});

describe('relations', () => {
  test('take the order of the index that serves them', () => {
    const table = tableNamed(
      `type T @table(topic: "t") { id: ID! a: Int b: ID us: [U!]! @relation(fields: ["a", "b"], references: ["x", "y"]) }
       type U @table(topic: "u") @index(fields: "y x z") { id: ID! x: Int y: ID z: Int }`,
      'T',
    );
    expect(table.relations[0]).toMatchObject({ columns: ['b', 'a'], references: ['y', 'x'] });
  });

  test('may refer to the first columns of a key, and circle', () => {
    const schema = `
      type Order @table(topic: "o") { id: ID! lines: [Line!]! @relation(references: ["orderId"]) }
      type Line @table(topic: "l") @key(fields: "orderId no") {
        orderId: ID!
        no: Int!
        order: Order @relation(fields: ["orderId"])
      }`;
    expect(tableNamed(schema, 'Order').relations[0]).toMatchObject({ columns: ['id'], references: ['orderId'] });
    expect(tableNamed(schema, 'Line').relations[0]).toMatchObject({ columns: ['orderId'], references: ['id'] });
  });

  test('reach one row by a unique index', () => {
    const schema = `
      type Order @table(topic: "o") { id: ID! invoice: Invoice @relation(references: ["orderId"]) }
      type Invoice @table(topic: "i") { id: ID! orderId: ID! @index(unique: true) }`;
    expect(tableNamed(schema, 'Order').relations[0]).toMatchObject({ columns: ['id'], references: ['orderId'] });
  });
});

describe('columns', () => {
  const schema = `
    type T @table(topic: "t") @hidden {
      id: ID!
      tags: [String!]! @default(value: ["a", "b"])
      total: Decimal @default(value: 12345678901234567890.10)
      big: BigInt @default(value: 12345678901234567890)
      at: DateTime @default(value: "2026-11-21T10:00:00Z")
      any: JSON @default(value: { a: [1, x, null], n: 12345678901234567890.10 })
      price: Decimal @default(value: 1.50)
      pi: Float @default(value: 3.14159265358979311)
      place: Place @default(value: { city: "Bern", zip: [1, 2] })
      secret: String @hidden @deprecated
      "Seen."
      seen: Boolean @deprecated(reason: "Look away")
    }
    "Where."
    type Place { city: String! "Postal" zip: [Int] kind: Kind }
    enum Kind { HOME WORK }`;
  const table = tableNamed(schema, 'T');

  test('have defaults of their type', () => {
    expect(column(table, 'tags').default).toEqual(['a', 'b']);
    expect(column(table, 'total').default).toBe('12345678901234567890.10');
    expect(column(table, 'big').default).toBe(12345678901234567890n);
    expect(column(table, 'at').default).toBe(1_795_255_200_000_000n);
    expect(column(table, 'any').default).toEqual(new JsonText('{"a":[1,"x",null],"n":12345678901234567890.10}'));
    expect(column(table, 'price').default).toBe('1.50');
    expect(column(table, 'pi').default).toBe(Math.PI);
    expect(column(table, 'place').default).toEqual({ city: 'Bern', zip: [1, 2], kind: null });
  });

  test('keep what the schema says of them', () => {
    expect(table.hidden).toBe(true);
    expect(column(table, 'secret')).toMatchObject({ hidden: true, deprecationReason: 'No longer supported' });
    expect(column(table, 'seen')).toMatchObject({ description: 'Seen.', deprecationReason: 'Look away' });
    expect(column(table, 'place').type).toMatchObject({
      kind: 'object',
      name: 'Place',
      fields: [
        { name: 'city', required: true },
        { name: 'zip', required: false, description: 'Postal', type: { kind: 'list', elementRequired: false } },
        { name: 'kind' },
      ],
    });
  });

  test('bring their embedded types and enums into the catalog', () => {
    const catalog = buildCatalog([{ file: 's.graphql', text: schema }]);
    expect(catalog.objects.map(({ name, description }) => [name, description])).toEqual([['Place', 'Where.']]);
    expect(catalog.enums.map(({ name }) => name)).toEqual(['Kind']);
  });
});

test('accept is a predicate on columns of the table itself', () => {
  const table = tableNamed(
    'type T @table(topic: "t", accept: { kind: { in: ["a", "b"] }, n: { gte: 9007199254740993 } }) { id: ID! kind: String n: BigInt }',
    'T',
  );
  expect(table.accept).toEqual({
    kind: 'and',
    parts: [
      expect.objectContaining({ kind: 'compare', op: 'in', operand: ['a', 'b'], column: column(table, 'kind') }),
      expect.objectContaining({ kind: 'compare', op: 'gte', operand: 9007199254740993n, column: column(table, 'n') }),
    ],
  });
});

test('accept reads numbers by the types of the columns', () => {
  const table = tableNamed(
    `type T @table(topic: "t", accept: {
       or: [{ pi: { gt: 3.14159265358979311 } }, { not: { price: { in: [1.50, 12345678901234567890.10] } } }]
       place: { size: { lt: 1.50 }, rooms: { has: 9007199254740993 } }
       raw: { isNull: false }
     }) { id: ID! pi: Float price: Decimal place: Place raw: JSON }
     type Place { size: Decimal rooms: [BigInt!] }`,
    'T',
  );
  expect(operands(table.accept)).toEqual([
    Math.PI,
    ['1.50', '12345678901234567890.10'],
    '1.50',
    9007199254740993n,
    false,
  ]);
});

function operands(predicate: Predicate | undefined): readonly unknown[] {
  if (predicate === undefined || predicate.kind === 'related') return [];
  if (predicate.kind === 'compare') return [predicate.operand];
  return predicate.kind === 'not' ? operands(predicate.part) : predicate.parts.flatMap(operands);
}

test('names come from @table where it gives them', () => {
  const table = tableNamed('type T @table(topic: "t", singular: "thing", plural: "stuff") { id: ID! }', 'T');
  expect([table.singular, table.plural]).toEqual(['thing', 'stuff']);
});

test('types may lie in several files, and mistakes come in the order of the files', () => {
  const a = { file: 'a.graphql', text: 'type A @table(topic: "a") { id: ID! b: B @relation(fields: ["id"]) }' };
  const b = { file: 'b.graphql', text: 'type B @table(topic: "b") { id: ID! }' };
  expect(buildCatalog([a, b]).tables).toHaveLength(2);
  const wrong = { file: 'c.graphql', text: 'type A @table(topic: "a") { id: ID! }\ntype B @tabl { id: ID }' };
  expect(() => buildCatalog([wrong, a, b])).toThrow(
    new SetupError([
      { file: 'c.graphql', line: 2, column: 8, message: 'There is no directive @tabl. Did you mean "@table"?' },
      {
        file: 'a.graphql',
        line: 1,
        column: 6,
        message: 'There is already a type A, at c.graphql:1:6. Rename one of them.',
      },
      {
        file: 'b.graphql',
        line: 1,
        column: 6,
        message: 'There is already a type B, at c.graphql:2:6. Rename one of them.',
      },
    ]),
  );
});

describe('the fingerprint', () => {
  const base = 'type T @table(topic: "t") { id: ID! a: Int b: E } enum E { X Y }';

  test.each([
    ['a description', `"T" ${base}`],
    ['a limit', base.replace('")', '") @limit(default: 5)')],
    ['how long changes are kept', base.replace('")', '") @changes(retain: "1h")')],
    ['a deprecation', base.replace('a: Int', 'a: Int @deprecated')],
  ])('stays with %s', (_what, schema) => {
    expect(fingerprint(schema)).toBe(fingerprint(base));
  });

  test.each([
    ['a topic', base.replace('"t"', '"u"')],
    ['a type', base.replace('a: Int', 'a: Float')],
    ['a required column', base.replace('a: Int', 'a: Int!')],
    ['a source', base.replace('a: Int', 'a: Int @from(path: "b.a")')],
    ['a default', base.replace('a: Int', 'a: Int @default(value: 1)')],
    ['an accept', base.replace('"t"', '"t", accept: { a: { eq: 1 } }')],
    ['another accept', base.replace('"t"', '"t", accept: { a: { eq: 2 } }')],
    ['the order of an enum', base.replace('X Y', 'Y X')],
    ['a retention', base.replace('"t"', '"t", retention: "1d"')],
    ['a unique index', base.replace('a: Int', 'a: Int @index(unique: true)')],
  ])('changes with %s', (_what, schema) => {
    expect(fingerprint(schema)).not.toBe(fingerprint(base));
  });

  test('differs between different accepts', () => {
    const of = (value: number): string => fingerprint(base.replace('"t"', `"t", accept: { a: { eq: ${value} } }`));
    expect(of(1)).not.toBe(of(2));
  });
});

function fingerprint(text: string): string {
  return buildCatalog([{ file: 's.graphql', text }]).fingerprint;
}

function tableNamed(text: string, name: string): TopicTable {
  const table = buildCatalog([{ file: 's.graphql', text }]).topicTables.find((each) => each.name === name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

function column(table: TopicTable, name: string): Column {
  const found = table.columnsByName.get(name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
}

import { describe, expect, test } from 'vitest';
import { inferTables } from '../../../src/init/infer.ts';
import { printDraft } from '../../../src/init/print-draft.ts';
import { recordLine } from './samples.ts';

type Given = readonly (readonly [key: unknown, value: unknown])[];

/** The SDL for records of a topic; without the comments on the type. */
function sdl(topic: string, given: Given, writesKeys = false): string {
  return sdlOf({ [topic]: given }, writesKeys);
}

function sdlOf(topics: Readonly<Record<string, Given>>, writesKeys = false): string {
  const samples = Object.entries(topics).map(([topic, given]) => {
    return { topic, writesKeys, records: given.map(([key, value]) => recordLine(key, value)) };
  });
  const { drafts, refused } = inferTables(samples);
  expect([...refused]).toEqual([]);
  return drafts
    .map(printDraft)
    .join('\n')
    .replaceAll(/^# .*\n/gm, '');
}

function many(count: number, make: (i: number) => readonly [unknown, unknown]): Given {
  return Array.from({ length: count }, (_, i) => make(i));
}

const updatedAt = '  updatedAt: DateTime! @from(meta: TIMESTAMP)\n';

describe('columns', () => {
  test('of instants written in both ways are DateTime', () => {
    const times = ['2026-01-02T03:04:05Z', 1_732_183_200_000, '2026-01-02T03:04:06+02:00', null];
    const text = sdl(
      'visits',
      many(20, (i) => [`k${i}`, { at: times[i % 4], n: i % 2 === 0 ? '7' : 1_732_183_200_000 }]),
    );
    expect(text).toContain('  at: DateTime\n');
    expect(text).toContain('  n: Decimal');
  });

  test('have the types that a person would give them', () => {
    const value = {
      name: 'Blue',
      price: 12,
      fee: '1.20',
      plays: 12,
      bytes: 4_000_000_000,
      rating: 5,
      share: 0.25,
      zip: '00123',
      explicit: false,
      releasedAt: '2026-01-02T03:04:05Z',
      createdAt: 1_732_183_200_000,
      seenAt: 1_732_183_200,
      day: '2026-01-02',
      local: '2026-01-02T03:04:05',
      trace: '123e4567-e89b-12d3-a456-426614174000',
      length: 'PT3M',
      version: '1.10',
      level: '1.2',
      'Unit Price': '1.5',
      URLPath: '/',
      SKU_NO: 'x',
      labelId: 7,
      tags: ['a'],
      marks: [1, null],
      nothing: null,
      none: [],
      mixed: [1, 'a'],
    };
    expect(sdl('songs', [['s1', value]])).toBe(`type Song @table(topic: "songs") {
  id: ID!
  name: String
  price: Decimal
  fee: Decimal
  plays: Int
  bytes: BigInt
  rating: Float
  share: Float
  zip: String
  explicit: Boolean
  releasedAt: DateTime
  createdAt: DateTime
  seenAt: BigInt # seconds since 1970? A DateTime takes milliseconds, or ISO 8601
  day: Date
  local: String # a time without Z or an offset; with one it can be a DateTime
  trace: UUID
  length: Duration
  version: String
  level: String
  unitPrice: Decimal @from(path: "Unit Price")
  urlPath: String @from(path: "URLPath")
  sku_no: String @from(path: "SKU_NO")
  labelId: ID
  tags: [String!]
  marks: [Int]
  nothing: JSON # null in every record seen
  none: JSON # an empty list in every record seen
  mixed: JSON
${updatedAt}}
`);
  });

  test('are required where enough records have them, and nullable where one has not', () => {
    const given = many(30, (i) => [
      `s${i}`,
      { title: `T${i}`, ...(i === 7 ? {} : { year: 2000 + i }), note: i === 3 ? null : 'n' },
    ]);
    expect(sdl('songs', given)).toBe(`type Song @table(topic: "songs") {
  id: ID!
  title: String!
  year: Int
  note: String
${updatedAt}}
`);
  });

  test('of few words are texts that say so: a later word is no bad record', () => {
    const given = many(30, (i) => [`s${i}`, { genre: ['Rock', 'Jazz', 'Folk'][i % 3] }]);
    expect(sdl('songs', given)).toContain('  genre: String! # Folk, Jazz, Rock so far; an enum would refuse others\n');
  });

  test('are made wider until every record fits', () => {
    const wide = { a: 1, b: 1, c: 'x', d: { n: 1 } };
    const { drafts, relaxed } = inferTables([
      {
        topic: 't',
        writesKeys: false,
        records: [recordLine('1', { ...wide, b: 2 ** 40 }), recordLine('2', '{"a":1e400,"b":1.5,"c":7,"d":[]}')],
      },
    ]);
    expect(printDraft(drafts[0]!)).toContain(
      '  a: Decimal\n  b: Float\n  c: JSON # texts and other values in the records seen\n  d: JSON',
    );
    expect(relaxed.get('T')).toEqual([expect.stringMatching(/^a is Decimal: /)]);
  });

  test('have names of GraphQL, and are read from where they are', () => {
    const value = { 'first-name': 'A', 'user.id': 7, größe: 3, '2nd': 1, and: true, nodeId: 'n', 名前: 'x', $ref: 'r' };
    expect(sdl('people', [['p1', value]])).toBe(String.raw`type Person @table(topic: "people") {
  id: ID!
  firstName: String @from(path: "first-name")
  userId: ID @from(path: "user\\.id")
  grosse: Int @from(path: "größe")
  field2nd: Int @from(path: "2nd")
  andValue: Boolean @from(path: "and")
  nodeIdValue: ID @from(path: "nodeId")
  field: String @from(path: "名前")
  ref: String @from(path: "$ref")
${updatedAt}}
`);
  });

  test('lay out small objects with an id, embed others, and keep maps as JSON', () => {
    const value = {
      customer: { id: 'c1', name: 'Ann' },
      address: { street: 'A 1', city: 'B', geo: { lat: 1, lon: 2 } },
      lines: [{ sku: 'x', quantity: 1 }],
      'not-graphql': { 'a b': 1 },
    };
    const maps = many(3, (i) => [`o${i}`, { ...value, counts: { [`k${i}`]: 1, [`l${i}`]: 1 } }]);
    expect(sdl('orders', maps)).toBe(`type Order @table(topic: "orders") {
  id: ID!
  customerId: ID @from(path: "customer.id")
  customerName: String @from(path: "customer.name")
  address: Address
  lines: [Line!]
  notGraphql: JSON @from(path: "not-graphql")
  counts: JSON
${updatedAt}}

type Address {
  street: String
  city: String
  geo: Geo
}

type Geo {
  lat: Float
  lon: Float
}

type Line {
  sku: String
  quantity: Int
}
`);
  });
});

describe('keys', () => {
  const one = (topic: string, given: Given, writesKeys = false) =>
    sdl(topic, given, writesKeys).split('\n').slice(0, 3).join('\n');

  test.each<[string, Given, string]>([
    ['the id of the value', [['1', { id: 1, n: 1 }]], 'type Song @table(topic: "songs") {\n  id: ID!\n  n: Int'],
    [
      'another field',
      [['US1', { isrc: 'US1' }]],
      'type Song @table(topic: "songs") @key(fields: "isrc") {\n  isrc: ID!\n  updatedAt',
    ],
    ['`_id`', [['a', { _id: 'a' }]], 'type Song @table(topic: "songs") {\n  id: ID! @from(path: "_id")\n  updatedAt'],
    [
      'no field, and another id in the value',
      [['a', { id: 'z' }]],
      'type Song @table(topic: "songs") @key(fields: "key") {\n  key: ID!\n  songId: ID @from(path: "id")',
    ],
    ['JSON text', [['"a"', { n: 1 }]], 'type Song @table(topic: "songs", keyFormat: JSON) {\n  id: ID!\n  n: Int'],
    [
      'JSON with one member',
      [[{ id: 7 }, { id: 7 }]],
      'type Song @table(topic: "songs", keyFormat: JSON) {\n  id: ID!\n  updatedAt',
    ],
    [
      'JSON with several',
      [[{ album: 'x', no: 1 }, { n: 1 }]],
      'type Song @table(topic: "songs") @key(fields: "album no") {\n  album: ID!\n  no: Int!',
    ],
    [
      'JSON that the value contradicts',
      [[{ id: 'a' }, { id: 'b' }]],
      'type Song @table(topic: "songs", keyFormat: JSON) @key(fields: "keyId") {\n  keyId: ID! @from(key: "id")\n  songId: ID @from(path: "id")',
    ],
    [
      'a member that is no name',
      [[{ 'song-id': 1 }, {}]],
      'type Song @table(topic: "songs", keyFormat: JSON) @key(fields: "songId") {\n  songId: ID! @from(key: "song-id")\n  updatedAt',
    ],
  ])('%s', (_, given, expected) => {
    expect(one('songs', given)).toContain(expected);
  });

  test('of eight bytes are longs', () => {
    const key = Buffer.alloc(8);
    key.writeBigInt64BE(42n);
    const records = [{ ...recordLine('', { n: 1 }), key }];
    expect(printDraft(inferTables([{ topic: 'songs', writesKeys: false, records }]).drafts[0]!)).toContain(
      'keyFormat: LONG',
    );
  });

  test('are told by deletions to be of rows that change', () => {
    expect(
      one('page-views', [
        ['u1', { at: '2026-01-02T03:04:05Z' }],
        ['u1', null],
      ]),
    ).toContain('type PageView @table(topic: "page-views") {');
  });

  test('of things that happened are their places, or their own ids', () => {
    const play = { userId: 'u1', songId: 's1', playedAt: '2026-01-02T03:04:05Z' };
    expect(sdl('plays', [['u1', play]])).toBe(`type Play @table(topic: "plays", mode: APPEND) {
  id: ID! @from(meta: COORDINATES)
  userId: ID
  songId: ID
  playedAt: DateTime
}
`);
    const click = { id: 'e1', userId: 'u1', at: 1_732_183_200_000 };
    expect(
      one('clicks', [
        ['u1', click],
        ['u1', { ...click, id: 'e2' }],
      ]),
    ).toBe('type Click @table(topic: "clicks", mode: APPEND) {\n  id: ID!\n  userId: ID');
  });

  test('that are absent are made from an id where the records are written, and read from the value where they are not', () => {
    const rows: Given = [
      [undefined, { id: 's1' }],
      [undefined, { id: 's1' }],
    ];
    expect(one('songs', rows, true)).toContain('@table(topic: "songs") {\n  id: ID!');
    expect(one('songs', rows)).toContain('@table(topic: "songs", keyFormat: NONE) {\n  id: ID!');
    expect(one('songs', [[undefined, { title: 'x' }]])).toContain(
      'mode: APPEND) {\n  id: ID! @from(meta: COORDINATES)',
    );
  });
});

test('changes of Debezium are rows of what they leave behind, and deletions are no rows', () => {
  const source = { connector: 'postgresql' };
  const after = { id: 1001, first_name: 'Sally', balance: '12.50' };
  const given: Given = [
    [{ id: 1001 }, { before: null, after, source, op: 'c', ts_ms: 1 }],
    [{ id: 1001 }, { before: after, after: null, source, op: 'd', ts_ms: 2 }],
    [{ id: 1001 }, null],
  ];
  const wanted = (path: string) =>
    `  first_name: String @from(path: "${path}.first_name")\n  balance: Decimal @from(path: "${path}.balance")\n`;
  const plain = sdl('dbserver1.inventory.customers', given);
  expect(plain).toContain(
    'type Customer @table(topic: "dbserver1.inventory.customers", keyFormat: JSON, accept: { op: { neq: "d" } }) {\n  id: ID!\n',
  );
  expect(plain).toContain(wanted('after'));
  const wrap = (payload: unknown) => (payload === null ? null : { schema: {}, payload });
  const wrapped = sdl(
    'customers',
    given.map(([key, value]) => [wrap(key), wrap(value)]),
  );
  expect(wrapped).toContain('  id: ID! @from(key: "payload.id")\n');
  expect(wrapped).toContain(wanted('payload.after'));
  expect(wrapped).toContain('  op: String! @from(path: "payload.op") @hidden');
});

describe('relations', () => {
  const artists: Given = [['a1', { name: 'Joni' }]];

  test('lead both ways, by an index', () => {
    expect(sdlOf({ songs: [['s1', { artistId: 'a1' }]], artists })).toBe(`type Song @table(topic: "songs") {
  id: ID!
  artistId: ID @index
  artist: Artist @relation(fields: ["artistId"])
${updatedAt}}

type Artist @table(topic: "artists") {
  id: ID!
  name: String
${updatedAt}  songs: [Song!]! @relation(references: ["artistId"])
}
`);
  });

  test('are told apart by their names where there are several to one table', () => {
    const text = sdlOf({ games: [['g1', { homeTeamId: 't1', awayTeamId: 't1' }]], teams: [['t1', {}]] });
    expect(text).toContain('homeTeam: Team @relation(fields: ["homeTeamId"])');
    expect(text).toContain('homeTeamGames: [Game!]! @relation(references: ["homeTeamId"])');
    expect(text).toContain('awayTeamGames: [Game!]! @relation(references: ["awayTeamId"])');
  });

  test('are not there where no sample meets another', () => {
    expect(sdlOf({ songs: [['s1', { artistId: 'x' }]], artists })).not.toContain('@relation');
  });
});

test.each([
  ['songs', 'Song'],
  ['order-lines', 'OrderLine'],
  ['com.acme.orders.v1', 'Order'],
  ['com.acme.orders-v2', 'Order'],
  ['ORDERS', 'Order'],
  ['orderLines', 'OrderLine'],
  ['nodes', 'NodeRow'],
  ['edges', 'EdgeRow'],
  ['strings', 'StringRow'],
  ['2024', 'Topic2024'],
  ['news', 'News'],
  ['_', 'Topic'],
])('the topic %s has rows of type %s', (topic, type) => {
  expect(inferTables([{ topic, writesKeys: true, records: [recordLine('k', {})] }]).drafts[0]?.type).toBe(type);
});

test('topics of one name have types of two', () => {
  const records = [recordLine('k', { n: 1 })];
  const topics = ['eu.orders', 'us.orders', 'orders'].map((topic) => ({ topic, records, writesKeys: true }));
  expect(inferTables(topics).drafts.map(({ type }) => type)).toEqual(['EuOrder', 'UsOrder', 'Order']);
});

import { GraphQLError, NoSchemaIntrospectionCustomRule } from 'graphql';
import type { ValidationRule } from 'graphql';
import { expect, test } from 'vitest';
import { encodePosition } from '../../../src/model/position.ts';
import type { OperationRequest, Prepared } from '../../../src/query/query.ts';
import { chartsSchema } from '../../support/charts.ts';
import { createQueryWorld } from '../../support/query-world.ts';
import type { QueryWorld } from '../../support/query-world.ts';

function codesOf(
  world: QueryWorld,
  request: OperationRequest | string,
  variables?: Record<string, unknown>,
): unknown[] {
  return world.refuse(request, variables).map((error) => error.extensions['code']);
}

function messageOf(world: QueryWorld, request: OperationRequest | string, variables?: Record<string, unknown>): string {
  return world
    .refuse(request, variables)
    .map(({ message }) => message)
    .join('\n');
}

test('a document that is none is GRAPHQL_PARSE_FAILED with its place', () => {
  const world = createQueryWorld(chartsSchema);
  const [error] = world.refuse('{ songs { id }');
  expect(error?.toJSON()).toMatchObject({
    extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    locations: [{ line: 1, column: 15 }],
  });
  for (const query of ['', '  ', undefined, 5]) {
    expect(codesOf(world, { query } as unknown as OperationRequest)).toEqual(['GRAPHQL_PARSE_FAILED']);
  }
});

test('a document over a limit is LIMIT_EXCEEDED and names the setting', () => {
  const world = createQueryWorld(chartsSchema, { limits: { maxTokens: 10, maxDocumentLength: 100 } });
  const many = world.refuse('{ songs { id id id id id id id } }');
  expect(many[0]?.extensions).toEqual({ code: 'LIMIT_EXCEEDED', setting: 'maxTokens', limit: 10 });
  const long = world.refuse(`{ songs { id } } # ${'x'.repeat(100)}`);
  expect(long[0]?.extensions).toEqual({ code: 'LIMIT_EXCEEDED', setting: 'maxDocumentLength', limit: 100 });
  expect(world.prepare('{ songs { id title } }').kind).toBe('query');
});

test('an invalid document is GRAPHQL_VALIDATION_FAILED, and a rule may say its own code', () => {
  const limited: ValidationRule = (context) => ({
    Field: (node) =>
      node.name.value === 'tags'
        ? context.reportError(new GraphQLError('no tags', { extensions: { code: 'LIMIT_EXCEEDED' } }))
        : undefined,
  });
  const throwing: ValidationRule = () => ({
    Field: (node) => {
      if (node.name.value === 'price') throw new GraphQLError('no price');
    },
  });
  const world = createQueryWorld(chartsSchema, {
    validationRules: [limited, throwing, NoSchemaIntrospectionCustomRule],
  });
  expect(world.refuse('{ songs { nam } }')[0]?.toJSON()).toMatchObject({
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    locations: [{ line: 1, column: 11 }],
  });
  // Bounds come first.
  expect(codesOf(world, '{ songs { nope tags } }')).toEqual(['LIMIT_EXCEEDED']);
  expect(codesOf(world, '{ songs { price } }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(codesOf(world, '{ __schema { types { name } } }')).toContain('GRAPHQL_VALIDATION_FAILED');
  expect(codesOf(world, '{ secrets { id } }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(codesOf(world, '{ songs { labelId } }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(codesOf(world, '{ songs(where: { labelId: { eq: "x" } }) { id } }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(codesOf(world, '{ internals { id } }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(codesOf(world, 'subscription { internal(id: "x") { id } }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(codesOf(world, '{ songs(orderBy: [{ title: ASC, id: ASC }]) { id } }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
});

test('there are no mutations', () => {
  const world = createQueryWorld(chartsSchema);
  expect(codesOf(world, 'mutation { addSong { id } }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  expect(messageOf(world, 'mutation { addSong { id } }')).toContain('Write to the topic');
});

test('a subscription has one root field, always', () => {
  const world = createQueryWorld(chartsSchema);
  for (const selection of [
    'songs { id } artists { id }',
    'songs { id } ...F',
    'songs @skip(if: true) { id }',
    'songs @include(if: $yes) { id }',
    '... @include(if: $yes) { songs { id } }',
    '...F @skip(if: $yes)',
    '__typename',
  ]) {
    const query = `subscription ($yes: Boolean = true) { ${selection} } fragment F on Subscription { artists { id } }`;
    expect(new Set(codesOf(world, query)), selection).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
  }
});

test('the operation is picked by name', () => {
  const world = createQueryWorld(chartsSchema);
  const query = 'query A { songs { id } } query B { artists { id } }';
  expect(world.prepare({ query, operationName: 'B' }).tables.map(({ name }) => name)).toEqual(['Artist']);
  expect(messageOf(world, query)).toContain('It has A, B.');
  expect(codesOf(world, { query, operationName: 'C' })).toEqual(['BAD_USER_INPUT']);
  expect(world.prepare({ query: '{ songs { id } }', operationName: '' }).kind).toBe('query');
  expect(codesOf(world, 'fragment F on Song { id }')).toContain('GRAPHQL_VALIDATION_FAILED');
});

test('variables and arguments that cannot be used are BAD_USER_INPUT', () => {
  const world = createQueryWorld(chartsSchema);
  const byPlays = 'query ($plays: BigInt!) { songs(where: { plays: { eq: $plays } }) { id } }';
  expect(codesOf(world, byPlays)).toEqual(['BAD_USER_INPUT']);
  expect(codesOf(world, byPlays, { plays: 2 ** 60 })).toEqual(['BAD_USER_INPUT']);
  expect(messageOf(world, byPlays, { plays: 2 ** 60 })).toMatch(/string/);
  expect(codesOf(world, { query: byPlays, variables: [] as unknown as Record<string, unknown> })).toEqual([
    'BAD_USER_INPUT',
  ]);
  const where = 'query ($where: SongWhere) { songs(where: $where) { id } }';
  expect(messageOf(world, where, { where: { title: { eq: null } } })).toMatch(/where\.title\.eq: .*isNull/);
  expect(messageOf(world, where, { where: { or: [{ title: null }] } })).toMatch(/where\.or\.0\.title/);
  expect(codesOf(world, '{ songs(where: null) { id } }')).toEqual(['BAD_USER_INPUT']);
  expect(codesOf(world, '{ songs(limit: -1) { id } }')).toEqual(['BAD_USER_INPUT']);
  expect(codesOf(world, '{ songs(offset: -1) { id } }')).toEqual(['BAD_USER_INPUT']);
  expect(
    codesOf(world, 'query ($d: OrderDirection) { songs(orderBy: [{ title: $d }]) { id } }', { d: null }),
  ).toHaveLength(1);
  const place = world.refuse('{ artists { id songs(limit: 101) { id } } a: songs(offset: 10001) { id } }');
  expect(place.map((error) => error.toJSON())).toMatchObject([
    { extensions: { code: 'LIMIT_EXCEEDED', limit: 100 }, locations: [{ line: 1, column: 16 }] },
    { extensions: { code: 'LIMIT_EXCEEDED', setting: 'maxOffset', limit: 10_000 } },
  ]);
  expect(place[0]?.message).toContain('@limit(max: 100)');
  // What is skipped is not looked at.
  expect(world.prepare('{ songs(limit: 101) @skip(if: true) { id } artists { id } }').kind).toBe('query');
});

test('variables nested without end are a mistake like any other', () => {
  const world = createQueryWorld(chartsSchema);
  const nested = (depth: number) => JSON.parse(`${'{"not":'.repeat(depth)}{}${'}'.repeat(depth)}`) as object;
  const where = 'query ($where: SongWhere) { songs(where: $where) { id } }';
  expect(codesOf(world, where, { where: nested(100) })).toEqual(['BAD_USER_INPUT']);
  expect(codesOf(world, where, { where: nested(9_000) })).toEqual(['BAD_USER_INPUT']);
});

test('null for limit, offset, where its place is a variable, means the default', () => {
  const world = createQueryWorld(chartsSchema);
  const query = 'query ($limit: Int, $offset: Int) { songs(limit: $limit, offset: $offset) { id } }';
  world.write(
    'Song',
    Array.from({ length: 12 }, (_, i) => ({
      id: `${i}`,
      title: 't',
      genre: 'ROCK',
      artistId: 'a',
      tags: [],
      updatedAt: 0,
    })),
  );
  expect(world.run<{ songs: unknown[] }>(query, { limit: null, offset: null }).data.songs).toHaveLength(10);
  expect(world.run<{ songs: unknown[] }>(query, { limit: 0 }).data.songs).toHaveLength(0);
});

test('the tables named are those of root fields, relations and filters, through fragments and variables', () => {
  const world = createQueryWorld(chartsSchema);
  const named = (query: string, variables?: Record<string, unknown>) =>
    world.prepare(query, variables).tables.map(({ name }) => name);
  expect(named('{ songs { id } }')).toEqual(['Song']);
  expect(named('{ songs { ...F } } fragment F on Song { listens { song { artist { id } } } }')).toEqual([
    'Artist',
    'Song',
    'Play',
  ]);
  expect(named('{ songs { artist @skip(if: true) { id } } }')).toEqual(['Song']);
  const filtered = 'query ($where: SongWhere) { songs(where: $where) { id } }';
  expect(named(filtered)).toEqual(['Song']);
  expect(named(filtered, { where: { not: { artist: { songs: { some: { listens: { none: {} } } } } } } })).toEqual([
    'Artist',
    'Song',
    'Play',
  ]);
  expect(named('{ _meta { position } }')).toEqual(['Artist', 'Song', 'Play', 'Internal']);
  expect(named('{ songs { id } _meta { position } }')).toEqual(['Song']);
});

test('a change stream is prepared with its arguments', () => {
  const world = createQueryWorld(chartsSchema);
  const prepared = world.prepare(
    `subscription ($after: String) {
      c: songChanges(where: { artist: { name: { eq: "x" } } }, operations: [DELETE, INSERT], snapshot: true, after: $after) {
        changes { node { listens { n } } }
      }
    }`,
    { after: 'token' },
  );
  expect(prepared.kind).toBe('changes');
  expect(prepared.changes).toMatchObject({
    snapshot: true,
    after: 'token',
    responseName: 'c',
    operations: new Set(['INSERT', 'DELETE']),
  });
  expect(prepared.changes?.table.name).toBe('Song');
  expect(prepared.changes?.where?.kind).toBe('related');
  expect(prepared.changes?.related.map(({ name }) => name)).toEqual(['Artist', 'Play']);
  const plain = world.prepare('subscription { songChanges { position } }');
  expect(plain.changes).toMatchObject({ where: undefined, snapshot: false, after: undefined, related: [] });
  expect(plain.changes?.operations).toEqual(new Set(['INSERT', 'UPDATE', 'DELETE']));
});

test('a snapshot whose rows the operations would hide is BAD_USER_INPUT', () => {
  const world = createQueryWorld(chartsSchema);
  const refused = world.refuse(
    'subscription { songChanges(operations: [UPDATE, DELETE], snapshot: true) { position } }',
  );
  expect(refused[0]).toMatchObject({
    message: expect.stringMatching(/^snapshot: .*Add INSERT to operations/),
    extensions: { code: 'BAD_USER_INPUT' },
  });
});

test('operations with equal answers have one shape, others not', () => {
  const world = createQueryWorld(chartsSchema);
  const id = (request: OperationRequest | string, variables?: Record<string, unknown>): string =>
    world.prepare(request, variables).shapeId;
  const query = 'query ($limit: Int = 5) { songs(limit: $limit) { id } }';
  const shape = id(query);
  expect(id(query, { limit: 5 })).toBe(shape);
  expect(id(query, { limit: 5, unused: 1 })).toBe(shape);
  expect(id('query Named($limit: Int = 5) {\n songs(limit: $limit) { id }, }')).toBe(shape);
  expect(id('query Other($limit: Int = 5) @atLeast(timeoutMs: 5) { songs(limit: $limit) { id } }')).toBe(shape);
  expect(
    id('query Other($limit: Int = 5, $p: String) @atLeast(position: $p) { songs(limit: $limit) { id } }', { p: null }),
  ).toBe(shape);
  expect(id('subscription ($limit: Int = 5) { songs(limit: $limit) { id } }')).toBe(shape);
  expect(id({ query: `${query.replace('query', 'query A')} query B { songs { title } }`, operationName: 'A' })).toBe(
    shape,
  );
  for (const other of [
    id(query, { limit: 6 }),
    id(query, { limit: null }),
    id('query ($limit: Int = 6) { songs(limit: $limit) { id } }'),
    id('query ($limit: Int = 5) { songs(limit: $limit) { id title } }'),
    id('query ($limit: Int = 5) { a: songs(limit: $limit) { id } }'),
  ]) {
    expect(other).not.toBe(shape);
  }
  const where = 'query ($where: SongWhere) { songs(where: $where) { id } }';
  expect(id(where, { where: { title: { eq: 'a' }, id: { eq: 'b' } } })).toBe(
    id(where, { where: { id: { eq: 'b' }, title: { eq: 'a' } } }),
  );
  expect(id(where, { where: { plays: { eq: 1 } } })).toBe(id(where, { where: { plays: { eq: '1' } } }));
  expect(id(where, { where: { plays: { eq: 1 } } })).not.toBe(id(where, { where: { plays: { eq: 2 } } }));
  expect(id(where, { where: {} })).not.toBe(id(where));
  const fragments = ['fragment A on Song { id ...B }', 'fragment B on Song { title }', 'query { songs { ...A } }'];
  expect(id(fragments.join('\n'))).toBe(id(fragments.toReversed().join('\n')));
  expect(id('subscription { songChanges { position } }')).not.toBe(
    id('subscription { songChanges(snapshot: true) { position } }'),
  );
  const other = createQueryWorld(`${chartsSchema} type More @table(topic: "more") { id: ID! }`);
  expect(other.prepare(query).shapeId).not.toBe(shape);
});

test('@atLeast waits for offsets and positions of the topics that the operation reads', () => {
  const world = createQueryWorld(chartsSchema);
  const atLeast = (
    directive: string,
    extensions?: unknown,
    query = '{ songs { id artist { id } } }',
  ): Prepared['atLeast'] =>
    world.prepare({ query: `query ${directive} ${query}`, extensions: { atLeast: extensions } }).atLeast;
  const next = (...places: [string, number, number][]) => {
    const topics = new Map<string, Map<number, number>>();
    for (const [topic, partition, offset] of places) {
      topics.set(topic, (topics.get(topic) ?? new Map<number, number>()).set(partition, offset));
    }
    return topics;
  };
  expect(atLeast('')).toBeUndefined();
  expect(atLeast('@atLeast')).toBeUndefined();
  expect(atLeast('@atLeast(offsets: [])')).toBeUndefined();
  expect(atLeast('@atLeast(offsets: [{ topic: "songs", partition: 0, offset: 41 }])')).toEqual({
    next: next(['songs', 0, 42]),
    timeoutMs: 1_000,
  });
  expect(
    atLeast('@atLeast(offsets: [{ topic: "songs", partition: 0, offset: "41" }], timeoutMs: 50)', {
      offsets: [
        { topic: 'songs', partition: 0, offset: 50 },
        { topic: 'artists', partition: 3, offset: '0' },
      ],
      timeoutMs: 10,
    }),
  ).toEqual({ next: next(['songs', 0, 51], ['artists', 3, 1]), timeoutMs: 50 });
  const position = encodePosition({
    storeId: 'another',
    version: 9,
    offsets: next(['songs', 0, 7], ['plays', 0, 5], ['_headgate', 0, 3]),
  });
  expect(atLeast(`@atLeast(position: "${position}")`)).toEqual({ next: next(['songs', 0, 7]), timeoutMs: 1_000 });
  expect(atLeast('', { position, timeoutMs: 5 })).toEqual({ next: next(['songs', 0, 7]), timeoutMs: 5 });
  expect(atLeast('', { position }, '{ _meta { position } }')?.next).toEqual(next(['songs', 0, 7], ['plays', 0, 5]));
});

test('an @atLeast that could never be reached is BAD_USER_INPUT', () => {
  const world = createQueryWorld(chartsSchema);
  const refused = (directive: string, extensions?: unknown): string => {
    const errors = world.refuse({ query: `query ${directive} { songs { id } }`, extensions: { atLeast: extensions } });
    expect(errors.map((error) => error.extensions['code'])).toEqual(['BAD_USER_INPUT']);
    return errors[0]?.message ?? '';
  };
  expect(refused('@atLeast(offsets: [{ topic: "plays", partition: 0, offset: 1 }])')).toContain('They read songs.');
  expect(refused('@atLeast(offsets: [{ topic: "songs", partition: -1, offset: 1 }])')).toContain('songs/-1');
  expect(refused('@atLeast(offsets: [{ topic: "songs", partition: 0, offset: -1 }])')).toContain('-1');
  expect(refused('@atLeast(offsets: [{ topic: "songs", partition: 0, offset: "9007199254740992" }])')).toContain(
    '9007199254740992',
  );
  expect(refused('@atLeast(position: "nonsense")')).toContain('not a position');
  expect(refused('@atLeast(timeoutMs: -1)')).toContain('negative');
  for (const [extension, message] of [
    ['x', 'expected an object'],
    [{ offset: 1 }, 'no member "offset"'],
    [{ offsets: {} }, 'expected a list'],
    [{ offsets: [{ topic: 'songs', partition: 0 }] }, 'offsets[0].offset'],
    [{ offsets: [{ topic: 'songs', partition: 'x', offset: 1 }] }, 'offsets[0].partition'],
    [{ position: 5 }, 'position'],
  ] as const) {
    expect(refused('', extension)).toContain(message);
  }
});

test('fragments that spread each other twice cost no more than their length', () => {
  const world = createQueryWorld(chartsSchema, { limits: { maxTokens: 10_000, maxCost: Number.MAX_SAFE_INTEGER } });
  const fragments = Array.from(
    { length: 40 },
    (_, i) => `fragment F${i} on Song { id ${i === 39 ? '' : `...F${i + 1} ... on Song { ...F${i + 1} }`} }`,
  );
  expect(world.prepare(`{ songs { ...F0 } } ${fragments.join(' ')}`).tables).toHaveLength(1);
});

test('variables that are nested too deep are BAD_USER_INPUT, however deep', () => {
  const world = createQueryWorld(chartsSchema);
  for (const depth of [60, 300, 100_000]) {
    let where: Record<string, unknown> = {};
    for (let i = 0; i < depth; i += 1) where = { not: where };
    expect(codesOf(world, 'query ($where: SongWhere) { songs(where: $where) { id } }', { where })).toEqual([
      'BAD_USER_INPUT',
    ]);
  }
  expect(world.failures).toEqual([]);
});

test('conditions are counted over all fields before any is planned', () => {
  const world = createQueryWorld(chartsSchema, { limits: { maxConditions: 10 } });
  const query =
    'query ($where: SongWhere, $by: [SongOrderBy!]) { a: songs(where: $where) { id } b: songs(orderBy: $by) { id } }';
  const or = (length: number) => ({ or: Array.from({ length }, (_, i) => ({ id: { eq: `${i}` } })) });
  // One for "or", two for each of its parts, and a twentieth of one for each as an element of a list.
  expect(world.prepare(query, { where: or(4), by: [] }).kind).toBe('query');
  const [error, ...more] = world.refuse(query, { where: or(5), by: [] });
  expect(error?.extensions).toEqual({ code: 'LIMIT_EXCEEDED', setting: 'maxConditions', limit: 10 });
  expect(error?.message).toContain('Use in for many values');
  expect(more).toEqual([]);
  expect(codesOf(world, query, { where: or(4), by: [{ title: 'ASC' }, { plays: 'ASC' }] })).toEqual(['LIMIT_EXCEEDED']);
  const ids = (length: number) => ({ where: { id: { in: Array.from({ length }, (_, i) => `${i}`) } } });
  expect(world.prepare(query, ids(150)).kind).toBe('query');
  expect(codesOf(world, query, ids(200))).toEqual(['LIMIT_EXCEEDED']);
  expect(
    codesOf(
      world,
      '{ artists { songs(where: { or: [{}, {}, {}, {}, {}, {}, { not: { not: { not: { not: { not: { not: { not: { id: { eq: "a" } } } } } } } } }] }) { id } } }',
    ),
  ).toEqual(['LIMIT_EXCEEDED']);
});

test('a document is parsed once, and its variables are read each time', () => {
  const world = createQueryWorld(chartsSchema);
  const query = 'query ($ids: [ID!]) { songs(where: { id: { in: $ids } }) { id } }';
  expect(world.prepare(query, { ids: ['a'] }).shapeId).not.toBe(world.prepare(query, { ids: ['b'] }).shapeId);
  expect(world.prepare(query, { ids: ['a'] }).document).toBe(world.prepare(query, { ids: ['b'] }).document);
});

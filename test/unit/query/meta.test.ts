import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../../../src/testing.ts';
import { createQueryWorld } from '../../support/query-world.ts';

const music = `
"A track."
type Song @table(topic: "songs") {
  id: ID!
  title: String! @index
  label: String @hidden
  artistId: ID! @index
  plays: Int
  artist: Artist @relation(fields: ["artistId"])
}
type Artist @table(topic: "artists", mode: APPEND) @expose(changes: false) { id: ID! name: String! }
type Click @table(topic: "clicks", mode: STREAM) { id: ID! @from(meta: COORDINATES) songId: ID! }
type SongCard @view(source: "Song") { id: ID! title: String! artistName: String @from(path: "artist.name") }
type ByArtist @aggregation(source: "Song") {
  artistName: String @from(path: "artist.name")
  songs: Int! @aggregate(fn: COUNT)
}
`;

interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string }[];
}

test('tables are told of with what they are made of, and how they are asked', () => {
  const { run } = createQueryWorld(music);
  const { data } = run<{ _meta: { tables: readonly Table[] } }>(`{
    _meta { tables { name kind mode description topics sources fields { row list connection changes } columns { name type key indexed } } }
  }`);
  expect(data._meta.tables.map((table) => ({ ...table, columns: table.columns.length }))).toEqual([
    {
      name: 'Song',
      columns: 4,
      kind: 'TOPIC',
      mode: 'UPSERT',
      description: 'A track.',
      topics: ['songs'],
      sources: [],
      fields: { row: 'song', list: 'songs', connection: 'songsConnection', changes: 'songChanges' },
    },
    {
      name: 'Artist',
      columns: 2,
      kind: 'TOPIC',
      mode: 'APPEND',
      description: null,
      topics: ['artists'],
      sources: [],
      fields: { row: 'artist', list: 'artists', connection: 'artistsConnection', changes: null },
    },
    {
      name: 'Click',
      columns: 2,
      kind: 'TOPIC',
      mode: 'STREAM',
      description: null,
      topics: ['clicks'],
      sources: [],
      fields: { row: null, list: null, connection: null, changes: 'clickChanges' },
    },
    {
      name: 'SongCard',
      columns: 3,
      kind: 'VIEW',
      mode: null,
      description: null,
      topics: ['songs', 'artists'],
      sources: ['Song', 'Artist'],
      fields: { row: 'songCard', list: 'songCards', connection: 'songCardsConnection', changes: 'songCardChanges' },
    },
    {
      name: 'ByArtist',
      columns: 2,
      kind: 'AGGREGATION',
      mode: null,
      description: null,
      topics: ['songs', 'artists'],
      // Not the inputs that Headgate keeps between them.
      sources: ['Song', 'Artist'],
      fields: { row: 'byArtist', list: 'byArtists', connection: 'byArtistsConnection', changes: 'byArtistChanges' },
    },
  ]);
  expect(data._meta.tables[0]?.columns).toEqual([
    { name: 'id', type: 'ID!', key: true, indexed: true },
    { name: 'title', type: 'String!', key: false, indexed: true },
    { name: 'artistId', type: 'ID!', key: false, indexed: true },
    { name: 'plays', type: 'Int', key: false, indexed: false },
  ]);
});

test('every root field that a table is said to have is one', () => {
  const { engine, run } = createQueryWorld(music);
  const { data } = run<{ _meta: { tables: readonly { fields: Record<string, string | null> }[] } }>(
    '{ _meta { tables { fields { row list connection changes } } } }',
  );
  const roots = [engine.schema.getQueryType(), engine.schema.getSubscriptionType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}),
  );
  const named = data._meta.tables.flatMap(({ fields }) => Object.values(fields).filter((name) => name !== null));
  expect(new Set(named)).toEqual(new Set(roots.filter((name) => !['node', '_meta'].includes(name))));
});

test('the gateway is told of: what time it is, since when it runs, and where records come from', () => {
  const facts = { now: () => 1_000, startedAtMs: 0.5, source: 'log' } as const;
  const { run } = createQueryWorld(music, { facts });
  expect(run('{ _meta { now startedAt release source { kind offsetUnit } } }').data).toEqual({
    _meta: {
      now: '1970-01-01T00:00:01.000Z',
      startedAt: '1970-01-01T00:00:00.000Z',
      release: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      source: { kind: 'LOG', offsetUnit: 'BYTES' },
    },
  });
});

test('records are counted by partition, and topics name the tables that read them', () => {
  const numbers = new Map([['songs', new Map([[0, 5]])]]);
  const progress = { connected: true, ends: numbers, missingTopics: new Set<string>(), records: numbers };
  const { run } = createQueryWorld(music, { progress });
  const { data } = run<{ _meta: { topics: readonly unknown[] } }>('{ _meta { topics { topic records tables } } }');
  expect(data._meta.topics).toEqual([
    { topic: 'artists', records: '0', tables: ['Artist'] },
    { topic: 'clicks', records: '0', tables: ['Click'] },
    { topic: 'songs', records: '5', tables: ['Song'] },
  ]);
});

test('where the schema is told nobody, _meta tells it to operators alone', () => {
  const query =
    '{ _meta { release tables { name description columns { name } fields { row } } ' +
    'schemaMistakes { message file line column } liveQueryCount storeBytes } }';
  const mistake = { message: 'No.', file: 'a.graphql', line: 1, column: 2 };
  const told = (operator: boolean, introspection: boolean) => {
    const facts = {
      isOperator: () => operator,
      storeBytes: () => 7,
      openQueryCount: () => 3,
      schemaMistakes: () => [mistake],
    };
    const { data } = createQueryWorld('"Cards." type Card @table(topic: "c") { id: ID! }', {
      introspection,
      facts,
    }).run<{
      _meta: object;
    }>(query);
    return data._meta;
  };
  const card = { name: 'Card', description: 'Cards.', columns: [{ name: 'id' }], fields: { row: 'card' } };
  expect(told(false, false)).toEqual({
    release: null,
    tables: [{ name: 'Card', description: null, columns: null, fields: null }],
    schemaMistakes: [],
    liveQueryCount: null,
    storeBytes: null,
  });
  expect(told(false, true)).toMatchObject({
    tables: [card],
    schemaMistakes: [mistake],
    liveQueryCount: null,
    storeBytes: null,
  });
  expect(told(true, false)).toMatchObject({
    tables: [card],
    schemaMistakes: [mistake],
    liveQueryCount: 3,
    storeBytes: '7',
  });
});

test.each([
  ['{ _meta { tables { deadLetters(limit: 101) { code } } } }', 'LIMIT_EXCEEDED'],
  ['{ _meta { tables { deadLetters(limit: -1) { code } } } }', 'BAD_USER_INPUT'],
  ['{ _meta { liveQueries(limit: 201) { id } } }', 'LIMIT_EXCEEDED'],
])('%s is refused', (query, code) => {
  expect(createQueryWorld(music).refuse(query)).toMatchObject([{ extensions: { code } }]);
});

describe('where rules are', () => {
  const schema = `
  type Doc @table(topic: "docs") @auth(rules: [{}]) { id: ID! pages: Int! }
  type Note @table(topic: "notes") @auth(rules: [{ roles: ["boss"] }, { where: { ownerId: { eq: "$jwt.sub" } } }]) {
    id: ID!
    ownerId: ID!
    pages: Int!
  }
  type Salary @table(topic: "salaries") @auth(rules: [{ roles: ["payroll"] }]) { id: ID! amount: Int! }
  type Total @view(source: "Salary") @auth(rules: [{}]) { id: ID! }
  type Half @view(source: "Total") @auth(rules: [{}]) { id: ID! }
  `;

  async function open(options: { readonly consoleRoles?: readonly string[] } = {}): Promise<TestGateway> {
    const gateway = await createTestGateway({ schema, ...options });
    onTestFinished(() => gateway.close());
    await gateway.produce([
      { topic: 'docs', key: 'd1', value: { pages: 'many' }, timestamp: 5 },
      { topic: 'notes', key: 'n1', value: { ownerId: 'me', pages: 'few' } },
      { topic: 'salaries', key: 's1', value: { amount: 'x' } },
    ]);
    return gateway;
  }

  const letters =
    '{ _meta { tables { name sources deadLetters { topic partition offset code reason timestamp } } topics { topic tables } } }';
  const asked = async (caller: Pick<TestGateway, 'query'>) =>
    (
      (await caller.query(letters)).data as {
        _meta: { tables: { name: string; sources: string[]; deadLetters: unknown[] | null }[]; topics: unknown };
      }
    )._meta;

  test('dead letters are for whoever may read the whole table and all that it is built from', async () => {
    const gateway = await open();
    const counts = async (caller: Pick<TestGateway, 'query'>) =>
      Object.fromEntries(
        (await asked(caller)).tables.map(({ name, deadLetters }) => [name, deadLetters?.length ?? null]),
      );
    expect(await counts(gateway)).toEqual({});
    expect(await counts(gateway.as({ claims: { sub: 'me' } }))).toEqual({
      Doc: 1,
      Note: null,
      Total: null,
      Half: null,
    });
    expect(await counts(gateway.as({ roles: ['boss'] }))).toEqual({ Doc: 1, Note: 1, Total: null, Half: null });
    expect(await counts(gateway.as({ roles: ['payroll'] }))).toEqual({ Doc: 1, Salary: 1, Total: 0, Half: 0 });
    expect((await asked(gateway.as({}))).tables[0]?.deadLetters).toEqual([
      {
        topic: 'docs',
        partition: 0,
        offset: '0',
        code: 'TYPE',
        reason: expect.stringContaining('pages') as string,
        timestamp: '1970-01-01T00:00:00.005Z',
      },
    ]);
  });

  test('tables that the caller may not read are named neither as sources nor as readers of a topic', async () => {
    const gateway = await open();
    const { tables, topics } = await asked(gateway.as({}));
    expect(tables.map(({ name, sources }) => [name, sources])).toEqual([
      ['Doc', []],
      ['Total', []],
      ['Half', ['Total']],
    ]);
    // The topic is: positions of Total hold how far it was read.
    expect(topics).toEqual([
      { topic: 'docs', tables: ['Doc'] },
      { topic: 'salaries', tables: [] },
    ]);
    const payroll = await asked(gateway.as({ roles: ['payroll'] }));
    expect(payroll.tables.find(({ name }) => name === 'Total')?.sources).toEqual(['Salary']);
  });

  test('a column that the API hides is not named by a dead letter', async () => {
    const hiding = await createTestGateway({ schema: 'type A @table(topic: "a") { id: ID! secret: Int! @hidden }' });
    onTestFinished(() => hiding.close());
    await hiding.produce({ topic: 'a', key: '1', value: { secret: 'x' } });
    const { tables } = await asked(hiding);
    expect(tables[0]?.deadLetters).toMatchObject([{ code: 'TYPE', reason: null }]);
  });

  const queries = `{ _meta { liveQueryCount storeBytes
    liveQueries { kind operation document variables tables claims subscribers evaluations rowsRead framesSent routed } } }`;

  test('what others ask is told to operators alone, and a frame for the one is never the frame of another', async () => {
    const gateway = await open({ consoleRoles: ['operator'] });
    const me = gateway.as({ claims: { sub: 'me', secret: 'not read by rules' } });
    const operator = gateway.as({ roles: ['operator'] });
    await me.subscribe('subscription Mine($id: ID!) { note(id: $id) { pages } }', { id: 'n1' });
    await me.subscribe('subscription Mine($id: ID!) { note(id: $id) { pages } }', { id: 'n1' });
    await gateway.as({}).subscribe('subscription { docChanges { position } }');
    expect((await me.query(queries)).data).toEqual({
      _meta: { liveQueryCount: null, storeBytes: null, liveQueries: null },
    });
    const { data } = await operator.query(queries);
    expect(data).toMatchObject({ _meta: { liveQueryCount: 2, storeBytes: expect.stringMatching(/^\d+$/) as string } });
    const { liveQueries } = (data as { _meta: { liveQueries: object[] } })._meta;
    expect(liveQueries).toContainEqual({
      kind: 'LIVE',
      operation: 'Mine',
      document: 'subscription Mine($id: ID!) { note(id: $id) { pages } }',
      variables: { id: 'n1' },
      tables: ['Note'],
      claims: { sub: 'me' },
      subscribers: 2,
      evaluations: '1',
      rowsRead: '0',
      framesSent: '2',
      routed: 'by key',
    });
    expect(liveQueries).toContainEqual(
      expect.objectContaining({ kind: 'CHANGES', tables: ['Doc'], claims: {}, routed: 'every change of Doc' }),
    );

    const live = 'subscription { _meta { liveQueryCount } }';
    const seen = await operator.subscribe(live);
    const unseen = await gateway.as({ roles: ['other'] }).subscribe(live);
    await gateway.produce({ topic: 'docs', key: 'd2', value: { pages: 1 } });
    expect(seen.frames().map(({ data: told }) => told)).toContainEqual({ _meta: { liveQueryCount: 4 } });
    for (const { data: told } of unseen.frames()) expect(told).toEqual({ _meta: { liveQueryCount: null } });
  });

  test('variables that are long are not shown', async () => {
    const gateway = await open({ consoleRoles: ['operator'] });
    const id = 'x'.repeat(10_001);
    await gateway.as({}).subscribe('subscription Q($id: ID!) { doc(id: $id) { pages } }', { id });
    const { text } = await gateway.as({ roles: ['operator'] }).query('{ _meta { liveQueries { variables } } }');
    expect(JSON.parse(text)).toMatchObject({ data: { _meta: { liveQueries: [{ variables: null }] } } });
  });
});

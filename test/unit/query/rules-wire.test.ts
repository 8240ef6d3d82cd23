import { expect, onTestFinished, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';

const schema = `
type Doc @table(topic: "docs") @auth(rules: [{}]) {
  id: ID!
  ownerId: ID!
  price: Int! @index @auth(rules: [{ where: { ownerId: { eq: "$jwt.sub" } } }])
}
type Salary @table(topic: "salaries") @auth(rules: [{ roles: ["payroll"] }]) {
  id: ID!
  amount: Int!
}
`;

async function open() {
  const gateway = await createTestGateway({ schema });
  onTestFinished(() => gateway.close());
  await gateway.produce([
    { topic: 'docs', key: 'd1', value: { ownerId: 'me', price: 7 } },
    { topic: 'docs', key: 'd2', value: { ownerId: 'you', price: 5 } },
    { topic: 'docs', key: 'd3', value: { ownerId: 'you', price: 9 } },
    { topic: 'salaries', key: 's1', value: { amount: 1 } },
  ]);
  return gateway;
}

interface Page {
  readonly docsConnection: { readonly edges: readonly { readonly cursor: string; readonly node: { id: string } }[] };
}

test('a cursor of a row whose required column is hidden from its caller is a place to go on from', async () => {
  const gateway = await open();
  const me = gateway.as({ claims: { sub: 'me' } });
  const page =
    'query ($after: String) { docsConnection(orderBy: [{ price: ASC }], first: 2, after: $after) { edges { cursor node { id price } } } }';
  const first = (await me.query(page)).data as Page;
  expect(first.docsConnection.edges.map(({ node }) => node)).toEqual([
    { id: 'd1', price: 7 },
    { id: 'd2', price: null },
  ]);
  const rest = (await me.query(page, { after: first.docsConnection.edges[1]?.cursor })).data as Page;
  expect(rest.docsConnection.edges.map(({ node }) => node)).toEqual([{ id: 'd3', price: null }]);
});

test('what is told of topics, in _meta and in its position, is of tables that the caller may read', async () => {
  const gateway = await open();
  const topics = async (caller: Pick<typeof gateway, 'query'>) => {
    const { data, extensions } = await caller.query('{ _meta { tables { name } topics { topic next } } }');
    const position = Buffer.from(extensions?.position ?? '', 'base64url').toString();
    return {
      ...(data as { _meta: object })._meta,
      inPosition: ['docs', 'salaries'].filter((topic) => position.includes(topic)),
    };
  };
  expect(await topics(gateway)).toEqual({ tables: [], topics: [], inPosition: [] });
  expect(await topics(gateway.as({}))).toEqual({
    tables: [{ name: 'Doc' }],
    topics: [{ topic: 'docs', next: '3' }],
    inPosition: ['docs'],
  });
  expect(await topics(gateway.as({ roles: ['payroll'] }))).toMatchObject({ inPosition: ['docs', 'salaries'] });
});

test('why a table has stopped is told to whom it is told what its records say', async () => {
  const gateway = await createTestGateway({
    schema: `
    type Salary @table(topic: "salaries", onBadRecord: HALT) @auth(rules: [{ roles: ["payroll"] }]) { id: ID! amount: Int! }
    type Team @view(source: "Salary") @auth(public: true) { id: ID! }`,
  });
  onTestFinished(() => gateway.close());
  await gateway.produce({ topic: 'salaries', key: 's1', value: { amount: 'x' } });
  const reasons = async (caller: Pick<typeof gateway, 'query'>) =>
    (await caller.query('{ _meta { tables { name phase reason } } }')).data;
  const reason = expect.stringContaining('amount') as string;
  expect(await reasons(gateway)).toEqual({ _meta: { tables: [{ name: 'Team', phase: 'HALTED', reason: null }] } });
  expect(await reasons(gateway.as({ roles: ['payroll'] }))).toEqual({
    _meta: { tables: ['Salary', 'Team'].map((name) => ({ name, phase: 'HALTED', reason })) },
  });
});

test('a hidden table that rules go by is named in no error', async () => {
  const gateway = await createTestGateway({
    schema: `
    type Doc @table(topic: "docs") @auth(rules: [{ where: { grants: { some: { userId: { eq: "$jwt.sub" } } } } }]) {
      id: ID!
      grants: [SecretGrant!]! @relation(references: ["docId"])
    }
    type SecretGrant @table(topic: "grants") @key(fields: "docId userId") @hidden { docId: ID! userId: ID! @index }`,
  });
  onTestFinished(() => gateway.close());
  await gateway.produce({ topic: 'docs', key: 'd1', value: {} });
  const me = gateway.as({ claims: { sub: 'me' } });
  const stream = 'subscription ($after: String) { docChanges(after: $after) { changes { rowId } } }';
  const after = (await me.query('{ docs { id } }')).extensions?.position;
  const grants = gateway.catalog.tablesByName.get('SecretGrant');
  const errors: string[] = [];
  for (const phase of ['recreated', 'filling'] as const) {
    gateway.store.write((tx) => grants && tx.setState(grants, { phase, reason: 'topic grants is another one' }));
    const resumed = await me.subscribe(stream, { after });
    await gateway.settled();
    for (const { text } of [await me.query('{ docs { id } }'), ...resumed.frames()]) errors.push(text);
  }
  expect(errors.map((text) => /"code":"(\w+)"/.exec(text)?.[1])).toEqual([
    'TOPIC_RECREATED',
    'TOPIC_RECREATED',
    'TABLE_UNAVAILABLE',
    'POSITION_EXPIRED',
  ]);
  expect(errors.map((text) => text.replace(/"position":"[^"]*"/, '')).join('\n')).not.toMatch(/grant/i);
});

test('while a table that rules go by is being filled nobody is let in whom it would keep out', async () => {
  const gateway = await createTestGateway({
    schema: `
    type Doc @table(topic: "docs") @auth(rules: [{ where: { bans: { none: { userId: { eq: "$jwt.sub" } } } } }]) {
      id: ID!
      bans: [Ban!]! @relation(references: ["docId"])
    }
    type Ban @table(topic: "bans") @hidden {
      id: ID!
      docId: ID! @index
      userId: ID!
    }`,
  });
  onTestFinished(() => gateway.close());
  await gateway.produce({ topic: 'docs', key: 'd1', value: {} });
  const bans = gateway.catalog.tablesByName.get('Ban');
  const setPhase = (phase: 'filling' | 'live') => gateway.store.write((tx) => bans && tx.setState(bans, { phase }));
  const me = gateway.as({ claims: { sub: 'me' } });
  setPhase('filling');
  const live = await me.subscribe('subscription { docs { id } }');
  expect((await me.query('{ docs { id } }')).errors?.map(({ extensions }) => extensions.code)).toEqual([
    'TABLE_UNAVAILABLE',
  ]);
  expect((await me.query('{ _meta { ready } }')).data).toEqual({ _meta: { ready: false } });
  expect(live.frames().map(({ errors }) => errors?.[0]?.extensions.code)).toEqual(['TABLE_UNAVAILABLE']);
  setPhase('live');
  await gateway.produce({ topic: 'bans', key: 'b1', value: { docId: 'd1', userId: 'you' } });
  expect(live.frames().map(({ data }) => data)).toEqual([{ docs: [{ id: 'd1' }] }]);
  expect((await me.query('{ docs { id } }')).data).toEqual({ docs: [{ id: 'd1' }] });
});

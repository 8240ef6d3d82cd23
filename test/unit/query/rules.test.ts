import { beforeAll, afterAll, expect, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';
import type { TestCaller, TestGateway } from '../../../src/testing.ts';

const schema = `
type Team @table(topic: "teams") @auth(public: true) {
  id: ID!
  name: String!
  "What it may spend."
  budget: Int @auth(rules: [{ roles: ["finance"] }])
  members: [Member!]! @relation(references: ["teamId"])
  notes: [Note!]! @relation(references: ["teamId"]) @auth(rules: [{ roles: ["finance"] }])
}
type Member @table(topic: "members")
  @auth(rules: [{ roles: ["support"], operations: [QUERY] }, { where: { teamId: { in: "$jwt.teams" } } }]) {
  id: ID!
  teamId: ID! @index
  email: String! @index(unique: true) @auth(rules: [{ where: { id: { eq: "$jwt.sub" } } }, { roles: ["support"] }])
  bossId: ID @index @auth(rules: [{ where: { id: { eq: "$jwt.sub" } } }])
  team: Team @relation(fields: ["teamId"])
  boss: Member @relation(fields: ["bossId"])
  staff: [Member!]! @relation(references: ["bossId"])
}
type Note @table(topic: "notes") @auth(rules: [{ roles: ["finance"] }]) { id: ID! teamId: ID! @index text: String! }
`;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await createTestGateway({ schema });
  const member = (id: string, teamId: string, bossId?: string) => ({
    topic: 'members',
    key: id,
    value: { teamId, email: `${id}@x.test`, bossId },
  });
  await gateway.produce([
    { topic: 'teams', key: 't1', value: { name: 'One', budget: 10 } },
    { topic: 'teams', key: 't2', value: { name: 'Two', budget: 20 } },
    member('a', 't1'),
    member('b', 't1', 'a'),
    member('c', 't2', 'a'),
    { topic: 'notes', key: 'n1', value: { teamId: 't1', text: 'secret' } },
  ]);
});
afterAll(() => gateway.close());

const ann: TestCaller = { claims: { sub: 'a', teams: ['t1'] } };
const bob: TestCaller = { claims: { sub: 'b', teams: ['t1'] } };
const support: TestCaller = { claims: { sub: 's' }, roles: ['support'] };
const finance: TestCaller = { claims: { sub: 'f' }, roles: ['finance'] };

async function ask(
  caller: TestCaller | undefined,
  query: string,
  variables?: Record<string, unknown>,
): Promise<unknown> {
  const { query: run } = caller === undefined ? gateway : gateway.as(caller);
  const { data, errors } = await run(query, variables);
  return errors === undefined ? data : errors.map(({ extensions }) => extensions.code);
}

test.each<[string, TestCaller | undefined, string, unknown]>([
  ['a public table is for everybody', undefined, '{ teams { id } }', { teams: [{ id: 't1' }, { id: 't2' }] }],
  ['its guarded field is not', undefined, '{ team(id: "t1") { budget } }', { team: { budget: null } }],
  ['its guarded field for who may read it', finance, '{ team(id: "t1") { budget } }', { team: { budget: 10 } }],
  ['another table is not', undefined, '{ members { id } }', ['UNAUTHENTICATED']],
  ['nor through a relation', undefined, '{ teams { members { id } } }', ['UNAUTHENTICATED']],
  [
    'nor through a filter',
    undefined,
    '{ teams(where: { members: { some: { id: { eq: "a" } } } }) { id } }',
    ['UNAUTHENTICATED'],
  ],
  ['a caller without a rule', finance, '{ members { id } }', ['FORBIDDEN']],
  ['a claim that is missing', { claims: { sub: 'a' } }, '{ members { id } }', ['FORBIDDEN']],
  ['a claim of another type', { claims: { sub: 'a', teams: { t1: true } } }, '{ members { id } }', ['FORBIDDEN']],
  ['the rows that a rule grants', ann, '{ members { id } }', { members: [{ id: 'a' }, { id: 'b' }] }],
  ['a count of them', ann, '{ membersConnection { totalCount } }', { membersConnection: { totalCount: 2 } }],
  [
    'a page of them',
    ann,
    '{ membersConnection(first: 2) { pageInfo { hasNextPage } } }',
    { membersConnection: { pageInfo: { hasNextPage: false } } },
  ],
  ['a row by key', ann, '{ member(id: "c") { id } }', { member: null }],
  ['a row by a unique index', support, '{ memberByEmail(email: "c@x.test") { id } }', { memberByEmail: { id: 'c' } }],
  ['a row by a guarded unique index', ann, '{ memberByEmail(email: "b@x.test") { id } }', { memberByEmail: null }],
  ['one own row by it', ann, '{ memberByEmail(email: "a@x.test") { id } }', { memberByEmail: { id: 'a' } }],
  [
    'rows through a relation',
    ann,
    '{ teams { members { id } } }',
    { teams: [{ members: [{ id: 'a' }, { id: 'b' }] }, { members: [] }] },
  ],
  ['some of what may be seen', ann, '{ teams(where: { members: { some: {} } }) { id } }', { teams: [{ id: 't1' }] }],
  [
    'some of those with an id',
    ann,
    '{ teams(where: { members: { some: { id: { gte: "" } } } }) { id } }',
    { teams: [{ id: 't1' }] },
  ],
  [
    'none of what may be seen',
    ann,
    '{ teams(where: { members: { none: { id: { eq: "c" } } } }) { id } }',
    { teams: [{ id: 't1' }, { id: 't2' }] },
  ],
  [
    'a field that is guarded row by row',
    ann,
    '{ members { email } }',
    { members: [{ email: 'a@x.test' }, { email: null }] },
  ],
  ['a filter by it', ann, '{ members(where: { email: { startsWith: "b" } }) { id } }', { members: [] }],
  [
    'a filter by its being null',
    ann,
    '{ members(where: { email: { isNull: true } }) { id } }',
    { members: [{ id: 'b' }] },
  ],
  ['what it is not', ann, '{ members(where: { not: { email: { eq: "z" } } }) { id } }', { members: [{ id: 'a' }] }],
  ['an order by it', bob, '{ members(orderBy: [{ email: ASC }]) { id } }', { members: [{ id: 'b' }, { id: 'a' }] }],
  [
    'a relation by a guarded column',
    bob,
    '{ members { id boss { id } } }',
    {
      members: [
        { id: 'a', boss: null },
        { id: 'b', boss: { id: 'a' } },
      ],
    },
  ],
  ['the same from its other end', bob, '{ member(id: "a") { staff { id } } }', { member: { staff: [{ id: 'b' }] } }],
  ['for who may not read it', ann, '{ member(id: "a") { staff { id } } }', { member: { staff: [] } }],
  ['a filter through it', ann, '{ members(where: { boss: { id: { eq: "a" } } }) { id } }', { members: [] }],
  ['a guarded relation', ann, '{ teams { notes { id } } }', ['FORBIDDEN']],
  [
    'for who may follow it',
    finance,
    '{ team(id: "t1") { notes { text } } }',
    { team: { notes: [{ text: 'secret' }] } },
  ],
  [
    'a filter through a guarded relation',
    ann,
    '{ teams(where: { notes: { some: { text: { contains: "s" } } } }) { id } }',
    ['FORBIDDEN'],
  ],
  ['a filter by a field that it may never read', ann, '{ teams(where: { budget: { gt: 1 } }) { id } }', ['FORBIDDEN']],
  ['an order by it', ann, '{ teams(orderBy: [{ budget: ASC }]) { id } }', ['FORBIDDEN']],
  ['the same without an identity', undefined, '{ teams(orderBy: [{ budget: ASC }]) { id } }', ['UNAUTHENTICATED']],
  [
    '_meta of what it may read',
    ann,
    '{ _meta { tables { name rows } topics { topic } } }',
    {
      _meta: {
        tables: [
          { name: 'Team', rows: null },
          { name: 'Member', rows: null },
        ],
        topics: [{ topic: 'members' }, { topic: 'teams' }],
      },
    },
  ],
])('%s', async (_name, caller, query, expected) => {
  expect(await ask(caller, query)).toEqual(expected);
});

test('a rule for queries alone does not let a live query in', async () => {
  expect(await ask(support, '{ members { id } }')).toEqual({ members: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] });
  const live = await gateway.as(support).subscribe('subscription { members { id } }');
  expect(live.frames().map(({ errors }) => errors?.[0]?.extensions.code)).toEqual(['FORBIDDEN']);
  expect(live.completed).toBe(true);
});

test('a node that may not be seen is like one that is not there', async () => {
  const id = (key: string) => Buffer.from(JSON.stringify(['Member', key])).toString('base64url');
  const node = (caller: TestCaller | undefined, key: string) =>
    ask(caller, '{ node(nodeId: "ID") { nodeId } }'.replace('ID', id(key)));
  expect(await node(ann, 'b')).toEqual({ node: { nodeId: id('b') } });
  for (const caller of [ann, finance, undefined]) {
    expect(await node(caller, 'c')).toEqual({ node: null });
    expect(await node(caller, 'nobody')).toEqual({ node: null });
  }
});

test('cursors hold what the caller sees, and lead on from there', async () => {
  const page = (after?: string) =>
    gateway
      .as(ann)
      .query(
        'query ($after: String) { membersConnection(orderBy: [{ email: ASC }], first: 1, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage } } }',
        { after },
      );
  type Page = {
    membersConnection: { edges: { cursor: string; node: { id: string } }[]; pageInfo: { hasNextPage: boolean } };
  };
  const seen: string[] = [];
  let after: string | undefined;
  for (let more = true; more;) {
    const { membersConnection } = (await page(after)).data as Page;
    for (const { cursor, node } of membersConnection.edges) {
      seen.push(node.id);
      after = cursor;
      if (node.id === 'b') expect(Buffer.from(cursor, 'base64url').toString()).not.toContain('b@x.test');
    }
    more = membersConnection.pageInfo.hasNextPage;
  }
  expect(seen).toEqual(['a', 'b']);
});

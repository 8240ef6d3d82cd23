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

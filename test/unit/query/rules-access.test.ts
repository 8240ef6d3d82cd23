import { expect, onTestFinished, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';

const schema = `
type Doc @table(topic: "docs")
  @auth(rules: [{ roles: ["admin"] }, { where: { ownerId: { eq: "$jwt.sub" } } }, { where: { grants: { some: { userId: { eq: "$jwt.sub" } } } } }]) {
  id: ID!
  title: String! @index
  ownerId: ID! @index
  grants: [Grant!]! @relation(references: ["docId"])
  pages: [Page!]! @relation(references: ["docId"])
}
type Page @table(topic: "pages") @key(fields: "docId number")
  @auth(rules: [{ where: { doc: { ownerId: { eq: "$jwt.sub" } } } }]) {
  docId: ID!
  number: Int!
  text: String!
  doc: Doc @relation(fields: ["docId"])
}
type Grant @table(topic: "grants") @key(fields: "docId userId") @hidden {
  docId: ID!
  userId: ID! @index
}
`;

async function open() {
  const gateway = await createTestGateway({ schema, limits: { scanLimit: 50 } });
  onTestFinished(() => gateway.close());
  const docs = Array.from({ length: 300 }, (_, i) => ({
    topic: 'docs',
    key: `d${i}`,
    value: { title: `T${i}`, ownerId: `u${i % 100}` },
  }));
  const pages = docs.flatMap(({ key }) =>
    [1, 2].map((number) => ({ topic: 'pages', key: { docId: key, number }, value: { text: `${key}/${number}` } })),
  );
  const grants = [7, 8, 9].map((i) => ({ topic: 'grants', key: { docId: `d${i}`, userId: 'u1' }, value: {} }));
  await gateway.produce([...docs, ...pages, ...grants]);
  return gateway;
}

test('a rule through a relation reads the rows that it leads to, and no others', async () => {
  const gateway = await open();
  const before = { ...gateway.work };
  const { data } = await gateway.as({ claims: { sub: 'u1' } }).query('{ docs { id } docsConnection { totalCount } }');
  expect(data).toEqual({
    docs: ['d1', 'd101', 'd201', 'd7', 'd8', 'd9'].map((id) => ({ id })),
    docsConnection: { totalCount: 6 },
  });
  // Three of its own and three grants with what they are for; twice.
  expect(gateway.work.rowsRead - before.rowsRead).toBeLessThanOrEqual(30);
});

test('a rule through a relation to one row starts from that row', async () => {
  const gateway = await open();
  const before = { ...gateway.work };
  const { data } = await gateway.as({ claims: { sub: 'u1' } }).query('{ pages { text } }');
  expect(data).toEqual({
    pages: ['d1/1', 'd1/2', 'd101/1', 'd101/2', 'd201/1', 'd201/2'].map((text) => ({ text })),
  });
  expect(gateway.work.rowsRead - before.rowsRead).toBeLessThanOrEqual(20);
});

test('a live query under a rule is woken by what its rule reads, and by nothing else', async () => {
  const gateway = await open();
  const live = await gateway
    .as({ claims: { sub: 'u1' } })
    .subscribe('subscription { pages { docId } docs: __typename }');
  expect(live.frames()[0]?.errors).toBeDefined();
  const pages = await gateway.as({ claims: { sub: 'u1' } }).subscribe('subscription { pages(limit: 2) { docId } }');
  pages.frames();
  const before = { ...gateway.work };
  await gateway.produce({ topic: 'docs', key: 'd2', value: { title: 'other', ownerId: 'u2' } });
  await gateway.produce({ topic: 'pages', key: { docId: 'd2', number: 1 }, value: { text: 'other' } });
  expect(gateway.work.shapesEvaluated).toBe(before.shapesEvaluated);
  await gateway.produce({ topic: 'docs', key: 'd0', value: { title: 'mine now', ownerId: 'u1' } });
  expect(pages.frames().map(({ data }) => data)).toEqual([{ pages: [{ docId: 'd0' }, { docId: 'd0' }] }]);
});

test('two callers share a live query only where their rules come out alike', async () => {
  const gateway = await open();
  const shapes = () => gateway.hub.counts().shapes;
  const document = 'subscription { docs { id } }';
  await gateway.as({ claims: { sub: 'u1' } }).subscribe(document);
  await gateway.as({ claims: { sub: 'u1', name: 'another token of the same caller' } }).subscribe(document);
  expect(shapes()).toBe(1);
  await gateway.as({ claims: { sub: 'u2' } }).subscribe(document);
  expect(shapes()).toBe(2);
  await gateway.as({ claims: { sub: 'u2' }, roles: ['admin'] }).subscribe(document);
  await gateway.as({ claims: { sub: 'u1' }, roles: ['admin'] }).subscribe(document);
  expect(shapes()).toBe(3);
});

import { expect, onTestFinished, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';
import type { TestCaller, TestGateway, TestSubscription } from '../../../src/testing.ts';

const schema = `
type Doc @table(topic: "docs")
  @auth(rules: [{ roles: ["admin"] }, { where: { grants: { some: { userId: { eq: "$jwt.sub" } } } } }]) {
  id: ID!
  title: String!
  price: Int @auth(rules: [{ where: { grants: { some: { userId: { eq: "$jwt.sub" }, owner: { eq: true } } } } }])
  grants: [Grant!]! @relation(references: ["docId"])
}
type Grant @table(topic: "grants") @key(fields: "docId userId") @hidden { docId: ID! userId: ID! @index owner: Boolean }
`;

const ann: TestCaller = { claims: { sub: 'ann' } };
const admin: TestCaller = { claims: { sub: 'root' }, roles: ['admin'] };
const doc = (id: string, title: string, price = 1) => ({ topic: 'docs', key: id, value: { title, price } });
const grant = (docId: string, owner = false, userId = 'ann') => ({
  topic: 'grants',
  key: { docId, userId },
  value: { owner },
  timestamp: 77_000,
});
const revoke = (docId: string) => ({ topic: 'grants', key: { docId, userId: 'ann' }, value: null });

async function open(): Promise<TestGateway> {
  const gateway = await createTestGateway({ schema });
  onTestFinished(() => gateway.close());
  await gateway.produce([doc('d1', 'one'), doc('d2', 'two'), grant('d1')]);
  return gateway;
}

const stream = (rest = '') =>
  `subscription ($after: String) { docChanges(after: $after${rest}) { changes { operation rowId node { title price } previous { title price } changedFields timestamp } reset position } }`;

interface Message {
  readonly changes: readonly Record<string, unknown>[];
  readonly reset: boolean;
  readonly position: string;
}

function messages(subscription: TestSubscription): readonly Message[] {
  return subscription.frames().map(({ data }) => (data as { docChanges: Message }).docChanges);
}

test('a live query gains and loses rows as grants come and go', async () => {
  const gateway = await open();
  const live = await gateway.as(ann).subscribe('subscription { docs { id price } docsToo: __typename }');
  expect(live.frames()[0]?.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  const docs = await gateway.as(ann).subscribe('subscription { docs { id price } }');
  await gateway.produce(grant('d2'));
  await gateway.produce(grant('d2', true));
  await gateway.produce(revoke('d1'));
  expect(docs.frames().map(({ data }) => data)).toEqual([
    { docs: [{ id: 'd1', price: null }] },
    {
      docs: [
        { id: 'd1', price: null },
        { id: 'd2', price: null },
      ],
    },
    {
      docs: [
        { id: 'd1', price: null },
        { id: 'd2', price: 1 },
      ],
    },
    { docs: [{ id: 'd2', price: 1 }] },
  ]);
});

test('a change stream tells what the caller may know, and no more', async () => {
  const gateway = await open();
  const changes = await gateway.as(ann).subscribe(stream(', snapshot: true'));
  await gateway.produce(doc('d2', 'hidden from ann', 666));
  await gateway.produce([grant('d2'), doc('d2', 'granted with it', 667)]);
  // Only what ann may not read changes: nothing is told.
  await gateway.produce(doc('d2', 'granted with it', 668));
  await gateway.produce(grant('d2', true));
  await gateway.produce([revoke('d2'), doc('d2', 'after ann', 669)]);
  await gateway.produce({ topic: 'docs', key: 'd1', value: null });
  const wire = messages(changes);
  const none = { node: null, previous: null, changedFields: [], timestamp: '1970-01-01T00:00:00.000Z' };
  expect(wire.flatMap((message) => message.changes)).toEqual([
    { ...none, operation: 'INSERT', rowId: 'd1', node: { title: 'one', price: null } },
    { ...none, operation: 'INSERT', rowId: 'd2', node: { title: 'granted with it', price: null } },
    {
      ...none,
      operation: 'UPDATE',
      rowId: 'd2',
      node: { title: 'granted with it', price: 668 },
      previous: { title: 'granted with it', price: null },
      changedFields: ['price'],
    },
    { ...none, operation: 'DELETE', rowId: 'd2' },
    { ...none, operation: 'DELETE', rowId: 'd1' },
  ]);
  expect(JSON.stringify(wire)).not.toMatch(/666|667|669|hidden|after ann/);
});

test('whoever may read everything is told everything, as without rules', async () => {
  const gateway = await createTestGateway({
    schema: 'type Doc @table(topic: "docs") @auth(rules: [{ roles: ["admin"] }]) { id: ID! title: String! }',
  });
  onTestFinished(() => gateway.close());
  const changes = await gateway
    .as(admin)
    .subscribe('subscription { docChanges { changes { operation previous { title } } } }');
  await gateway.produce({ topic: 'docs', key: 'd1', value: { title: 'one' } });
  await gateway.produce({ topic: 'docs', key: 'd1', value: null });
  expect(changes.frames().map(({ data }) => data)).toEqual([
    { docChanges: { changes: [] } },
    { docChanges: { changes: [{ operation: 'INSERT', previous: null }] } },
    { docChanges: { changes: [{ operation: 'DELETE', previous: { title: 'one' } }] } },
  ]);
});

test('a stream is resumed by whom the rules grant the same, and by nobody else', async () => {
  const gateway = await open();
  const first = await gateway.as(ann).subscribe(stream());
  const after = messages(first)[0]?.position;
  first.stop();
  await gateway.produce(doc('d1', 'uno'));
  const resume = async (caller: TestCaller, rest = '') => {
    const resumed = await gateway.as(caller).subscribe(stream(rest), { after });
    await gateway.settled();
    return resumed;
  };
  const again = await resume({ claims: { sub: 'ann', iat: 2 } });
  expect(messages(again).flatMap(({ changes }) => changes.map(({ operation }) => operation))).toEqual(['UPDATE']);
  for (const other of [{ claims: { sub: 'bob' } }, admin]) {
    const refused = await resume(other);
    expect(refused.frames()[0]?.errors?.[0]?.extensions).toMatchObject({ code: 'POSITION_EXPIRED', reason: 'rules' });
    expect(refused.completed).toBe(true);
  }
  const anew = await resume(admin, ', snapshot: true');
  expect(messages(anew).map(({ reset, changes }) => [reset, changes.map(({ rowId }) => rowId)])).toEqual([
    [true, ['d1', 'd2']],
  ]);
});

test('a position of what may be read whole is good for whoever may', async () => {
  const gateway = await open();
  const { extensions } = await gateway.as(admin).query('{ docs { id } }');
  await gateway.produce(doc('d1', 'uno'));
  // `price` is guarded for admins, too.
  const resumed = await gateway
    .as({ ...admin, roles: ['admin', 'other'] })
    .subscribe(stream(), { after: extensions?.position });
  await gateway.settled();
  expect(messages(resumed).flatMap(({ changes }) => changes.map(({ operation }) => operation))).toEqual(['UPDATE']);
});

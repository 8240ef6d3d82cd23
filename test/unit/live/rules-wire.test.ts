import { expect, onTestFinished, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';

test('a change that a related row caused tells nothing of rows that the subscriber may not read, not even when they were written', async () => {
  const schema = `
  type Doc @table(topic: "docs") @auth(rules: [{}]) {
    id: ID!
    teamId: ID! @index
    team: Team @relation(fields: ["teamId"])
  }
  type Team @table(topic: "teams") @auth(rules: [{ where: { owner: { eq: "$jwt.sub" } } }]) {
    id: ID!
    owner: ID!
    open: Boolean!
  }`;
  const team = (key: string, owner: string, open: boolean, timestamp: number) => ({
    topic: 'teams',
    key,
    value: { owner, open },
    timestamp,
  });
  const gateway = await createTestGateway({ schema, now: () => 7_000 });
  onTestFinished(() => gateway.close());
  await gateway.produce([
    { topic: 'docs', key: 'd1', value: { teamId: 't1' } },
    team('t1', 'me', false, 0),
    team('t2', 'you', false, 0),
  ]);
  const stream = await gateway
    .as({ claims: { sub: 'me' } })
    .subscribe(
      'subscription { docChanges(where: { team: { open: { eq: true } } }) { changes { operation rowId timestamp } } }',
    );
  stream.frames();
  await gateway.produce([team('t1', 'me', true, 5_000), team('t2', 'you', true, 99_000)]);
  expect(stream.frames().map(({ data }) => data)).toEqual([
    { docChanges: { changes: [{ operation: 'INSERT', rowId: 'd1', timestamp: '1970-01-01T00:00:07.000Z' }] } },
  ]);
});

test('the order of changes tells nothing of rows that the subscriber may not read', async () => {
  const schema = `
  type Doc @table(topic: "docs") @auth(rules: [{ where: { owner: { eq: "$jwt.sub" } } }]) {
    id: ID!
    owner: ID!
  }`;
  const doc = (key: string, owner: string) => ({ topic: 'docs', key, value: { owner } });
  const gateway = await createTestGateway({ schema });
  onTestFinished(() => gateway.close());
  const stream = await gateway
    .as({ claims: { sub: 'me' } })
    .subscribe('subscription { docChanges { changes { operation rowId } } }');
  stream.frames();
  // d2 is somebody else's at first: it stands before d1 in the feed.
  await gateway.produce([doc('d2', 'you'), doc('d1', 'me'), doc('d2', 'me')]);
  const changes = ['d1', 'd2'].map((rowId) => ({ operation: 'INSERT', rowId }));
  expect(stream.frames().map(({ data }) => data)).toEqual([{ docChanges: { changes } }]);
});

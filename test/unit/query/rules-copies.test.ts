import { expect, onTestFinished, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';

const schema = `
type Song @table(topic: "songs") {
  id: ID!
  artistId: ID! @index
  code: String @auth(rules: [{ where: { artistId: { eq: "$jwt.sub" } } }])
  secret: String @auth(rules: [{ where: { artistId: { eq: "$jwt.sub" } } }])
}
type Diary @table(topic: "diaries") @auth(rules: [{ where: { open: { eq: true } } }]) {
  id: ID!
  ownerId: ID! @index
  open: Boolean!
}
type Note @table(topic: "notes") @auth(rules: [{ where: { ownerId: { eq: "$jwt.sub" } } }]) {
  id: ID!
  ownerId: ID! @index(covering: true)
  text: String
}
type Person @table(topic: "people") {
  id: ID!
  songs: [Song!]! @relation(references: ["artistId"])
  diaries: [Diary!]! @relation(references: ["ownerId"])
  notes: [Note!]! @relation(references: ["ownerId"])
}
`;

test('lists that are copied from bytes and keys show nothing that the caller may not read', async () => {
  const gateway = await createTestGateway({ schema });
  onTestFinished(() => gateway.close());
  await gateway.produce([
    ...['a1', 'a2'].map((artistId) => ({
      topic: 'songs',
      key: `s-${artistId}`,
      value: { artistId, code: 'c', secret: 'x' },
    })),
    ...[true, false].map((open) => ({ topic: 'diaries', key: `d-${open}`, value: { ownerId: 'o', open } })),
    ...['a1', 'a2', 'o'].flatMap((id) => [
      { topic: 'people', key: id, value: {} },
      { topic: 'notes', key: `n-${id}`, value: { ownerId: id, text: 't' } },
    ]),
  ]);
  const caller = gateway.as({ claims: { sub: 'a1' } });
  const songs = 'query ($of: ID!) { songs(where: { artistId: { eq: $of } }) { id code secret } }';
  const codes = 'query ($of: ID!) { songs(where: { artistId: { eq: $of } }) { id code } }';
  const diaries = '{ diaries(where: { ownerId: { eq: "o" } }) { id ownerId } }';
  // The second time what was made for the first is used again.
  for (const _again of [1, 2]) {
    expect((await caller.query(songs, { of: 'a1' })).data).toEqual({ songs: [{ id: 's-a1', code: 'c', secret: 'x' }] });
    expect((await caller.query(songs, { of: 'a2' })).data).toEqual({
      songs: [{ id: 's-a2', code: null, secret: null }],
    });
    expect((await caller.query(codes, { of: 'a2' })).data).toEqual({ songs: [{ id: 's-a2', code: null }] });
    expect((await caller.query(diaries)).data).toEqual({ diaries: [{ id: 'd-true', ownerId: 'o' }] });
    const related = '{ people { songs { id code secret } diaries { id ownerId } notes { id text } } }';
    expect((await caller.query(related)).data).toEqual({
      people: [
        { songs: [{ id: 's-a1', code: 'c', secret: 'x' }], diaries: [], notes: [{ id: 'n-a1', text: 't' }] },
        { songs: [{ id: 's-a2', code: null, secret: null }], diaries: [], notes: [] },
        { songs: [], diaries: [{ id: 'd-true', ownerId: 'o' }], notes: [] },
      ],
    });
    const others = '{ people { songs(where: { artistId: { eq: "a2" } }) { id } } }';
    expect((await caller.query(others)).data).toEqual({
      people: [{ songs: [] }, { songs: [{ id: 's-a2' }] }, { songs: [] }],
    });
  }
});

import { afterEach, expect, test } from 'vitest';
import { createTestGateway, type TestGateway } from '../../../src/testing.ts';

const schema = `
type Play @table(topic: "plays", mode: APPEND, retention: "PT1S") { id: ID! @from(meta: COORDINATES) song: String! }
type Heard @view(source: "Play") { id: ID! song: String! }
type PerSong @aggregation(source: "Play") { song: String! plays: Int! @aggregate(fn: COUNT) }
`;

let gateway: TestGateway;
afterEach(() => gateway.close());

test('a row that comes and expires in one commit is counted, and in no view', async () => {
  gateway = await createTestGateway({ schema });
  await gateway.produce([
    { topic: 'plays', value: { song: 'a' }, timestamp: 1_000 },
    { topic: 'plays', value: { song: 'b' }, timestamp: 9_000 },
  ]);
  const { data } = await gateway.query('{ plays { song } heards { song } perSongs { song plays } }');
  expect(data).toEqual({
    plays: [{ song: 'b' }],
    heards: [{ song: 'b' }],
    perSongs: [
      { song: 'a', plays: 1 },
      { song: 'b', plays: 1 },
    ],
  });
});

import { expect, test } from 'vitest';
import { createPositions, fetchAtLeast } from '../../../src/client/client.ts';
import { decodePosition, encodePosition } from '../../../src/model/position.ts';
import { createServerWorld } from '../../support/server-world.ts';

function position(offsets: Record<string, Record<number, number>>): string {
  const topics = Object.entries(offsets).map(
    ([topic, partitions]) =>
      [topic, new Map(Object.entries(partitions).map(([partition, next]) => [Number(partition), next]))] as const,
  );
  return encodePosition({ storeId: 's', version: 3, offsets: new Map(topics) });
}

test('the newest position has the greatest offset of each partition, in whatever order answers come', () => {
  const positions = createPositions();
  expect(positions.newest()).toBeUndefined();
  positions.see(position({ songs: { 0: 5, 1: 2 } }));
  positions.see(position({ songs: { 0: 4, 1: 3 }, 'plays ♫': { 0: 1 } }));
  const { offsets } = decodePosition(positions.newest() ?? '');
  expect(Object.fromEntries([...offsets].map(([topic, next]) => [topic, Object.fromEntries(next)]))).toEqual({
    songs: { 0: 5, 1: 3 },
    'plays ♫': { 0: 1 },
  });
  positions.clear();
  expect(positions.newest()).toBeUndefined();
});

test('what is no position is passed over', () => {
  const positions = createPositions();
  for (const text of [undefined, null, 7, '', 'A', 'e30', '-_-']) positions.see(text);
  expect(positions.newest()).toBeUndefined();
});

test('over HTTP an answer waits for what earlier ones had', async () => {
  const schema = 'type Song @table(topic: "songs") { id: ID! position: String! }';
  const [fresh, lagging] = [await createServerWorld(schema), await createServerWorld(schema)];
  for (const text of ['B', 'QQ']) fresh.commit({ Song: { a: { position: text } } });
  const positions = createPositions();
  const send = fetchAtLeast(positions);
  const ask = async (url: string) => {
    const response = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ songs { position } }' }),
    });
    return ((await response.json()) as { data: { songs: { position: string }[] } }).data.songs;
  };
  expect(await ask(fresh.url)).toEqual([{ position: 'QQ' }]);
  const waiting = ask(lagging.url);
  while (lagging.hub.counts().waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  for (const text of ['B', 'C']) lagging.commit({ Song: { a: { position: text } } });
  expect(await waiting).toEqual([{ position: 'C' }]);
});

test('bodies and answers that are no JSON pass unchanged', async () => {
  const seen: unknown[] = [];
  const base: typeof fetch = async (_input, init) => {
    seen.push(init?.body);
    return new Response('"extensions":{"position":"W10"}', { headers: { 'content-type': 'text/event-stream' } });
  };
  const positions = createPositions();
  positions.see(position({ songs: { 0: 1 } }));
  const before = positions.newest();
  await fetchAtLeast(positions, base)('http://x', { body: 'no json' });
  await fetchAtLeast(positions, base)('http://x');
  expect(seen).toEqual(['no json', undefined]);
  expect(positions.newest()).toBe(before);
});

import { get as httpGet, type IncomingMessage } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { Events } from '../support/events.ts';
import { createServerWorld, type ServerWorld } from '../support/server-world.ts';

const schema = `type Song @table(topic: "songs") { id: ID! title: String! }`;
const songs = 'subscription { songs { id title } }';

async function open(world: ServerWorld, query: string, accept = 'text/event-stream'): Promise<Events> {
  const response = await world.post({ query }, { accept });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  return new Events(response);
}

test('a subscription over POST: next for every frame, freed when the client goes', async () => {
  const world = await createServerWorld(schema);
  const events = await open(world, songs);
  expect(await events.at(0)).toEqual({
    event: 'next',
    payload: { data: { songs: [] }, extensions: { position: world.position('Song') } },
  });
  world.commit({ Song: { a: { title: 'A' } } });
  expect(await events.at(1)).toMatchObject({ event: 'next', payload: { data: { songs: [{ id: 'a', title: 'A' }] } } });
  await events.stop();
  while (world.hub.counts().subscribers > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('a subscription over GET', async () => {
  const world = await createServerWorld(schema);
  const response = await fetch(`${world.url}?${new URLSearchParams({ query: songs }).toString()}`, {
    headers: { accept: 'text/event-stream' },
  });
  expect((await new Events(response).at(0)).payload).toMatchObject({ data: { songs: [] } });
});

test('a query is one event and complete', async () => {
  const world = await createServerWorld(schema);
  const events = await open(world, '{ songs { id } }');
  expect(await events.at(0)).toMatchObject({ event: 'next', payload: { data: { songs: [] } } });
  expect(await events.at(1)).toEqual({ event: 'complete', payload: undefined });
});

test('a query by a client that takes JSON as well is answered as JSON', async () => {
  const world = await createServerWorld(schema);
  const response = await world.post({ query: '{ songs { id } }' }, { accept: 'application/json, text/event-stream' });
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(await response.json()).toMatchObject({ data: { songs: [] } });
  const streamed = await open(
    world,
    songs,
    'application/graphql-response+json, application/json, text/event-stream, multipart/mixed',
  );
  expect((await streamed.at(0)).event).toBe('next');
});

test('what is not valid is one event with the errors, and complete', async () => {
  const world = await createServerWorld(schema);
  const events = await open(world, 'subscription { songs(foo: 1) { bar } }');
  expect(await events.at(0)).toMatchObject({
    payload: {
      errors: [
        { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
        { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
      ],
    },
  });
  expect((await events.at(1)).event).toBe('complete');
  const response = await world.post('{"query":', { accept: 'text/event-stream, application/json' });
  expect(response.status).toBe(400);
});

test('positions come as comments while nothing changes', async () => {
  const world = await createServerWorld(schema, { limits: { progressMs: 20 } });
  const events = await open(world, 'subscription { song(id: "zzz") { title } }');
  await events.at(0);
  world.commit({ Song: { a: { title: 'A' } } });
  const position = JSON.stringify({ position: world.position('Song') });
  await events.arrival.until(() => events.comments.at(-1) === position);
  expect(events.events).toHaveLength(1);
});

test('a client that does not read gets the newest state when it does', async () => {
  const world = await createServerWorld(schema);
  const title = (step: number) => `${step} ${'x'.repeat(200_000)}`;
  const response = await new Promise<IncomingMessage>((resolve) => {
    const url = `${world.url}?${new URLSearchParams({ query: songs }).toString()}`;
    const request = httpGet(url, { headers: { accept: 'text/event-stream' } }, resolve);
    onTestFinished(() => void request.destroy());
  });
  response.pause();
  for (let step = 1; step <= 100; step += 1) {
    world.commit({ Song: { a: { title: title(step) } } });
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(world.work.framesSent).toBeLessThan(70);
  let text = '';
  for await (const chunk of response) {
    text = (text + String(chunk)).slice(-400_000);
    if (text.includes('"100 x')) break;
  }
});

test('shutting down completes streams', async () => {
  const world = await createServerWorld(schema);
  const events = await open(world, songs);
  await events.at(0);
  await world.server.drain();
  expect((await events.at(1)).event).toBe('complete');
});

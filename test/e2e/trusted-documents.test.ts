import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createLiveClient } from '../../src/client/client.ts';
import { Events } from '../support/events.ts';
import { createServerWorld, subscribe } from '../support/server-world.ts';
import type { GraphqlResult, ServerWorld } from '../support/server-world.ts';

const schema = 'type Song @table(topic: "songs") { id: ID! title: String! }';
const song = 'query Song($id: ID!) { song(id: $id) { title } }';
const songs = 'subscription Songs { songs { id } }';
const trustedDocuments = { song, songs };
const preflighted = { 'x-headgate-preflight': '1' };
const sse = { accept: 'text/event-stream' };

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function createWorld(trusted: Readonly<Record<string, string>> | undefined): Promise<ServerWorld> {
  const world = await createServerWorld(schema, trusted === undefined ? {} : { trustedDocuments: trusted });
  world.commit({ Song: { a: { title: 'A' } } });
  return world;
}

function get(world: ServerWorld, parameters: Record<string, string>, headers = {}): Promise<Response> {
  return fetch(`${world.url}?${new URLSearchParams(parameters).toString()}`, {
    headers: { ...preflighted, ...headers },
  });
}

async function codeOf(response: Response): Promise<unknown> {
  return ((await response.json()) as GraphqlResult).errors?.[0]?.extensions['code'];
}

const persisted = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(text) } });

test('over POST a document is asked for by its id, its hash or its text, and no other', async () => {
  const world = await createWorld(trustedDocuments);
  const variables = { id: 'a' };
  for (const body of [
    { documentId: 'song', variables },
    { doc_id: 'song', variables },
    { id: 'song', variables },
    { extensions: { documentId: 'song' }, variables },
    { extensions: persisted(song), variables },
    { query: song, variables },
    { query: song, documentId: 'song', variables },
    // As a cache has changed it.
    { query: 'query Song($id: ID!) { song(id: $id) { title __typename } }', documentId: 'song', variables },
  ]) {
    const answer = (await (await world.post(body)).json()) as unknown;
    expect(answer, JSON.stringify(body)).toMatchObject({ data: { song: { title: 'A' } } });
  }
  for (const body of [
    { documentId: 'other' },
    { query: '{ songs { id } }' },
    { query: '{ __schema { types { name } } }' },
    { extensions: persisted('{ songs { id } }') },
    { query: '{ songs { id } }', extensions: persisted(song) },
    { query: '{ songs { id } }', documentId: 'other' },
  ]) {
    expect(await codeOf(await world.post(body)), JSON.stringify(body)).toBe('FORBIDDEN');
  }
  expect(
    (await world.post({ query: '{ songs { id } }' }, { accept: 'application/graphql-response+json' })).status,
  ).toBe(403);
});

test('over GET as over POST', async () => {
  const world = await createWorld(trustedDocuments);
  const variables = '{"id":"a"}';
  for (const parameters of [
    { documentId: 'song', variables },
    { query: song, variables },
    { extensions: JSON.stringify(persisted(song)), variables },
  ]) {
    const answer = (await (await get(world, parameters)).json()) as unknown;
    expect(answer, JSON.stringify(parameters)).toMatchObject({ data: { song: { title: 'A' } } });
  }
  expect(await codeOf(await get(world, { query: '{ songs { id } }' }))).toBe('FORBIDDEN');
  expect(await codeOf(await get(world, { documentId: 'other' }))).toBe('FORBIDDEN');
});

test('over SSE', async () => {
  const world = await createWorld(trustedDocuments);
  const streamed = async (response: Response) => (await new Events(response).at(0)).payload;
  const data = { data: { songs: [{ id: 'a' }] } };
  expect(await streamed(await world.post({ documentId: 'songs' }, sse))).toMatchObject(data);
  expect(await streamed(await world.post({ extensions: persisted(songs) }, sse))).toMatchObject(data);
  expect(await streamed(await get(world, { documentId: 'songs' }, sse))).toMatchObject(data);
  expect(await streamed(await world.post({ query: 'subscription { songs { title } }' }, sse))).toMatchObject({
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  });
  expect(await streamed(await world.post({ documentId: 'other' }, sse))).toMatchObject({
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  });
});

test('over a WebSocket, where the rest of its operations goes on', async () => {
  const world = await createWorld(trustedDocuments);
  const client = world.client();
  const first = subscribe(client, songs);
  expect(await first.at(0)).toMatchObject({ data: { songs: [{ id: 'a' }] } });
  expect(await subscribe(client, 'subscription { songs { title } }').ended).toMatchObject([
    { extensions: { code: 'FORBIDDEN' } },
  ]);
  const named = await new Promise((resolve) => {
    client.subscribe(
      { query: '', extensions: { documentId: 'songs' } },
      { next: resolve, error: resolve, complete: () => {} },
    );
  });
  expect(named).toMatchObject({ data: { songs: [{ id: 'a' }] } });
  world.commit({ Song: { b: { title: 'B' } } });
  expect(await first.at(1)).toMatchObject({ data: { songs: [{ id: 'a' }, { id: 'b' }] } });
});

test('over a WebSocket an operation that is named needs no text, as over HTTP', async () => {
  const world = await createWorld(trustedDocuments);
  const connection = createLiveClient({ url: world.wsUrl, webSocketImpl: WebSocket });
  onTestFinished(() => void connection.dispose());
  for await (const result of connection.iterate({ documentId: 'song', variables: { id: 'a' } })) {
    expect(result).toMatchObject({ data: { song: { title: 'A' } } });
  }
  for await (const result of connection.iterate({
    documentId: 'song',
    variables: { id: 'a' },
    extensions: { live: true },
  })) {
    expect(result).toMatchObject({ data: { song: { title: 'A' } } });
    break;
  }
  await expect(connection.iterate({ documentId: 'other' }).next()).rejects.toMatchObject([
    { extensions: { code: 'FORBIDDEN' } },
  ]);
  // As a client of another kind would say it.
  const socket = await world.socket();
  const answer = once(socket, 'message');
  socket.send('{"type":"subscribe","id":"1","payload":{"documentId":"songs"}}');
  expect(JSON.parse(String((await answer)[0]))).toMatchObject({
    id: '1',
    type: 'next',
    payload: { data: { songs: [{ id: 'a' }] } },
  });
});

test('a query of the list may be asked live: by its text with the other keyword, or by its id', async () => {
  const world = await createWorld({ ...trustedDocuments, several: '{ a: songs { id } b: songs { title } }' });
  const client = world.client();
  const ask = ({ query = '', extensions }: { query?: string; extensions?: Record<string, unknown> }) =>
    subscribe(client, query, { id: 'a' }, extensions);
  const texts = [
    'subscription Song($id: ID!) { song(id: $id) { title } }',
    'subscription Song($id: ID!) {\n  song(id: $id) {\n    title\n  }\n}',
  ];
  for (const query of texts) expect(await ask({ query }).at(0)).toMatchObject({ data: { song: { title: 'A' } } });
  const live = ask({ extensions: { documentId: 'song', live: true } });
  expect(await live.at(0)).toMatchObject({ data: { song: { title: 'A' } } });
  world.commit({ Song: { a: { title: 'A2' } } });
  expect(await live.at(1)).toMatchObject({ data: { song: { title: 'A2' } } });
  for (const payload of [
    { query: 'subscription Song($id: ID!) { song(id: $id) { id } }' },
    { extensions: { documentId: 'songs', live: true } },
    { extensions: { documentId: 'other', live: true } },
    // No subscription has several fields.
    { extensions: { documentId: 'several', live: true } },
  ]) {
    expect(await ask(payload).ended, JSON.stringify(payload)).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  }
});

test.each([true, false])("Apollo's link for persisted queries gets its answer (a list: %s)", async (listed) => {
  const document = gql`
    query Titles {
      songs {
        title
      }
    }
  `;
  // As the client prints it, with __typename.
  const text = 'query Titles {\n  songs {\n    title\n    __typename\n  }\n}';
  const world = await createWorld(listed ? { titles: text } : undefined);
  const bodies: unknown[] = [];
  const link = new HttpLink({
    uri: world.url,
    fetch: (uri, init) => {
      bodies.push(JSON.parse(init?.body as string));
      return fetch(uri as string, init as RequestInit);
    },
  });
  const client = new ApolloClient({
    link: new PersistedQueryLink({ sha256 }).concat(link),
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: 'no-cache' } },
  });
  onTestFinished(() => client.stop());
  for (const _ of [1, 2]) {
    expect((await client.query({ query: document })).data).toMatchObject({ songs: [{ title: 'A' }] });
  }
  // With a list hashes alone; without one it is told once, and sends texts.
  const withText = bodies.map((body) => 'query' in (body as object));
  expect(withText).toEqual(listed ? [false, false] : [false, true, true]);
});

import { expect, test } from 'vitest';
import { defaultServerLimits } from '../../src/config/limits.ts';
import { withDocumentId } from '../../src/server/document-id.ts';
import { chartsSchema } from '../support/charts.ts';
import { message, opcodes, openRaw } from '../support/raw-websocket.ts';
import { createServerWorld, type ServerWorld } from '../support/server-world.ts';
import type { Attack } from './document-attack.ts';
import { attacks } from './documents.ts';

/** Codes of the first error: of an answer, null. `undefined`: the transport cannot say such a thing. */
type Code = string | null | undefined;

const { maxMessageBytes } = defaultServerLimits;
const accept = 'application/graphql-response+json';

function codeIn(text: string): Code {
  const [, code] = /"errors":\[\{.*?"code":"([A-Z_]+)"/.exec(text) ?? [];
  return code ?? null;
}

async function overPost(world: ServerWorld, { request }: Attack): Promise<Code> {
  const response = await world.post(JSON.stringify(request) ?? 'undefined', { accept });
  const text = await response.text();
  expect(response.status).toBeLessThan(505);
  return codeIn(text);
}

/** Half a surrogate is none in a URL, a member that is null is a text, and an empty document is none. */
function isInUrl(request: unknown): request is Readonly<Record<string, unknown>> {
  if (!isObject(request) || request['query'] === '' || JSON.stringify(request).includes('\\ud800')) return false;
  return Object.entries(request).every(([name, value]) =>
    ['variables', 'extensions'].includes(name) ? isObject(value) : typeof value === 'string',
  );
}

async function overGet(world: ServerWorld, { request }: Attack): Promise<Code> {
  if (!isInUrl(request)) return undefined;
  const texts = Object.entries(request).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const url = `${world.url}?${new URLSearchParams(texts).toString()}`;
  if (url.length > 16_000) return undefined;
  const response = await fetch(url, { headers: { accept, 'x-headgate-preflight': '1' } });
  return codeIn(await response.text());
}

/** The first event of a stream; of one that has none yet, there is no error. */
async function overSse(world: ServerWorld, { request }: Attack): Promise<Code> {
  const cut = new AbortController();
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const body = JSON.stringify(request) ?? 'undefined';
  const response = await fetch(world.url, { method: 'POST', headers, body, signal: cut.signal });
  if (!isStream(response)) return codeIn(await response.text());
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('\n\n')) break;
  }
  cut.abort();
  return codeIn(text);
}

function isStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') === true;
}

/** The first message about the operation; or the code that the socket is closed with. */
async function overSocket(world: ServerWorld, { request }: Attack): Promise<Code> {
  const socket = await openRaw(world.url);
  await socket.send(message({ type: 'connection_init' }));
  await socket.send(message({ id: '1', type: 'subscribe', payload: request }));
  const texts = socket.until((frames) => frames.filter(({ opcode }) => opcode === opcodes.text).length > 1);
  const closed = socket.closed;
  const frames = await Promise.race([texts, closed.then((code) => code)]);
  socket.socket.destroy();
  if (typeof frames === 'number') return String(frames);
  const text = String(frames[1]?.payload);
  return text.startsWith('{"id":"1","type":"error"') ? (/"code":"([A-Z_]+)"/.exec(text)?.[1] ?? null) : codeIn(text);
}

type Wanted = (attack: Attack) => readonly Code[];

/** What waits for a connection that stays, or for more songs than there are here, is told that, or answered. */
const overHttp: Wanted = ({ request, code, overHttp: sooner, ofMany }) => {
  if (sooner !== undefined) return [sooner];
  const { query } = request as { readonly query?: unknown };
  const subscribes = typeof query === 'string' && query.startsWith('subscription');
  return [code, ...(ofMany === true ? [null] : []), ...(subscribes ? ['BAD_USER_INPUT'] : [])];
};

const overUrl: Wanted = (attack) => [undefined, ...overHttp(attack)];

const overSocketToo: Wanted = (attack) => {
  const { request, code, ofMany } = attack;
  if (message({ id: '1', type: 'subscribe', payload: request }).length > maxMessageBytes) return ['1009'];
  if (!isOfProtocol(request)) return ['4400'];
  return [code, ...(ofMany === true ? [null] : [])];
};

/** What graphql-ws lets through of a `subscribe` message's payload; a document that is named needs no text. */
function isOfProtocol(request: unknown): boolean {
  if (!isObject(request) || typeof withDocumentId(request)['query'] !== 'string') return false;
  const { variables, extensions, operationName } = request;
  return (
    [variables, extensions].every((each) => each === undefined || each === null || isObject(each)) &&
    (operationName === undefined || operationName === null || typeof operationName === 'string')
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

test.each([
  ['POST', overPost, overHttp],
  ['GET', overGet, overUrl],
  ['SSE', overSse, overHttp],
  ['a WebSocket', overSocket, overSocketToo],
])('over %s, requests that mean no good are answered as they are in process', async (_, send, wanted) => {
  const world = await createServerWorld(chartsSchema, { introspection: false, limits: { maxWaitMs: 50 } });
  const wrong: string[] = [];
  let sent = 0;
  for (const attack of attacks) {
    const before = { ...world.work };
    const code = await send(world, attack);
    const expected = wanted(attack);
    if (code !== undefined) sent += 1;
    if (!expected.includes(code)) wrong.push(`${attack.name}: ${code}, not ${expected.join()}`);
    // Refused, not done.
    const isDone = world.work.rowsRead > before.rowsRead || world.work.predicatesTested > before.predicatesTested;
    if (code !== null && isDone) wrong.push(`${attack.name}: done all the same`);
  }
  expect(wrong).toEqual([]);
  expect(sent).toBeGreaterThan(100);
  expect((await world.query('{ __typename }')).data).toEqual({ __typename: 'Query' });
  while (world.hub.counts().subscribers > 0) await new Promise((resolve) => setImmediate(resolve));
});

import { expect, test } from 'vitest';
import { askRaw } from '../support/raw-http.ts';
import { frame, handshake, message, opcodes, openRaw, type RawSocket } from '../support/raw-websocket.ts';
import { createAttackedWorld } from './wire/attacked-world.ts';
import { bodyAttacks } from './wire/body-attacks.ts';
import { httpAttacks } from './wire/http-attacks.ts';
import { socketAttacks } from './wire/socket-attacks.ts';
import { upgradeAttacks } from './wire/upgrade-attacks.ts';
import { genres } from './wire/wire-attack.ts';

test.each([
  ['heads', httpAttacks],
  ['bodies', bodyAttacks],
  ['upgrades', upgradeAttacks],
])('%s of requests that mean no good end in their typed errors, and nothing is done for them', async (_, attacks) => {
  const world = await createAttackedWorld();
  const outcomes = await Promise.all(
    attacks.map(async ({ name, pieces, status, code }) => {
      const answer = await askRaw(world.url, ...pieces);
      const outcome = answer === undefined ? 'cut' : `${answer.status} ${answer.code ?? ''}`;
      const wanted = status === 'cut' ? status : `${status} ${code ?? ''}`;
      return outcome === wanted ? [] : [`${name}: ${outcome}, not ${wanted}: ${answer?.body ?? ''}`];
    }),
  );
  expect(outcomes.flat()).toEqual([]);
  await world.isUnharmed();
});

test('messages that mean no good end their socket with the code of the protocol, and no other', async () => {
  const world = await createAttackedWorld();
  const outcomes = await Promise.all(
    socketAttacks.map(async ({ name, pieces, close }) => {
      const socket = await openRaw(world.url);
      for (const piece of pieces) await socket.send(piece);
      const code = await socket.closed;
      return code === close ? [] : [`${name}: ${code}, not ${close}`];
    }),
  );
  expect(outcomes.flat()).toEqual([]);
  await world.isUnharmed();
});

test.each([
  ['the legacy graphql-ws', 'graphql-ws'],
  ['none', undefined],
  ['one that begins alike', 'graphql-transport-ws-2'],
  ['one in capitals', 'GRAPHQL-TRANSPORT-WS'],
  ['MQTT', 'mqtt'],
  ['two of others', 'graphql-ws, soap'],
])(
  'a WebSocket that speaks another protocol (%s) is closed before a message of it is looked at',
  async (_, protocol) => {
    const world = await createAttackedWorld();
    const socket = await openRaw(world.url, { 'sec-websocket-protocol': protocol });
    await socket.send(message({ type: 'connection_init' }));
    await socket.send(message({ id: '1', type: 'start', payload: { query: `subscription ${genres}` } }));
    expect(await socket.closed).toBe(4406);
    await world.isUnharmed();
  },
);

const init = message({ type: 'connection_init' });
const subscribe = (id: string) => message({ id, type: 'subscribe', payload: { query: genres } });

/** Strange, and allowed: each is followed by a query that has to be answered. */
const oddities: readonly (readonly [what: string, ...pieces: readonly Uint8Array[]])[] = [
  ['a completion of what there is not', init, message({ id: 'never', type: 'complete' })],
  ['a completion of the prototype', init, message({ id: '__proto__', type: 'complete' })],
  [
    'operations that are called like members of all objects',
    init,
    ...['__proto__', 'constructor', 'toString'].map(subscribe),
  ],
  ['an operation whose name is 10,000 letters long', init, subscribe('x'.repeat(10_000))],
  ['an operation whose name is no ASCII', init, subscribe('\ud83d\ude00\u202e\u0000"\\')],
  ['a pong that nobody asked for', init, message({ type: 'pong' }), frame(opcodes.pong, 'x')],
  [
    'a connection_init with nested payload',
    message(`{"type":"connection_init","payload":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`),
  ],
  ['a connection_init in single bytes', ...[...init].map((byte) => Buffer.from([byte]))],
  [
    'a message in pieces, with a ping between',
    init,
    frame(opcodes.text, '{"type":', { final: false }),
    frame(opcodes.ping),
    frame(opcodes.continuation, '"ping"}'),
  ],
  ['a message that is binary', init, frame(opcodes.binary, '{"type":"ping"}')],
  ['members that nobody knows', message({ type: 'connection_init', more: { id: 1 } })],
  ['a ping before connection_init', message({ type: 'ping' }), init],
];

async function answerOf(socket: RawSocket): Promise<string> {
  await socket.send(message({ id: 'last', type: 'subscribe', payload: { query: genres } }));
  const isAnswer = ({ payload }: { readonly payload: Buffer }) => payload.includes('"id":"last","type":"next"');
  return String((await socket.until((frames) => frames.some(isAnswer))).find(isAnswer)?.payload);
}

test('what is strange and allowed is answered, and leaves nothing behind', async () => {
  const world = await createAttackedWorld();
  for (const [what, ...pieces] of oddities) {
    const socket = await openRaw(world.url);
    for (const piece of pieces) await socket.send(piece);
    expect(await answerOf(socket), what).toContain('"genres":[{"id":"pop"},{"id":"rock"}]');
    socket.socket.destroy();
  }
  await world.isQuiet();
});

test('an upgrade that is sent twice over one connection, or behind a request, is one upgrade', async () => {
  const world = await createAttackedWorld();
  const answer = await askRaw(world.url, handshake(), handshake());
  expect(answer?.status).toBe(101);
  const behind = await askRaw(
    world.url,
    `GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n${handshake({ origin: 'https://evil.test' })}`,
  );
  expect(behind?.status).toBe(200);
  await world.isUnharmed();
});

test('a page of another origin reads no answer', async () => {
  const world = await createAttackedWorld();
  for (const origin of ['https://evil.test', 'null', 'https://shop.example.evil.test']) {
    const asked = await fetch(world.url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    const answered = await world.post({ query: '{ __typename }' }, { origin });
    for (const { headers } of [asked, answered])
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
});

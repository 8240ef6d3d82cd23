import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { chartsSchema } from '../support/charts.ts';
import type { Random } from '../support/random.ts';
import { connectRaw } from '../support/raw-http.ts';
import { codeOf, framesOf as framesIn, handshake, opcodes } from '../support/raw-websocket.ts';
import { createServerWorld } from '../support/server-world.ts';
import { until } from '../support/until.ts';
import { fuzz, leftOver, resources, runsOf } from './fuzz/fuzz-run.ts';
import { createFuzzWorld } from './fuzz/fuzz-world.ts';
import { goodCloses, goodStatuses, guiltOf } from './fuzz/innocence.ts';
import { MemorySocket } from './fuzz/memory-socket.ts';
import { mutateBytes, mutateJson } from './fuzz/mutate.ts';
import { pipe } from './fuzz/pipeline.ts';
import { conversations, framesOf, samples, strays } from './fuzz/samples.ts';
import { get, post } from './wire/wire-attack.ts';

/** Sockets at once, and requests on one connection. */
const together = 50;
const timeout = 30_000 + runsOf(1) * 2;

/** A request by structure or by bytes. */
function body(random: Random): Buffer {
  const mutated = Buffer.from(JSON.stringify(mutateJson(random, random.pick(samples))) ?? '');
  return random.int(4) === 0 ? mutateBytes(random, mutated) : mutated;
}

/** What a client says over a socket, likewise. */
function conversation(random: Random): Buffer {
  const planned = random.pick(conversations);
  const place = random.int(planned.length + 1);
  const said = random.int(6) === 0 ? planned.toSpliced(place, 0, random.pick(strays)) : planned;
  const mutated = random.int(3) === 0 ? said : mutateJson(random, said);
  const cut = (length: number) => (random.int(6) === 0 ? random.int(length) : 0);
  const bytes = framesOf(Array.isArray(mutated) ? mutated : [mutated], cut);
  return random.int(3) === 0 ? mutateBytes(random, bytes) : bytes;
}

/** What is wrong with what a server sent over a WebSocket. */
function guiltOfFrames(sent: Buffer): string | undefined {
  for (const frame of framesIn(sent)) {
    if (frame.opcode === opcodes.close && !goodCloses.has(codeOf(frame))) return `closed with ${codeOf(frame)}`;
    const guilt = guiltOf(String(frame.payload));
    if (guilt !== undefined) return `${guilt}: ${String(frame.payload)}`;
  }
  return undefined;
}

test('bodies and documents of every kind are answered, and never by a mistake of ours', { timeout }, async () => {
  const world = createFuzzWorld();
  let requests = 0;
  await fuzz('bodies', runsOf(0.7), body, (given) => {
    const answer = world.answer(given);
    if (answer === undefined) return undefined;
    requests += 1;
    const guilt = guiltOf(answer);
    return guilt && `${guilt}: ${answer}`;
  });
  expect(requests).toBeGreaterThan(runsOf(0.2));
  expect(world.mistakes).toEqual([]);
  expect(world.hub.counts()).toEqual({ shapes: 0, subscribers: 0, changeStreams: 0, waiting: 0 });
});

test('messages of every kind leave nothing behind, and never end in a mistake of ours', { timeout }, async () => {
  const world = createFuzzWorld();
  const request = new IncomingMessage(new Socket());
  request.method = 'GET';
  Object.assign(request.headers, {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': 'graphql-transport-ws',
  });
  const before = resources();
  let answers = 0;
  async function converse(given: Buffer): Promise<string | undefined> {
    const socket = new MemorySocket();
    const closed = once(socket, 'close');
    world.sockets.upgrade(request, socket, Buffer.alloc(0));
    socket.push(given);
    // Its messages are handled one a turn.
    for (let turn = 0; turn < 12 && !socket.destroyed; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await closed;
    const start = socket.sent.indexOf('\r\n\r\n') + 4;
    if (socket.sent.includes('"type":"next"')) answers += 1;
    return guiltOfFrames(socket.sent.subarray(start));
  }
  const batch = (random: Random) => Array.from({ length: together }, () => conversation(random));
  await fuzz(`batches of ${together} conversations`, runsOf(0.15 / together), batch, async (given) => {
    const guilts = await Promise.all(given.map(converse));
    return guilts.find((guilt) => guilt !== undefined);
  });
  expect(answers).toBeGreaterThan(runsOf(0.05));
  expect(world.mistakes).toEqual([]);
  await until(() => world.sockets.size === 0 && world.sessions.size === 0 && world.hub.counts().waiting === 0);
  expect(world.hub.counts()).toEqual({ shapes: 0, subscribers: 0, changeStreams: 0, waiting: 0 });
  await until(() => leftOver(before).length === 0);
});

test('requests of every kind on one connection are answered one by one', { timeout }, async () => {
  const { url, hub } = await createServerWorld(chartsSchema, { introspection: false, limits: { maxWaitMs: 20 } });
  const requests = (random: Random) =>
    Array.from({ length: together }, () => {
      const given = body(random);
      if (random.int(4) > 0) return Buffer.concat(post(given).map((piece) => Buffer.from(piece as string)));
      const parameters = random.pick(samples);
      return get({
        query: String(mutateBytes(random, Buffer.from(parameters.query))),
        variables: String(mutateBytes(random, Buffer.from(JSON.stringify(parameters.variables ?? {})))),
      });
    });
  await fuzz(`batches of ${together} requests`, runsOf(0.1 / together), requests, async (given) => {
    for (const { status, body: text } of await pipe(url, given)) {
      const guilt = goodStatuses(status) ? guiltOf(text) : `status ${status}`;
      if (guilt !== undefined) return `${guilt}: ${text}`;
    }
    return undefined;
  });
  expect(hub.counts()).toEqual({ shapes: 0, subscribers: 0, changeStreams: 0, waiting: 0 });
});

test('bytes of every kind on connections of their own end, and nothing is left of them', { timeout }, async () => {
  const world = await createServerWorld(chartsSchema, {
    introspection: false,
    metricsPort: 0,
    limits: { maxWaitMs: 20 },
  });
  await world.query('{ __typename }');
  const before = resources();
  const bytes = (random: Random) =>
    Array.from({ length: together }, () => {
      if (random.int(2) === 0) return Buffer.concat([Buffer.from(handshake()), conversation(random)]);
      const whole = Buffer.concat(
        post(JSON.stringify(random.pick(samples))).map((piece) => Buffer.from(piece as string)),
      );
      return mutateBytes(random, random.int(2) === 0 ? whole : Buffer.from(handshake()));
    });
  await fuzz(`batches of ${together} connections`, runsOf(0.05 / together), bytes, async (given) => {
    const answers = await Promise.all(
      given.map(async (each) => {
        const connection = await connectRaw(world.url);
        connection.socket.end(each);
        return connection.closed;
      }),
    );
    for (const answer of answers) {
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer.toString('latin1'))?.[1] ?? 0);
      const end = answer.indexOf('\r\n\r\n') + 4;
      const guilt = status === 101 ? guiltOfFrames(answer.subarray(end)) : guiltOf(String(answer));
      if (guilt !== undefined || !goodStatuses(status)) return guilt ?? `status ${status}`;
    }
    return undefined;
  });
  expect((await world.query('{ __typename }')).data).toEqual({ __typename: 'Query' });
  await until(() => world.hub.counts().subscribers === 0 && leftOver(before).length === 0);
  expect(world.hub.counts()).toEqual({ shapes: 0, subscribers: 0, changeStreams: 0, waiting: 0 });
});

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { selfSigned } from '../support/self-signed.ts';
import { createServerWorld } from '../support/server-world.ts';
import { closeOf, messagesOf, subscribeMessage } from '../support/sockets.ts';

const schema = `type Song @table(topic: "songs") { id: ID! title: String! }`;
const ca = selfSigned.cert;

test('with a certificate everything is served over TLS', async () => {
  const world = await createServerWorld(schema, { tls: selfSigned });
  world.commit({ Song: { a: { title: 'A' } } });
  expect(world.url).toMatch(/^https:/);
  const text = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asking = request(world.url, { method: 'POST', ca, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => resolve(body));
    });
    asking.on('error', reject);
    asking.end('{"query":"{ songs { title } }"}');
  });
  expect(JSON.parse(text)).toMatchObject({ data: { songs: [{ title: 'A' }] } });
  const socket = new WebSocket(world.wsUrl, 'graphql-transport-ws', { ca, origin: world.origin });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  const next = messagesOf(socket);
  socket.send('{"type":"connection_init"}');
  await next();
  socket.send(subscribeMessage('1', 'subscription { songs { title } }'));
  expect(await next()).toMatchObject({ type: 'next', payload: { data: { songs: [{ title: 'A' }] } } });
  // What is encrypted never leaves at once: each has to be told of before the next.
  for (const title of ['B', 'C', 'ü'.repeat(20_000)]) {
    world.commit({ Song: { a: { title } } });
    expect(await next()).toMatchObject({ type: 'next', payload: { data: { songs: [{ title }] } } });
  }
});

test('versions of TLS that are broken are not spoken', async () => {
  const world = await createServerWorld(schema, { tls: selfSigned });
  const { port } = new URL(world.url);
  const old = connectTls({
    port: Number(port),
    host: '127.0.0.1',
    ca,
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    // The client would.
    ciphers: 'DEFAULT:@SECLEVEL=0',
  });
  onTestFinished(() => void old.destroy());
  const [error] = (await once(old, 'error')) as [NodeJS.ErrnoException];
  expect(error.message).toMatch(/alert protocol version/);
  const current = connectTls({ port: Number(port), host: '127.0.0.1', ca });
  onTestFinished(() => void current.destroy());
  await once(current, 'secureConnect');
});

test('who speaks no TLS to it is sent away, and harms nobody', async () => {
  const world = await createServerWorld(schema, { tls: selfSigned });
  const { hostname, port } = new URL(world.url);
  const plain = httpRequest(world.url.replace('https', 'http'));
  plain.end();
  await once(plain, 'error');
  const garbage = connect(Number(port), hostname);
  garbage.on('error', () => {});
  garbage.write('\0\0\0 hello\r\n\r\n');
  garbage.resume();
  await once(garbage, 'close');
  const socket = new WebSocket(world.wsUrl, 'graphql-transport-ws', { ca });
  await once(socket, 'open');
  socket.close();
  await closeOf(socket);
});

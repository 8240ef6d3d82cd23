import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createServerWorld } from '../support/server-world.ts';

/** A serving process whose place is another's: connections that are kept alive have no other way to learn of it than an answer. */
test('a request of a connection that is kept alive is answered by a server that is relieved, which then ends the connection', async () => {
  const world = await createServerWorld('type Song @table(topic: "songs") { id: ID! }');
  world.commit({ Song: { a: {} } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async () => {
    const asked = request(world.url, { agent, method: 'POST', headers: { 'content-type': 'application/json' } });
    asked.end('{"query":"{ songs { id } }"}');
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    const { data } = JSON.parse(text) as { data: unknown };
    return { data, reused: asked.reusedSocket, connection: answer.headers.connection };
  };
  const data = { songs: [{ id: 'a' }] };
  expect(await ask()).toEqual({ data, reused: false, connection: 'keep-alive' });
  const drained = world.server.drain(true);
  expect(await ask()).toEqual({ data, reused: true, connection: 'close' });
  await drained;
  agent.destroy();
});

import { WebSocket } from 'ws';
import type { Benchmark } from './harness.ts';
import { makeOrder } from './orders.ts';
import type { Order } from './orders.ts';
import { startServers } from './processes.ts';
import type { ServerProcess } from './processes.ts';

const orders = 1_000;
const subscribers = 1_000;
const changesPerRound = 30;
const query = 'subscription ($id: ID!) { order(id: $id) { id customerId status total createdAt note } }';

/** One change of one row that 1,000 clients watch, from the record in the log to the last client. */
export const fanOut: Benchmark = {
  name: 'fan-out',
  reference: 'a bare ws server that sends the same text to 1,000 clients',
  unit: 'server µs per change',
  async open() {
    const { headgate, bare, change, close } = await startServers(orders);
    const watched = makeOrder(0, 0, orders);
    const [ours, theirs] = await Promise.all([subscribeAll(headgate, watched.id), subscribeAll(bare, watched.id)]);
    let revision = 0;
    let frame = '';

    async function round(
      server: ServerProcess,
      clients: Clients,
      make: (order: Order) => Promise<void>,
    ): Promise<number> {
      const before = await server.cpuMs();
      for (let n = 0; n < changesPerRound; n += 1) {
        revision += 1;
        const order = makeOrder(0, revision, orders);
        const received = clients.received(order.note);
        await make(order);
        frame = await received;
      }
      return (((await server.cpuMs()) - before) * 1_000) / changesPerRound;
    }

    await ours.received(watched.note);
    await round(headgate, ours, change);
    const [head = '', tail = ''] = frame.split(JSON.stringify(makeOrder(0, revision, orders)));
    if (tail === '') throw new Error(`an unexpected frame: ${frame}`);
    return {
      headgate: () => round(headgate, ours, change),
      reference: () =>
        round(bare, theirs, async (order) => {
          const body = head + JSON.stringify(order) + tail;
          await fetch(new URL('/change', bare.url), { method: 'POST', body });
        }),
      async close() {
        ours.close();
        theirs.close();
        await close();
      },
    };
  },
};

interface Clients {
  /** Resolves with the frame once every client has received one that contains the text. */
  received(text: string): Promise<string>;
  close(): void;
}

async function subscribeAll({ url }: ServerProcess, id: string): Promise<Clients> {
  const newest: string[] = [];
  let waiting: { text: string; resolve: (frame: string) => void } | undefined;
  let missing = 0;

  function look(): void {
    if (waiting === undefined || missing > 0) return;
    waiting.resolve(newest[0] ?? '');
    waiting = undefined;
  }
  const sockets = await Promise.all(
    Array.from({ length: subscribers }, async (_, client) => {
      const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { perMessageDeflate: false });
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      const acknowledged = new Promise((resolve) => socket.once('message', resolve));
      socket.send('{"type":"connection_init"}');
      await acknowledged;
      socket.on('message', (data: Buffer) => {
        const frame = data.toString();
        newest[client] = frame;
        if (waiting === undefined || !frame.includes(waiting.text)) return;
        missing -= 1;
        look();
      });
      socket.send(JSON.stringify({ id: 'a', type: 'subscribe', payload: { query, variables: { id } } }));
      return socket;
    }),
  );
  return {
    received: (text) =>
      new Promise((resolve) => {
        waiting = { text, resolve };
        missing = sockets.filter((_, client) => newest[client]?.includes(text) !== true).length;
        look();
      }),
    close: () => sockets.forEach((socket) => socket.terminate()),
  };
}

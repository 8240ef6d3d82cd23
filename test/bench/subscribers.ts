import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

/** Sockets opened at a time: more would not fit the queue in which the system keeps them until they are accepted. */
const atOnce = 100;

export interface Subscriber {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Clients with a socket each, all with the same subscriptions, under ids as graphql-ws makes them. */
export interface Subscribers {
  /** Resolves once every client has had, for each of the texts, a message that contains it. */
  received(texts: readonly string[]): Promise<void>;
  /** The last message of the first client. */
  readonly last: string;
  /** Told of every message, of whichever client. */
  onMessage: ((data: Buffer) => void) | undefined;
  close(): void;
}

export async function subscribeAll(
  url: string,
  clients: number,
  subscriptions: readonly Subscriber[],
): Promise<Subscribers> {
  let waiting: { readonly texts: readonly string[]; readonly resolve: () => void } | undefined;
  /** The clients that a text is still missing at. */
  let missing = 0;
  const open = new Set<string>();
  let last = '';

  const sockets: WebSocket[] = [];
  const subscribers: Subscribers = {
    onMessage: undefined,
    get last() {
      return last;
    },
    received: (texts) =>
      new Promise((resolve) => {
        open.clear();
        for (let client = 0; client < clients; client += 1) for (const text of texts) open.add(`${client} ${text}`);
        missing = open.size;
        waiting = { texts, resolve };
      }),
    close: () => sockets.forEach((socket) => socket.terminate()),
  };

  function take(client: number, data: Buffer): void {
    subscribers.onMessage?.(data);
    if (client === 0) last = data.toString();
    if (waiting === undefined) return;
    const text = waiting.texts.find((each) => data.includes(each));
    if (text === undefined || !open.delete(`${client} ${text}`)) return;
    missing -= 1;
    if (missing > 0) return;
    waiting.resolve();
    waiting = undefined;
  }

  async function connect(client: number): Promise<WebSocket> {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const acknowledged = new Promise((resolve) => socket.once('message', resolve));
    socket.send('{"type":"connection_init"}');
    await acknowledged;
    socket.on('message', (data: Buffer) => take(client, data));
    for (const payload of subscriptions) {
      socket.send(JSON.stringify({ id: randomUUID(), type: 'subscribe', payload }));
    }
    return socket;
  }

  while (sockets.length < clients) {
    const from = sockets.length;
    const count = Math.min(atOnce, clients - from);
    sockets.push(...(await Promise.all(Array.from({ length: count }, (_, at) => connect(from + at)))));
  }
  return subscribers;
}

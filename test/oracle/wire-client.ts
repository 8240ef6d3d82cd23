import { WebSocket } from 'ws';

/** What a subscription over the wire was sent, as text, every digit in place. */
export interface WireSubscription {
  readonly frames: string[];
  /** Why it ended, if it did. */
  ended: string | undefined;
}

/** A graphql-transport-ws connection, spoken by hand so that no client library parses numbers away. */
export class WireClient {
  readonly #socket: WebSocket;
  readonly #subscriptions = new Map<string, WireSubscription>();
  #heard: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async connect(url: string): Promise<WireClient> {
    const socket = new WebSocket(url, 'graphql-transport-ws');
    const client = new WireClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('open', () => socket.send('{"type":"connection_init"}'));
      socket.on('message', (data: Buffer) => {
        const text = data.toString();
        const message = JSON.parse(text) as { type: string; id?: string };
        if (message.type === 'connection_ack') resolve();
        if (message.type === 'ping') socket.send('{"type":"pong"}');
        client.#take(message, text);
      });
    });
    return client;
  }

  #take({ type, id }: { readonly type: string; readonly id?: string }, text: string): void {
    const subscription = id === undefined ? undefined : this.#subscriptions.get(id);
    if (subscription === undefined) return;
    if (type === 'next') subscription.frames.push(text);
    if (type === 'complete' || type === 'error') subscription.ended = text;
    this.#heard();
  }

  subscribe(id: string, query: string, variables: Record<string, unknown>): WireSubscription {
    const subscription: WireSubscription = { frames: [], ended: undefined };
    this.#subscriptions.set(id, subscription);
    this.#socket.send(JSON.stringify({ type: 'subscribe', id, payload: { query, variables } }));
    return subscription;
  }

  /** Resolves with the next message, or false when none comes in time. */
  async hear(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      this.#heard = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  /** Also where the other side closed before. */
  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.close(1000);
    await closed;
  }
}

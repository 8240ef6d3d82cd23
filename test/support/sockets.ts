import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';

export interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** The messages of a socket from now on, to be waited for one by one. */
export function messagesOf(socket: WebSocket): (wanted?: (message: Message) => boolean) => Promise<Message> {
  const received: Message[] = [];
  socket.on('message', (data) => received.push(JSON.parse(String(data)) as Message));
  return async (wanted = () => true) => {
    for (;;) {
      while (received.length === 0) await once(socket, 'message');
      const message = received.shift();
      if (message !== undefined && wanted(message)) return message;
    }
  };
}

/** How the socket is closed. */
export function closeOf(socket: WebSocket): Promise<{ readonly code: number; readonly reason: string }> {
  socket.on('error', () => {});
  return new Promise((resolve) =>
    socket.once('close', (code: number, reason: Buffer) => resolve({ code, reason: String(reason) })),
  );
}

/** The code that the socket is closed with. */
export async function closeCode(socket: WebSocket): Promise<number> {
  return (await closeOf(socket)).code;
}

/** The response that an upgrade was refused with. */
export async function refusalOf(
  socket: WebSocket,
): Promise<{ readonly status: number; readonly retryAfter: string | undefined; readonly body: unknown }> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const { statusCode: status = 0, headers } = response;
  return { status, retryAfter: headers['retry-after'], body: JSON.parse(text) as unknown };
}

/** A `subscribe` message. */
export function subscribeMessage(id: string, query: string): string {
  return JSON.stringify({ id, type: 'subscribe', payload: { query } });
}

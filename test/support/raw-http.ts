import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A connection of TCP on which anything can be said. Destroyed when the test ends. */
export interface RawConnection {
  readonly socket: Socket;
  /** Resolves once it has left this process. */
  send(bytes: string | Uint8Array): Promise<void>;
  /** Everything that came. */
  received(): Buffer;
  /** Resolves once it holds of what came; rejects where the connection ends before. */
  until(holds: (received: Buffer) => boolean): Promise<Buffer>;
  /** Resolves with everything that came, once the other side has ended the connection. */
  readonly closed: Promise<Buffer>;
}

export async function connectRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.setNoDelay(true);
  // A reset is an end like any other.
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  let pieces: Buffer[] = [];
  const received = (): Buffer => {
    pieces = [Buffer.concat(pieces)];
    return pieces[0] ?? Buffer.alloc(0);
  };
  socket.on('data', (data) => pieces.push(data));
  const closed = new Promise<Buffer>((resolve) => socket.once('close', () => resolve(received())));
  return {
    socket,
    send: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    received,
    until: (holds) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!holds(received())) return;
          socket.off('data', look);
          socket.off('close', ended);
          resolve(received());
        };
        const ended = (): void => reject(new Error(`the connection ended after:\n${received().toString('latin1')}`));
        socket.on('data', look);
        socket.once('close', ended);
        look();
      }),
    closed,
  };
}

export interface RawResponse {
  readonly status: number;
  /** The first error's code, where the body is one of GraphQL's errors. */
  readonly code: string | undefined;
  readonly body: string;
}

/** The first response in what came; undefined where there is none yet, or not all of it. Bodies without length end with the connection. */
export function firstResponse(received: Buffer, ended = false): RawResponse | undefined {
  const text = received.toString('latin1');
  const head = text.indexOf('\r\n\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  if (head === -1 || status === undefined) return undefined;
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, head))?.[1];
  const body = received.subarray(head + 4);
  const isWhole =
    status === '101' || (length === undefined ? ended || body.includes('0\r\n\r\n') : body.length >= Number(length));
  if (!isWhole) return undefined;
  const whole = (length === undefined ? body : body.subarray(0, Number(length))).toString('utf8');
  return { status: Number(status), code: /"code":"([A-Z_]+)"/.exec(whole)?.[1], body: whole };
}

/** Sends this on a connection of its own; the response, or undefined where the connection is ended without one. */
export async function askRaw(
  url: string,
  ...pieces: readonly (string | Uint8Array)[]
): Promise<RawResponse | undefined> {
  const connection = await connectRaw(url);
  for (const piece of pieces) await connection.send(piece);
  const answered = connection.until((received) => firstResponse(received) !== undefined).catch(() => undefined);
  await Promise.race([answered, connection.closed]);
  connection.socket.destroy();
  return firstResponse(connection.received(), true);
}

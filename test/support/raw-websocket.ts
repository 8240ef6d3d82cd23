import { connectRaw, firstResponse, type RawConnection } from './raw-http.ts';

export interface FrameOptions {
  /** Default true. */
  readonly final?: boolean;
  /** Clients must; default true. */
  readonly masked?: boolean;
  /** The three reserved bits; default 0. */
  readonly reserved?: number;
  /** What the header says of the length, where that is a lie. */
  readonly length?: number | bigint;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame of the WebSocket protocol, right or wrong. */
export function frame(opcode: number, payload: string | Uint8Array = '', options: FrameOptions = {}): Buffer {
  const { final = true, masked = true, reserved = 0 } = options;
  const bytes = Buffer.from(payload as string);
  const length = options.length ?? bytes.length;
  const lengthBytes =
    length > 0xffff ? Buffer.alloc(9) : length > 125 ? Buffer.alloc(3) : Buffer.from([Number(length)]);
  if (length > 0xffff) {
    lengthBytes[0] = 127;
    lengthBytes.writeBigUInt64BE(BigInt(length), 1);
  } else if (length > 125) {
    lengthBytes[0] = 126;
    lengthBytes.writeUInt16BE(Number(length), 1);
  }
  lengthBytes[0] = (lengthBytes[0] ?? 0) | (masked ? 0x80 : 0);
  const key = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  const sent = masked ? bytes.map((byte, at) => byte ^ (key[at % 4] ?? 0)) : bytes;
  return Buffer.concat([
    Buffer.from([(final ? 0x80 : 0) | (reserved << 4) | opcode]),
    lengthBytes,
    ...(masked ? [key] : []),
    sent,
  ]);
}

export function message(value: unknown): Buffer {
  return frame(opcodes.text, typeof value === 'string' ? value : JSON.stringify(value));
}

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The whole frames of a server, which does not mask. */
export function framesOf(bytes: Buffer): readonly ServerFrame[] {
  const frames: ServerFrame[] = [];
  let at = 0;
  while (bytes.length >= at + 2) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const head = at + (short === 127 ? 10 : short === 126 ? 4 : 2);
    if (bytes.length < head) break;
    const length =
      short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short;
    if (bytes.length < head + length) break;
    frames.push({ opcode: (bytes[at] ?? 0) & 0x0f, payload: bytes.subarray(head, head + length) });
    at = head + length;
  }
  return frames;
}

/** The code in a frame that closes; 1005 where it has none. */
export function codeOf({ payload }: ServerFrame): number {
  return payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
}

export function handshake(more: Readonly<Record<string, string | undefined>> = {}, path = '/graphql'): string {
  const headers = {
    host: '127.0.0.1',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': 'graphql-transport-ws',
    ...more,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

export interface RawSocket extends Pick<RawConnection, 'send' | 'socket'> {
  frames(): readonly ServerFrame[];
  until(holds: (frames: readonly ServerFrame[]) => boolean): Promise<readonly ServerFrame[]>;
  /** Resolves once the server has closed it, with its code; 1006 where it was cut. */
  readonly closed: Promise<number>;
}

/** An open WebSocket on which any bytes can be sent. Throws where the upgrade is refused. */
export async function openRaw(
  url: string,
  headers: Readonly<Record<string, string | undefined>> = {},
): Promise<RawSocket> {
  const connection = await connectRaw(url);
  await connection.send(handshake(headers));
  const head = await connection.until((received) => firstResponse(received) !== undefined);
  const start = head.indexOf('\r\n\r\n') + 4;
  if (firstResponse(head)?.status !== 101) throw new Error(`no upgrade: ${head.toString('latin1')}`);
  const frames = (received: Buffer = connection.received()) => framesOf(received.subarray(start));
  const closeFrame = (all: readonly ServerFrame[]) => all.find(({ opcode }) => opcode === opcodes.close);
  const closed = Promise.race([
    connection.until((received) => closeFrame(frames(received)) !== undefined).catch(() => undefined),
    connection.closed,
  ]).then(() => {
    connection.socket.destroy();
    const found = closeFrame(frames());
    return found === undefined ? 1006 : codeOf(found);
  });
  return {
    socket: connection.socket,
    send: connection.send,
    frames: () => frames(),
    until: async (holds) => frames(await connection.until((received) => holds(frames(received)))),
    closed,
  };
}

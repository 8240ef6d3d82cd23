import type { Writable } from 'node:stream';

/** A message in two pieces, one frame of the WebSocket protocol: what is the operation's own, and what all are sent. */
export interface Message {
  readonly own: Buffer;
  readonly shared: Buffer;
  /** It has left; not called where it never will. */
  left(): void;
}

/** Beyond, pieces are handed to the system one by one rather than copied together. */
const maxCopiedBytes = 16_384;

/** RFC 6455: the only frame of a text message. */
const wholeText = 0x81;
const length16 = 126;
const length64 = 127;

/**
 * Writes messages to a stream that speaks the WebSocket protocol, as a server does: not masked, not compressed. As few calls of
 * the system as it takes; they are what a message costs.
 */
export function writeMessages(stream: Writable, messages: readonly Message[]): void {
  const told = (error: Error | null | undefined): void => {
    if (error === null || error === undefined) for (const message of messages) message.left();
  };
  let bytes = 0;
  for (const { own, shared } of messages) bytes += headBytes(own.length + shared.length) + own.length + shared.length;
  if (bytes <= maxCopiedBytes) {
    const all = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const { own, shared } of messages) {
      at = putHead(all, at, own.length + shared.length);
      all.set(own, at);
      all.set(shared, at + own.length);
      at += own.length + shared.length;
    }
    stream.write(all, told);
    return;
  }
  stream.cork();
  for (const [i, { own, shared }] of messages.entries()) {
    const length = own.length + shared.length;
    const head = Buffer.allocUnsafe(headBytes(length) + own.length);
    head.set(own, putHead(head, 0, length));
    stream.write(head);
    if (i < messages.length - 1) stream.write(shared);
    else stream.write(shared, told);
  }
  stream.uncork();
}

function headBytes(length: number): number {
  if (length < length16) return 2;
  return length < 65_536 ? 4 : 10;
}

/** Where what it is the head of begins. */
function putHead(target: Buffer, at: number, length: number): number {
  target[at] = wholeText;
  switch (headBytes(length)) {
    case 2:
      target[at + 1] = length;
      return at + 2;
    case 4:
      target[at + 1] = length16;
      return target.writeUInt16BE(length, at + 2);
    default:
      target[at + 1] = length64;
      target.writeUInt32BE(Math.floor(length / 2 ** 32), at + 2);
      return target.writeUInt32BE(length >>> 0, at + 6);
  }
}

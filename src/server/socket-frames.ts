import type { Writable } from 'node:stream';

/** A message in two pieces, one frame of the WebSocket protocol: what is the operation's own, and what all are sent. */
export interface Message {
  readonly own: Buffer;
  readonly shared: Buffer;
  /** What leaves together with it, behind it. */
  following: Message | undefined;
  /** It has left; not called where it never will. */
  left(): void;
}

/** Beyond, pieces are handed to the system one by one rather than copied together. */
const maxCopiedBytes = 16_384;

/** RFC 6455: the only frame of a text message. */
const wholeText = 0x81;
const length16 = 126;
const length64 = 127;

const nothing = Buffer.alloc(0);

/**
 * Writes a message and what follows it to a stream that speaks the WebSocket protocol, as a server does: not masked, not compressed.
 * As few calls of the system as it takes; they are what a message costs. Nothing is left to be called afterwards where the system
 * takes all of it at once, as it does for a client that reads.
 */
export function writeMessages(stream: Writable, first: Message): void {
  let bytes = 0;
  for (let message: Message | undefined = first; message !== undefined; message = message.following) {
    const length = message.own.length + message.shared.length;
    bytes += headBytes(length) + length;
  }
  if (bytes <= maxCopiedBytes) stream.write(copied(first, bytes));
  else writePieces(stream, first);
  if (!stream.writable) return;
  if (stream.writableLength === 0) haveLeft(first);
  // It leaves behind all that waits.
  else
    stream.write(nothing, (error) => {
      if (error === null || error === undefined) haveLeft(first);
    });
}

function copied(first: Message, bytes: number): Buffer {
  const all = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (let message: Message | undefined = first; message !== undefined; message = message.following) {
    const { own, shared } = message;
    at = putHead(all, at, own.length + shared.length);
    all.set(own, at);
    all.set(shared, at + own.length);
    at += own.length + shared.length;
  }
  return all;
}

function writePieces(stream: Writable, first: Message): void {
  stream.cork();
  for (let message: Message | undefined = first; message !== undefined; message = message.following) {
    const { own, shared } = message;
    const length = own.length + shared.length;
    const head = Buffer.allocUnsafe(headBytes(length) + own.length);
    head.set(own, putHead(head, 0, length));
    stream.write(head);
    stream.write(shared);
  }
  stream.uncork();
}

/** What has left may be held again at once, with something else following it. */
function haveLeft(first: Message): void {
  for (let message: Message | undefined = first; message !== undefined;) {
    const { following } = message as Message;
    message.following = undefined;
    message.left();
    message = following;
  }
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

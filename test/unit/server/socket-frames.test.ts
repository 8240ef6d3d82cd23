import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { type Message, writeMessages } from '../../../src/server/socket-frames.ts';

// Its types leave out what reads frames.
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

/** Lengths at which the head of a frame changes, or the way it is written. */
const lengths = [0, 1, 125, 126, 127, 16_382, 16_383, 16_384, 65_535, 65_536, 200_000];

test.each(lengths.map((length) => [length]))(
  'messages of %i bytes arrive as they were sent, in order',
  async (length) => {
    const stream = new PassThrough();
    const left: number[] = [];
    let allLeft = (): void => {};
    const gone = new Promise<void>((resolve) => (allLeft = resolve));
    const message = (n: number, text: string, following: Message | undefined): Message => ({
      own: Buffer.from(text.slice(0, n)),
      shared: Buffer.from(text.slice(n)),
      following,
      left: () => {
        left.push(n);
        if (n === 2) allLeft();
      },
    });
    const texts = ['ü'.repeat(length / 2), 'a'.repeat(length), 'ende'] as const;
    const received = receive(stream, texts.length);
    const [first, second, third] = texts;
    writeMessages(stream, message(0, first, message(1, second, message(2, third, undefined))));
    expect(await received).toEqual(texts);
    await gone;
    expect(left).toEqual([0, 1, 2]);
  },
);

test('of a stream that has broken nothing has left', async () => {
  const stream = new PassThrough();
  const failed = new Promise((resolve) => stream.once('error', resolve));
  let left = false;
  stream.end();
  writeMessages(stream, {
    own: Buffer.from('a'),
    shared: Buffer.from('b'),
    following: undefined,
    left: () => (left = true),
  });
  await failed;
  expect(left).toBe(false);
});

test('what the stream does not take at once has not left before it does', async () => {
  let taken = (): void => {};
  const slow = new Writable({ write: (_chunk, _encoding, done) => void (taken = done) });
  const left = new Promise<void>((resolve) => {
    writeMessages(slow, { own: Buffer.from('a'), shared: Buffer.from('b'), following: undefined, left: resolve });
  });
  let told = false;
  void left.then(() => (told = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toBe(false);
  taken();
  // What tells of it is written behind it.
  taken();
  await left;
});

/** As a client of ws reads them. */
function receive(stream: PassThrough, count: number): Promise<string[]> {
  const receiver = new Receiver({ isServer: false, maxPayload: 1_000_000 });
  const texts: string[] = [];
  return new Promise((resolve, reject) => {
    receiver.on('message', (data: Buffer) => {
      texts.push(data.toString());
      if (texts.length === count) resolve(texts);
    });
    receiver.on('error', reject);
    stream.pipe(receiver);
  });
}

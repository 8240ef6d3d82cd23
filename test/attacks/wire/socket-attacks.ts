import { frame, message, opcodes } from '../../support/raw-websocket.ts';
import { genres, type SocketAttack } from './wire-attack.ts';

const init = message({ type: 'connection_init' });
const subscribe = (id: unknown, query: unknown = `subscription ${genres}`) =>
  message({ id, type: 'subscribe', payload: { query } });

/** Before it is known who is at the other end. */
const strangers: readonly SocketAttack[] = [
  { name: 'silence', pieces: [], close: 4408 },
  { name: 'pings, and nothing else', pieces: [message({ type: 'ping' })], close: 4408 },
  { name: 'a subscription', pieces: [subscribe('1')], close: 4401 },
  { name: 'a completion', pieces: [message({ id: '1', type: 'complete' })], close: 4408 },
];

/** Messages that are none, or of somebody else. */
const messages: Readonly<Record<string, unknown>> = {
  nothing: '',
  'no JSON': 'hello',
  'half of JSON': '{"type":"connection_init"',
  'a number': '1',
  null: 'null',
  'a list': '[{"type":"ping"}]',
  'no type': {},
  'a type that is none': { type: 'toString' },
  'a type of the old protocol': { type: 'start', id: '1', payload: { query: genres } },
  'a type that is no text': { type: ['subscribe'], id: '1' },
  'an answer of a server': { id: '1', type: 'next', payload: { data: {} } },
  'an error of a server': { id: '1', type: 'error', payload: [{ message: 'x' }] },
  'an acknowledgement of a server': { type: 'connection_ack' },
  'a second connection_init': { type: 'connection_init' },
  'an operation without id': { type: 'subscribe', payload: { query: genres } },
  'an operation whose id is a number': { id: 1, type: 'subscribe', payload: { query: genres } },
  'an operation whose id is a list': { id: ['1'], type: 'subscribe', payload: { query: genres } },
  'an operation whose id is an object': { id: { toString: 'x' }, type: 'subscribe', payload: { query: genres } },
  'an operation whose id is empty': { id: '', type: 'subscribe', payload: { query: genres } },
  'an operation without payload': { id: '1', type: 'subscribe' },
  'an operation whose payload is a list': { id: '1', type: 'subscribe', payload: [] },
  'an operation without document': { id: '1', type: 'subscribe', payload: {} },
  'an operation whose document is an object': { id: '1', type: 'subscribe', payload: { query: {} } },
  'an operation whose variables are a text': {
    id: '1',
    type: 'subscribe',
    payload: { query: genres, variables: '{}' },
  },
  'an operation whose name is a number': { id: '1', type: 'subscribe', payload: { query: genres, operationName: 1 } },
  'an operation whose extensions are a text': {
    id: '1',
    type: 'subscribe',
    payload: { query: genres, extensions: 'x' },
  },
  'a completion without id': { type: 'complete' },
  'a completion whose id is a number': { type: 'complete', id: 1 },
  'a ping whose payload is a text': { type: 'ping', payload: 'x' },
  'a pong whose payload is a text': { type: 'pong', payload: 'x' },
  'brackets, nested 30,000 deep': '['.repeat(30_000),
};

const inits: Readonly<Record<string, unknown>> = {
  'a text': 'x',
  'a number': 1,
  true: true,
  'a list': [],
  'a list of credentials': [{ authorization: 'x' }],
};

const badFrames: readonly SocketAttack[] = [
  {
    name: 'a frame that is not masked',
    pieces: [frame(opcodes.text, '{"type":"ping"}', { masked: false })],
    close: 1002,
  },
  { name: 'a frame with a reserved bit', pieces: [frame(opcodes.text, '{}', { reserved: 1 })], close: 1002 },
  {
    name: 'a compressed frame where nobody agreed on that',
    pieces: [frame(opcodes.text, Buffer.from([0xab, 0x56]), { reserved: 4 })],
    close: 1002,
  },
  ...[3, 4, 7, 11, 15].map((opcode) => ({
    name: `a frame of kind ${opcode}`,
    pieces: [frame(opcode, 'x')],
    close: 1002,
  })),
  { name: 'a continuation of nothing', pieces: [frame(opcodes.continuation, 'x')], close: 1002 },
  {
    name: 'a message inside another',
    pieces: [frame(opcodes.text, '{', { final: false }), frame(opcodes.text, '}')],
    close: 1002,
  },
  { name: 'a ping in pieces', pieces: [frame(opcodes.ping, 'x', { final: false })], close: 1002 },
  { name: 'a ping of 126 bytes', pieces: [frame(opcodes.ping, 'x'.repeat(126))], close: 1002 },
  { name: 'a close of one byte', pieces: [frame(opcodes.close, 'x')], close: 1002 },
  { name: 'a close with a code that is none', pieces: [frame(opcodes.close, Buffer.from([0x03, 0xed]))], close: 1002 },
  { name: 'a close with a code of nobody', pieces: [frame(opcodes.close, Buffer.from([0x00, 0x01]))], close: 1002 },
  {
    name: 'a close with a reason that is no UTF-8',
    pieces: [frame(opcodes.close, Buffer.from([0x03, 0xe8, 0xff]))],
    close: 1007,
  },
  {
    name: 'a text that is no UTF-8',
    pieces: [frame(opcodes.text, Buffer.from([0x7b, 0xc3, 0x28, 0x7d]))],
    close: 1007,
  },
  { name: 'a text of surrogates', pieces: [frame(opcodes.text, Buffer.from([0xed, 0xa0, 0x80]))], close: 1007 },
  {
    name: 'half a character, in pieces',
    pieces: [frame(opcodes.text, Buffer.from([0xe2, 0x82]), { final: false }), frame(opcodes.continuation, ' ')],
    close: 1007,
  },
  { name: 'a frame that says it is too long', pieces: [frame(opcodes.text, 'x', { length: 100_000 })], close: 1009 },
  { name: 'a frame of 2^40 bytes', pieces: [frame(opcodes.text, 'x', { length: 2n ** 40n })], close: 1009 },
  { name: 'a frame of 2^63 bytes', pieces: [frame(opcodes.text, 'x', { length: 2n ** 63n })], close: 1009 },
  {
    name: 'a message that is too long in pieces',
    pieces: [
      frame(opcodes.text, ' '.repeat(40_000), { final: false }),
      frame(opcodes.continuation, ' '.repeat(40_000)),
    ],
    close: 1009,
  },
  {
    name: 'a message in a hundred pieces',
    pieces: [
      frame(opcodes.text, ' ', { final: false }),
      ...Array.from({ length: 100 }, () => frame(opcodes.continuation, ' ', { final: false })),
    ],
    close: 1008,
  },
  { name: 'a binary message that is no JSON', pieces: [frame(opcodes.binary, Buffer.from([1, 2, 3]))], close: 4400 },
  {
    name: 'a second upgrade on the same connection',
    pieces: ['GET /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'],
    close: 1002,
  },
];

export const socketAttacks: readonly SocketAttack[] = [
  ...strangers,
  ...Object.entries(inits).map(([what, payload]) => ({
    name: `a connection_init whose payload is ${what}`,
    pieces: [message({ type: 'connection_init', payload })],
    close: 4400,
  })),
  {
    name: 'a connection_init that is too long',
    pieces: [message({ type: 'connection_init', payload: { a: 'x'.repeat(70_000) } })],
    close: 1009,
  },
  ...Object.entries(messages).map(([what, content]) => ({
    name: `after connection_init, ${what}`,
    pieces: [init, message(content)],
    close: what === 'a second connection_init' ? 4429 : 4400,
  })),
  { name: 'two operations of one id', pieces: [init, subscribe('1'), subscribe('1')], close: 4409 },
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((id) => ({
    name: `two operations of the id ${id}`,
    pieces: [init, subscribe(id), subscribe(id)],
    close: 4409,
  })),
  {
    name: 'a flood of messages',
    pieces: [init, Buffer.concat(Array.from({ length: 600 }, () => message({ type: 'ping' })))],
    close: 4429,
  },
  {
    name: 'a flood of pings',
    pieces: [init, Buffer.concat(Array.from({ length: 600 }, () => frame(opcodes.ping)))],
    close: 4429,
  },
  {
    name: 'a flood of completions of nothing',
    pieces: [init, Buffer.concat(Array.from({ length: 600 }, (_, n) => message({ id: `${n}`, type: 'complete' })))],
    close: 4429,
  },
  ...badFrames.flatMap((attack) => [
    attack,
    { ...attack, name: `after connection_init, ${attack.name}`, pieces: [init, ...attack.pieces] },
  ]),
];

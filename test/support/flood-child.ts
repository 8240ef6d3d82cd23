import { connect, type Socket } from 'node:net';
import { frame, handshake, message, opcodes } from './raw-websocket.ts';

/**
 * A process that floods a server until it is killed, with as many connections of each kind as it is told to. Each that is ended is made
 * again, so that there are always as many.
 *
 *   tsx flood-child.ts PORT COUNT DOCUMENT     prints `open` once so many have been
 */
type Kind = (socket: Socket, document: string) => void;

/** Between the end of a connection and the next of its kind. */
const againMs = 1_000;

const init = message({ type: 'connection_init' });

/** Every so often, until the socket is ended. */
function every(socket: Socket, ms: number, send: () => void): void {
  const timer = setInterval(send, ms);
  socket.once('close', () => clearInterval(timer));
}

const kinds: Readonly<Record<string, Kind>> = {
  /** Says nothing at all. */
  silent: () => {},
  /** A byte of a header at a time. */
  slowHeaders(socket) {
    socket.write('POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ');
    every(socket, 500, () => socket.write('x'));
  },
  /** A byte of a body at a time. */
  slowBody(socket) {
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 50000\r\n\r\n{',
    );
    every(socket, 500, () => socket.write(' '));
  },
  /** Half open: it says that it is done, and stays. */
  halfOpen(socket) {
    socket.write('POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\n');
    socket.end();
  },
  /** A WebSocket that never says who it is. */
  noInit: (socket) => void socket.write(handshake()),
  /** Frames that it never finishes. */
  halfFrames(socket) {
    socket.write(handshake());
    socket.write(Buffer.concat([init, frame(opcodes.text, 'x'.repeat(1_000), { length: 60_000 })]));
  },
  /** Subscribes to what changes all the time, and never reads. */
  notReading(socket, document) {
    socket.write(Buffer.concat([Buffer.from(handshake()), init]));
    for (let id = 0; id < 2; id += 1)
      socket.write(message({ id: `${id}`, type: 'subscribe', payload: { query: document } }));
  },
  /** As many messages as it can write. */
  flooding(socket) {
    const burst = Buffer.concat(Array.from({ length: 200 }, () => message({ type: 'ping' })));
    socket.write(Buffer.concat([Buffer.from(handshake()), init]));
    socket.resume();
    every(socket, 100, () => socket.write(burst));
  },
  /** Begins operations and gives them up. */
  churning(socket, document) {
    socket.write(Buffer.concat([Buffer.from(handshake()), init]));
    socket.resume();
    let id = 0;
    every(socket, 1_000, () => {
      id += 1;
      socket.write(message({ id: `${id}`, type: 'subscribe', payload: { query: document } }));
      socket.write(message({ id: `${id}`, type: 'complete' }));
    });
  },
};

function flood(port: number, count: number, document: string): void {
  let connected = 0;
  const begin = (kind: Kind): void => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    socket.once('connect', () => {
      connected += 1;
      if (connected === count) process.stdout.write('open\n');
      kind(socket, document);
    });
    if (kind !== kinds['notReading']) socket.resume();
    if (kind !== kinds['halfOpen']) socket.once('end', () => socket.destroy());
    socket.once('close', () => setTimeout(() => begin(kind), againMs));
  };
  const all = Object.values(kinds);
  let begun = 0;
  // A few at a time: the queue of connections that wait to be accepted is short.
  const timer = setInterval(() => {
    for (let n = 0; n < 50 && begun < count; n += 1) {
      begin(all[begun % all.length] ?? (() => {}));
      begun += 1;
    }
    if (begun === count) clearInterval(timer);
  }, 20);
  process.on('disconnect', () => process.exit());
}

const [, script = '', port, count, document = ''] = process.argv;
if (script.endsWith('flood-child.ts')) flood(Number(port), Number(count), document);

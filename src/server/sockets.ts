import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, type ExecutionArgs, type GraphQLSchema } from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Context } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { internalMessage } from '../common/errors.ts';
import type { ServerLimits } from '../config/limits.ts';
import { errorFrame } from '../live/frame.ts';
import type { Hub } from '../live/live.ts';
import type { OperationRequest, Prepared } from '../query/query.ts';
import type { Log } from '../common/log.ts';
import type { Operations } from './operation.ts';
import { SocketOperation } from './socket-operation.ts';

/** A socket that holds this many bytes unsent … */
const stalledBytes = 1_048_576;
/** … for so long is closed. ms */
const stalledMs = 10_000;

/** Close codes after which graphql-ws clients connect again. */
export const tryAgainLater = 1013;
export const serviceRestart = 1012;

export interface SocketsOptions {
  readonly operations: Operations;
  readonly hub: Hub;
  readonly schema: GraphQLSchema;
  readonly limits: ServerLimits;
  readonly log: Log;
}

export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly size: number;
  /** Every second or so: pings, and closes those that are gone or do not read. */
  watch(nowMs: number): void;
  /** Every `progressMs`: tells every client up to where its frames are exact. */
  progress(): void;
  /** Closes all with a code upon which clients come back. */
  restart(): void;
  terminate(): void;
}

/** What is known of a socket beside what graphql-ws knows. */
interface Client {
  readonly socket: WebSocket;
  readonly operations: Map<string, SocketOperation>;
  /** When the ping was sent that has not been answered. */
  pingedMs: number | undefined;
  nextPingMs: number;
  stalledSince: number | undefined;
}

/** Set by `onSubscribe` for `execute` and `subscribe`: graphql-ws hands its arguments from one to the other. */
interface Asked {
  readonly client: Client;
  readonly id: string;
  readonly prepared: Prepared;
}

/**
 * WebSockets: graphql-ws owns the handshake and the life of operations, frames are written to the socket directly.
 *
 *   subscribe ─onSubscribe: prepare─▶ errors, or a SocketOperation ─hub─▶ frames … ─▶ complete
 */
export function createSockets({ operations, hub, schema, limits, log }: SocketsOptions): Sockets {
  const clients = new Set<Client>();
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols,
    // One message a turn: graphql-ws takes a few steps to start an operation, and one that is completed and whose id is given
    // away meanwhile would run on, beside its successor and past the end of the socket.
    allowSynchronousEvents: false,
  });

  const protocol = makeServer<Record<string, unknown>, Client>({
    connectionInitWaitTimeout: limits.initTimeoutMs,
    onSubscribe: (context, id, payload) => ask(context, id, payload),
    execute: (args) => start(args.contextValue as Asked),
    subscribe: (args) => start(args.contextValue as Asked),
  });

  /** Errors are returned: what a hook throws closes the socket, with every operation on it. */
  function ask(
    context: Context<Record<string, unknown>, Client>,
    id: string,
    request: OperationRequest,
  ): ExecutionArgs | GraphQLError[] {
    const open = Object.keys(context.subscriptions).length;
    if (open > limits.maxSubscriptionsPerSocket) return [tooManySubscriptions(limits.maxSubscriptionsPerSocket)];
    try {
      const prepared = operations.prepare(request);
      if (!('kind' in prepared)) return [...prepared];
      const { document, operation } = prepared;
      const asked: Asked = { client: context.extra, id, prepared };
      return { schema, document, operationName: operation.name?.value ?? null, contextValue: asked };
    } catch (error) {
      log.error('an operation could not be prepared', { error });
      return [new GraphQLError(internalMessage, { extensions: { code: 'INTERNAL' } })];
    }
  }

  function start({ client, id, prepared }: Asked): SocketOperation {
    const operation = new SocketOperation(id, writerOf(client.socket), (ended) => {
      if (client.operations.get(id) === ended) client.operations.delete(id);
    });
    client.operations.set(id, operation);
    if (prepared.kind === 'query') {
      void operations.answer(prepared).then((answer) => {
        operation.send(typeof answer === 'string' ? answer : errorFrame(answer), () => {});
        operation.complete();
      });
    } else operation.follow(hub.subscribe(prepared, operation));
    return operation;
  }

  wss.on('connection', (socket) => {
    const client: Client = {
      socket,
      operations: new Map(),
      pingedMs: undefined,
      nextPingMs: 0,
      stalledSince: undefined,
    };
    // Malformed frames, messages that are too long, resets: ws closes the socket with the fitting code by itself.
    socket.on('error', (error) => log.info('a WebSocket failed', { reason: error.message }));
    if (clients.size >= limits.maxSockets) {
      socket.close(tryAgainLater, `${limits.maxSockets} WebSockets are open (setting maxSockets)`);
      return;
    }
    clients.add(client);
    socket.on('pong', () => (client.pingedMs = undefined));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => new Promise((resolve) => writerOf(socket)(text, resolve, resolve)),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (receive) => {
          socket.on('message', (data) => {
            receive(String(data)).catch((error: unknown) => {
              if (isWrongWayRound(error)) return socket.close(CloseCode.BadRequest, error.message);
              log.error('a message could not be handled', { error });
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          });
        },
      },
      client,
    );
    socket.once('close', (code, reason) => {
      clients.delete(client);
      void closed(code, String(reason));
    });
  });

  return {
    upgrade: (request, socket, head) =>
      wss.handleUpgrade(request, socket, head, (opened) => wss.emit('connection', opened, request)),
    get size() {
      return clients.size;
    },
    watch(nowMs) {
      for (const client of clients) watchClient(client, nowMs, limits.pingMs);
    },
    progress() {
      for (const client of clients) tellPositions(client, limits.maxMessageBytes);
    },
    restart() {
      for (const { socket } of clients) socket.close(serviceRestart, 'Headgate restarts');
    },
    terminate() {
      for (const { socket } of clients) socket.terminate();
    },
  };
}

/** A message that only servers send: graphql-ws throws where it closes the socket for others that do not belong. */
function isWrongWayRound(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith('Unexpected message of type ');
}

function watchClient(client: Client, nowMs: number, pingMs: number): void {
  const { socket } = client;
  if (socket.bufferedAmount > stalledBytes) {
    client.stalledSince ??= nowMs;
    if (nowMs - client.stalledSince >= stalledMs) {
      // It does not read, so it would not read a reason either; to a client this is a lost connection: it comes back.
      socket.terminate();
      return;
    }
  } else client.stalledSince = undefined;
  if (client.pingedMs !== undefined) {
    if (nowMs - client.pingedMs >= pingMs) socket.terminate();
    return;
  }
  if (client.nextPingMs === 0) client.nextPingMs = nowMs + pingMs;
  if (nowMs < client.nextPingMs || socket.readyState !== socket.OPEN) return;
  client.pingedMs = nowMs;
  client.nextPingMs = nowMs + pingMs;
  socket.ping();
}

/** In `ping` messages, which every client answers and none shows to its user; what it answers with is its own payload back. */
function tellPositions({ socket, operations }: Client, maxMessageBytes: number): void {
  if (operations.size === 0 || socket.bufferedAmount > 0 || socket.readyState !== socket.OPEN) return;
  const tell = (positions: readonly string[]) =>
    socket.send(`{"type":"ping","payload":{"positions":{${positions.join(',')}}}}`);
  let positions: string[] = [];
  let length = 0;
  for (const [id, operation] of operations) {
    const position = operation.position();
    if (position === undefined) continue;
    const entry = `${JSON.stringify(id)}:"${position}"`;
    if (length + entry.length > maxMessageBytes / 2) {
      tell(positions);
      positions = [];
      length = 0;
    }
    positions.push(entry);
    length += entry.length;
  }
  if (positions.length > 0) tell(positions);
}

function writerOf(socket: WebSocket): (text: string, done: () => void, failed?: () => void) => void {
  return (text, done, failed = () => {}) => {
    if (socket.readyState !== socket.OPEN) return failed();
    socket.send(text, (error) => (error === undefined || error === null ? done() : failed()));
  };
}

function tooManySubscriptions(limit: number): GraphQLError {
  const message = `This socket has ${limit} operations open, as many as are allowed (setting maxSubscriptionsPerSocket).`;
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED' } });
}

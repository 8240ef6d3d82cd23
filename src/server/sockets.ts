import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, type ExecutionArgs, type GraphQLSchema } from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Context } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { internalMessage, must } from '../common/errors.ts';
import { isRecord } from '../common/is-record.ts';
import type { ServerLimits } from '../config/limits.ts';
import { errorFrame, toGraphQLError } from '../live/frame.ts';
import type { Hub } from '../live/live.ts';
import type { Caller } from '../model/caller.ts';
import type { OperationRequest, Prepared } from '../query/query.ts';
import type { Log } from '../common/log.ts';
import type { CallerLimits } from './caller-limits.ts';
import { type Callers, closeCodes } from './callers.ts';
import { withDocumentId } from './document-id.ts';
import { createGreeting } from './greeting.ts';
import type { Operations } from './operation.ts';
import { Outbox } from './outbox.ts';
import type { Refusals } from './refusals.ts';
import type { Sessions } from './sessions.ts';
import { SharedBytes } from './shared-bytes.ts';
import { SocketClient } from './socket-client.ts';
import { SocketOperation } from './socket-operation.ts';
import { TokenBucket } from './token-bucket.ts';

/** Upon this code graphql-ws clients connect again. */
const serviceRestart = 1012;

/** Frames of one message, and pieces of one frame: beyond, they cost more than they carry. */
const maxFragments = 64;
const maxBufferedChunks = 1_024;

export interface SocketsOptions {
  readonly operations: Operations;
  readonly callers: Callers;
  readonly callerLimits: CallerLimits;
  readonly sessions: Sessions;
  readonly hub: Hub;
  readonly schema: GraphQLSchema;
  readonly limits: ServerLimits;
  readonly refusals: Refusals;
  /** ms since 1970. */
  readonly now: () => number;
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

/** Set by `onSubscribe` for `execute` and `subscribe`: graphql-ws hands its arguments from one to the other. */
interface Asked {
  readonly operation: SocketOperation;
  readonly prepared: Prepared;
  readonly caller: Caller;
}

type SocketContext = Context<Record<string, unknown>, SocketClient>;

/**
 * WebSockets: graphql-ws owns the handshake and the life of operations, frames are written to the socket directly.
 *
 *   connection_init ─onConnect: who is it─▶ a session, or closed
 *   subscribe ─onSubscribe: prepare─▶ errors, or a SocketOperation ─hub─▶ frames … ─▶ complete
 */
export function createSockets(options: SocketsOptions): Sockets {
  const { operations, callers, callerLimits, hub, schema, limits, refusals, now, log } = options;
  const clients = new Set<SocketClient>();
  const outbox = new Outbox();
  /** What stands behind an operation's own part of a message: the payload, and the end. */
  const shared = new SharedBytes((payload) => Buffer.from(`${payload}}`));
  const greet = createGreeting(options);
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxMessageBytes,
    maxFragments,
    maxBufferedChunks,
    perMessageDeflate: false,
    handleProtocols,
    // One message a turn: graphql-ws takes a few steps to start an operation, and one that is completed and whose id is given
    // away meanwhile would run on, beside its successor and past the end of the socket.
    allowSynchronousEvents: false,
  });

  const protocol = makeServer<Record<string, unknown>, SocketClient>({
    connectionInitWaitTimeout: limits.initTimeoutMs,
    onConnect: ({ extra: client, connectionParams }) => greet(client, connectionParams),
    onSubscribe: (context, id, payload) => ask(context, id, payload),
    execute: (args) => start(args.contextValue as Asked),
    subscribe: (args) => start(args.contextValue as Asked),
  });

  /** Errors are returned: what a hook throws closes the socket, with every operation on it. */
  function ask({ extra: client, subscriptions }: SocketContext, id: string, request: OperationRequest) {
    try {
      const { caller } = must(client.session, 'an operation of a socket that has said who it is');
      const most = limits.maxSubscriptionsPerSocket;
      if (Object.keys(subscriptions).length > most) return refuse('maxSubscriptionsPerSocket', most);
      const tooOften = callerLimits.request(caller, now());
      if (tooOften !== undefined) return [toGraphQLError(tooOften)];
      const prepared = operations.prepare(request, caller);
      if (!('kind' in prepared)) return [...prepared];
      // graphql-ws keeps the message for as long as the operation lives: the document would be there once for each.
      Object.assign(request, { query: '' });
      const subscribes = prepared.kind !== 'query';
      const tooMany = subscribes ? callerLimits.subscription(caller) : undefined;
      if (tooMany !== undefined) return [toGraphQLError(tooMany)];
      const operation = new SocketOperation(
        id,
        (writing, payload) => {
          writing.shared = shared.of(payload);
          return client.hold(writing);
        },
        (ended) => {
          if (client.operations.get(id) === ended) client.operations.delete(id);
          if (subscribes) callerLimits.ended(caller);
        },
      );
      client.operations.set(id, operation);
      return argumentsOf({ operation, prepared, caller });
    } catch (error) {
      log.error('an operation could not be prepared', { error });
      return [new GraphQLError(internalMessage, { extensions: { code: 'INTERNAL' } })];
    }
  }

  function refuse(limit: 'maxSubscriptionsPerSocket', most: number): GraphQLError[] {
    refusals.count(limit);
    const message = `This socket has ${most} operations open, as many as are allowed (setting ${limit}).`;
    return [new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED' } })];
  }

  function argumentsOf(asked: Asked): ExecutionArgs {
    const { document, operation } = asked.prepared;
    return { schema, document, operationName: operation.name?.value ?? null, contextValue: asked };
  }

  function start({ operation, prepared, caller }: Asked): SocketOperation {
    // The socket has been given up meanwhile.
    if (operation.ended) return operation;
    if (prepared.kind === 'query') {
      void operations.answer(prepared, caller).then((answer) => {
        operation.send(typeof answer === 'string' ? answer : errorFrame(answer), () => {});
        operation.complete();
      });
    } else operation.follow(hub.subscribe(prepared, operation));
    return operation;
  }

  function receive(client: SocketClient, text: string, handle: (message: unknown) => Promise<void>): void {
    // What comes behind the reason to close it is not looked at.
    if (!client.isOpen || isFlooding(client)) return;
    handle(parsed(text)).catch((error: unknown) => {
      if (isWrongWayRound(error)) return client.dismiss(CloseCode.BadRequest, error.message);
      log.error('a message could not be handled', { error });
      client.dismiss(CloseCode.InternalServerError, 'Internal server error');
    });
  }

  function isFlooding(client: SocketClient): boolean {
    if (client.messages.take(now()) === 0) return false;
    refusals.count('maxMessagesPerSecond');
    const message = `More than ${limits.maxMessagesPerSecond} messages a second (setting maxMessagesPerSecond).`;
    client.dismiss(CloseCode.TooManyInitialisationRequests, message);
    return true;
  }

  /** `stream` is what the socket stands on. */
  function welcome(socket: WebSocket, stream: Duplex, request: IncomingMessage): void {
    const { maxMessagesPerSecond } = limits;
    const messages = new TokenBucket(maxMessagesPerSecond, 5 * maxMessagesPerSecond, now());
    const shown = callers.shownBy(request);
    const client = new SocketClient({ socket, stream, shown, messages, outbox }, limits);
    // Malformed frames, messages that are too long, resets: ws closes the socket with the fitting code by itself.
    socket.on('error', (error) => {
      if ('code' in error && tooLong.has(error.code)) refusals.count('maxMessageBytes');
      log.info('a WebSocket failed', { reason: error.message });
    });
    if (clients.size >= limits.maxSockets) {
      refusals.count('maxSockets');
      client.dismiss(closeCodes.tryAgainLater, `${limits.maxSockets} WebSockets are open (setting maxSockets)`);
      return;
    }
    clients.add(client);
    socket.on('ping', () => void (client.isOpen && isFlooding(client)));
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => new Promise((resolve) => client.write(text, resolve, resolve)),
        close: (code, reason) => client.dismiss(code ?? CloseCode.InternalServerError, reason ?? ''),
        onMessage: (handle) =>
          void socket.on('message', (data) =>
            receive(client, String(data), handle as (message: unknown) => Promise<void>),
          ),
      },
      client,
    );
    socket.once('close', (code, reason) => {
      clients.delete(client);
      for (const operation of client.operations.values()) operation.complete();
      if (client.session !== undefined) {
        client.session.close();
        callerLimits.disconnected(client.session.caller);
      }
      void closed(code, String(reason));
    });
  }

  return {
    upgrade: (request, socket, head) =>
      wss.handleUpgrade(request, socket, head, (opened) => welcome(opened, socket, request)),
    get size() {
      return clients.size;
    },
    watch(nowMs) {
      for (const client of clients) client.watch(nowMs);
    },
    progress() {
      for (const client of clients) if (client.socket.bufferedAmount === 0) client.tellPositions();
    },
    restart() {
      for (const client of clients) client.close(serviceRestart, 'Headgate restarts');
    },
    terminate() {
      for (const { socket } of clients) socket.terminate();
    },
  };
}

/**
 * graphql-ws takes a message that has been read already, and otherwise keeps its text for as long as the operation lives that it began.
 * What is no message goes as it came: it is told so. It wants a text of every operation, also of one that is named.
 */
function parsed(text: string): unknown {
  try {
    const message: unknown = JSON.parse(text);
    if (!isRecord(message)) return text;
    const { type, payload } = message;
    return type === 'subscribe' && isRecord(payload) ? { ...message, payload: withDocumentId(payload) } : message;
  } catch {
    return text;
  }
}

/** Of ws. */
const tooLong: ReadonlySet<unknown> = new Set(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'WS_ERR_TOO_MANY_BUFFERED_PARTS']);

/** A message that only servers send: graphql-ws throws where it closes the socket for others that do not belong. */
function isWrongWayRound(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith('Unexpected message of type ');
}

import { createRequire } from 'node:module';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { reasonOf } from '../common/errors.ts';
import type { KafkaConnectionOptions, KafkaLog } from './kafka-options.ts';
import { KafkaError } from './kafka-options.ts';
import type { ApiVersions, Call } from './kafka-requests.ts';
import { negotiate } from './kafka-requests.ts';

/**
 * One broker, over kafkajs' connections, SASL and TLS. kafkajs' consumer is not used: it delivers aborted records, spins
 * on compacted batches and lets one bad partition starve its broker. This is the only file that knows kafkajs' insides; they
 * are checked for their shape when they are loaded, and kafkajs is pinned to one exact version.
 */
export interface BrokerConnection {
  readonly address: string;
  /** Connects and authenticates; then the versions that both sides speak. Throws KafkaError. */
  connect(): Promise<ReturnType<typeof negotiate>>;
  /** `longPoll`: on a connection of its own, so that it holds nothing else back. Throws KafkaError. */
  send<Answer>(call: Call<Answer>, longPoll?: boolean): Promise<Answer>;
  /** Ends the sockets at once; calls under way fail. */
  destroy(): void;
}

interface KafkajsConnection {
  send(message: KafkajsMessage): Promise<unknown>;
}
interface KafkajsMessage {
  readonly request: {
    readonly apiKey: number;
    readonly apiName: string;
    readonly apiVersion: number;
    readonly encode: () => Promise<KafkajsEncoder>;
  };
  readonly response: {
    readonly decode: (payload: Buffer) => Promise<{ clientSideThrottleTime: number }>;
    readonly parse: (decoded: unknown) => Promise<unknown>;
  };
  readonly requestTimeout: number;
  readonly logResponseError: boolean;
}
interface KafkajsEncoder {
  writeBufferInternal(bytes: Buffer): void;
}
interface KafkajsPool {
  getConnection(index: number): Promise<KafkajsConnection>;
}
interface KafkajsBroker {
  readonly versions: ApiVersions | null;
  connect(): Promise<void>;
}
interface Kafkajs {
  readonly Pool: new (options: object) => KafkajsPool;
  readonly Broker: new (options: object) => KafkajsBroker;
  readonly Encoder: new (size: number) => KafkajsEncoder;
}

export function createBrokerConnection(options: KafkaConnectionOptions, host: string, port: number): BrokerConnection {
  const kafkajs = loadKafkajs();
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const requestTimeout = options.requestTimeoutMs ?? 15_000;
  const sockets = new Set<Socket>();
  let destroyed = false;
  const pool = new kafkajs.Pool({
    host,
    port,
    ssl: options.ssl === true ? {} : options.ssl || null,
    sasl: options.sasl ?? null,
    clientId: options.clientId ?? 'headgate',
    connectionTimeout: options.connectionTimeoutMs ?? 3_000,
    requestTimeout,
    enforceRequestTimeout: true,
    maxInFlightRequests: null,
    logger: kafkajsLogger(options.log),
    socketFactory: (wanted: { host: string; port: number; ssl: ConnectionOptions | null; onConnect: () => void }) => {
      if (destroyed) throw new Error('closed');
      const socket = openSocket(wanted);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
  });
  const broker = new kafkajs.Broker({ connectionPool: pool, logger: kafkajsLogger(options.log), versions: null });
  let connecting: Promise<ReturnType<typeof negotiate>> | undefined;

  const send = async <Answer>(call: Call<Answer>, longPoll = false): Promise<Answer> => {
    let answer: { readonly is: Answer } | undefined;
    const message: KafkajsMessage = {
      request: {
        apiKey: call.apiKey,
        apiName: call.apiName,
        apiVersion: call.apiVersion,
        encode: async () => {
          const encoder = new kafkajs.Encoder(call.body.length + 1);
          encoder.writeBufferInternal(call.body);
          return encoder;
        },
      },
      response: {
        decode: async (payload) => {
          const read = call.read(payload);
          answer = { is: read };
          return { clientSideThrottleTime: throttleOf(read) };
        },
        parse: async () => undefined,
      },
      requestTimeout,
      logResponseError: false,
    };
    try {
      const connection = await pool.getConnection(longPoll ? 1 : 0);
      await connection.send(message);
    } catch (error) {
      throw new KafkaError(`${address}: ${reasonOf(error)}`, { cause: error });
    }
    if (answer === undefined) throw new KafkaError(`${address}: ${call.apiName} was not answered`);
    return answer.is;
  };

  return {
    address,
    send,
    connect() {
      connecting ??= broker.connect().then(
        () => negotiate(broker.versions ?? {}),
        (error: unknown) => {
          connecting = undefined;
          throw new KafkaError(`${address}: ${reasonOf(error)}`, { cause: error });
        },
      );
      return connecting;
    },
    destroy() {
      destroyed = true;
      // With an error, because that is what makes kafkajs fail the requests under way and stop its timers.
      for (const socket of sockets) socket.destroy(new Error('closed'));
    },
  };
}

function throttleOf(answer: unknown): number {
  return typeof answer === 'object' && answer !== null && 'throttleMs' in answer ? Number(answer.throttleMs) : 0;
}

function openSocket(wanted: {
  host: string;
  port: number;
  ssl: ConnectionOptions | null;
  onConnect: () => void;
}): Socket {
  const { host, port, ssl, onConnect } = wanted;
  const socket =
    ssl === null
      ? connectTcp({ host, port }, onConnect)
      : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect);
  return socket.setNoDelay(true).setKeepAlive(true, 30_000);
}

/** kafkajs reports what it then throws, at level error: to our reader that is detail. */
function kafkajsLogger(log: KafkaLog | undefined): object {
  const tell = (message: unknown): void => log?.('debug', `kafkajs: ${String(message)}`);
  const silent = (): void => {};
  const logger = { debug: silent, info: silent, warn: tell, error: tell, setLogLevel: silent };
  return { ...logger, namespace: () => logger };
}

let loaded: Kafkajs | undefined;

function loadKafkajs(): Kafkajs {
  if (loaded !== undefined) return loaded;
  const require = createRequire(import.meta.url);
  const part = (path: string, methods: readonly string[]): unknown => {
    const found: unknown = require(`kafkajs/src/${path}`);
    const prototype: unknown = typeof found === 'function' ? found.prototype : undefined;
    const missing = methods.filter(
      (method) => typeof prototype !== 'object' || prototype === null || !(method in prototype),
    );
    if (missing.length > 0) {
      throw new KafkaError(
        `kafkajs/src/${path} is not the class that Headgate was written for (no ${missing.join(', ')}): install kafkajs 2.2.4`,
      );
    }
    return found;
  };
  loaded = {
    Pool: part('network/connectionPool', ['getConnection', 'setVersions']) as Kafkajs['Pool'],
    Broker: part('broker', ['connect', 'apiVersions']) as Kafkajs['Broker'],
    Encoder: part('protocol/encoder', ['writeBufferInternal', 'size']) as Kafkajs['Encoder'],
  };
  part('network/connection', ['send', 'connect', 'authenticate', 'disconnect']);
  return loaded;
}

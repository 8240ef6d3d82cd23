import type { ConnectionOptions } from 'node:tls';
import type { SASLOptions } from 'kafkajs';

/** How to reach a Kafka cluster: shared by the source and the producer. */
export interface KafkaConnectionOptions {
  /** `host:port` of some brokers; the others are learnt from them. IPv6 addresses in brackets. */
  readonly brokers: readonly string[];
  /** Default `headgate`. */
  readonly clientId?: string | undefined;
  /** true, or the options of node:tls (ca, cert, key, servername …). Default: no TLS. */
  readonly ssl?: boolean | ConnectionOptions | undefined;
  /** kafkajs' own: mechanism plain, scram-sha-256, scram-sha-512 or oauthbearer with its credentials. Default: none. */
  readonly sasl?: SASLOptions | undefined;
  /** Default 3,000. */
  readonly connectionTimeoutMs?: number | undefined;
  /** How long a request may stay unanswered before its connection is given up. Default 15,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Told what an operator may want to know; default: nobody. */
  readonly log?: KafkaLog | undefined;
}

export type KafkaLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;

export interface KafkaOptions extends KafkaConnectionOptions {
  /** Most bytes of one partition in one response; a larger batch is still read. Default 4 MiB. */
  readonly maxBytesPerPartition?: number | undefined;
  /** Most bytes of one response. Default 16 MiB. */
  readonly maxBytesPerFetch?: number | undefined;
  /** While so many bytes have been fetched and not taken, nothing more is asked for: a response of each broker may come on top. Default 32 MiB. */
  readonly maxFetchedBytes?: number | undefined;
  /** How long a broker holds an answer back while it has nothing new. Default 500; does not delay records. */
  readonly maxWaitMs?: number | undefined;
  /** Most bytes that one compressed batch may grow to; a larger one is unreadable. Default 256 MiB. */
  readonly maxBatchBytes?: number | undefined;
  /** About how many records are given to the sink at once. Default 50,000. */
  readonly maxRecordsPerBatch?: number | undefined;
  /** How often new partitions and recreated topics are looked for. Default 3,000. */
  readonly metadataRefreshMs?: number | undefined;
}

/** What a broker that cannot be reached, or refuses us, is to the rest of the source. */
export class KafkaError extends Error {
  override readonly name = 'KafkaError';
}

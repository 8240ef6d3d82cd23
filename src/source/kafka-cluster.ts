import { reasonOf } from '../common/errors.ts';
import type { KafkaConnectionOptions } from './kafka-options.ts';
import { KafkaError } from './kafka-options.ts';
import { metadataCall } from './kafka-requests.ts';
import type { Call, ClusterMetadata, negotiate } from './kafka-requests.ts';
import { createBrokerConnection } from './kafka-transport.ts';
import type { BrokerConnection } from './kafka-transport.ts';

export type Versions = ReturnType<typeof negotiate>;

/** Connections to the brokers of a cluster: made when needed, thrown away when they failed, made again at the next need. */
export class KafkaCluster {
  readonly #options: KafkaConnectionOptions;
  readonly #seeds: readonly Address[];
  readonly #connections = new Map<string, BrokerConnection>();
  #brokers: ReadonlyMap<number, Address> = new Map();
  #closed = false;

  constructor(options: KafkaConnectionOptions) {
    this.#options = options;
    this.#seeds = options.brokers.map(parseAddress);
    if (this.#seeds.length === 0) throw new KafkaError('no broker is named: give at least one as host:port');
  }

  /** Metadata of these topics, from any broker. `create` as in `metadataCall`. Throws KafkaError where none can be reached. */
  async metadata(topics: readonly string[], create = false): Promise<ClusterMetadata> {
    const metadata = await this.ask((versions) => metadataCall(versions.metadata, topics, create));
    if (metadata.brokers.length > 0) {
      this.#brokers = new Map(metadata.brokers.map((broker) => [broker.id, broker]));
      const known = new Set([...this.#seeds, ...metadata.brokers].map(printAddress));
      for (const [address, connection] of this.#connections) if (!known.has(address)) this.drop(connection);
    }
    return metadata;
  }

  /** Asks one broker after the other until one answers. */
  async ask<Answer>(makeCall: (versions: Versions) => Call<Answer>): Promise<Answer> {
    const addresses = new Map([...this.#brokers.values(), ...this.#seeds].map((each) => [printAddress(each), each]));
    // Those that are connected come first: they are the likeliest to answer at once.
    const order = [...addresses].toSorted(
      ([a], [b]) => Number(this.#connections.has(b)) - Number(this.#connections.has(a)),
    );
    const reasons: string[] = [];
    for (const [, address] of order) {
      const connection = this.#connection(address);
      try {
        const versions = await connection.connect();
        return await connection.send(makeCall(versions));
      } catch (error) {
        this.drop(connection);
        reasons.push(reasonOf(error));
        if (this.#closed) break;
      }
    }
    throw new KafkaError(reasons.join('; '));
  }

  /** The broker with this id, connected. Throws KafkaError. */
  async broker(id: number): Promise<{ readonly connection: BrokerConnection; readonly versions: Versions }> {
    const address = this.#brokers.get(id);
    if (address === undefined) throw new KafkaError(`broker ${id} is not known to the cluster`);
    const connection = this.#connection(address);
    try {
      return { connection, versions: await connection.connect() };
    } catch (error) {
      this.drop(connection);
      throw error;
    }
  }

  /** After a failure: its sockets are closed, and the next need makes a new one. */
  drop(connection: BrokerConnection): void {
    if (this.#connections.get(connection.address) === connection) this.#connections.delete(connection.address);
    connection.destroy();
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections.values()) connection.destroy();
    this.#connections.clear();
  }

  #connection(address: Address): BrokerConnection {
    if (this.#closed) throw new KafkaError('closed');
    const name = printAddress(address);
    let connection = this.#connections.get(name);
    if (connection === undefined) {
      connection = createBrokerConnection(this.#options, address.host, address.port);
      this.#connections.set(name, connection);
    }
    return connection;
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function printAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function parseAddress(text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw new KafkaError(`"${text}" names no broker: write host:port`);
  return { host, port: Number(match?.[3] ?? 9_092) };
}

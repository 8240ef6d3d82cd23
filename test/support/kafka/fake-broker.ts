import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { nextOffset } from '../../../src/source/record-batch.ts';

/** What the fake answers for a partition. Tests change it while it runs. */
export interface FakePartition {
  start: number;
  /** Last stable offset. */
  end: number;
  /** Each a whole batch; those that end beyond the offset asked for are sent. */
  batches: Buffer[];
  aborted?: { producerId: number; firstOffset: number }[];
  /** Instead of data. */
  errorCode?: number;
  /** Sent in place of the batches, as it is. */
  raw?: Buffer;
}

export interface FakeBroker {
  readonly address: string;
  /** Topics by name; a topic that is not in it is unknown. */
  readonly topics: Map<string, FakePartition[]>;
  /** Offsets asked for, `topic/partition@offset`, in order. */
  readonly fetches: string[];
  readonly requests: { readonly apiKey: number; readonly apiVersion: number }[];
  /** How many requests of each fetch answer are held back by the test; undefined: none. */
  stall: Promise<void> | undefined;
  close(): Promise<void>;
}

export interface FakeBrokerOptions {
  readonly port?: number;
  /** Ranges offered by api key, instead of those of a broker without topic ids. */
  readonly apiVersions?: Readonly<Record<number, readonly [number, number]>>;
  /** Answers are cut at this many bytes of records. */
  readonly maxRecordBytes?: number;
}

/**
 * Speaks ApiVersions, Metadata v6, ListOffsets v3 and Fetch v11 over TCP, byte for byte as a test wants them. Says nothing about how
 * Kafka behaves: for that there is the real one.
 */
export async function createFakeBroker(options: FakeBrokerOptions = {}): Promise<FakeBroker> {
  const offered = options.apiVersions ?? { 1: [0, 11], 2: [0, 5], 3: [0, 6], 18: [0, 2], 32: [0, 2] };
  const topics = new Map<string, FakePartition[]>();
  const fetches: string[] = [];
  const requests: { apiKey: number; apiVersion: number }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => {});
    let pending = Buffer.alloc(0);
    let work = Promise.resolve();
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const request = pending.subarray(4, 4 + pending.readInt32BE(0));
        pending = pending.subarray(4 + request.length);
        work = work.then(() => answer(socket, request));
      }
    });
  });

  const answer = async (socket: Socket, request: Buffer): Promise<void> => {
    const from = new Reader(request);
    const apiKey = from.int16();
    const apiVersion = from.int16();
    const correlation = from.int32();
    from.string();
    requests.push({ apiKey, apiVersion });
    const body = await respond(apiKey, from);
    if (socket.destroyed) return;
    socket.write(Buffer.concat([int32(body.length + 4), int32(correlation), body]));
  };

  const respond = async (apiKey: number, from: Reader): Promise<Buffer> => {
    if (apiKey === 18) {
      const ranges = Object.entries(offered).map(([key, [min, max]]) =>
        Buffer.concat([int16(Number(key)), int16(min), int16(max)]),
      );
      return Buffer.concat([int16(0), array(ranges), int32(0)]);
    }
    if (apiKey === 3) return metadata(from.array(() => from.string()));
    if (apiKey === 2) return listOffsets(from);
    if (apiKey === 1) return fetch(from);
    throw new Error(`the fake broker does not speak api ${apiKey}`);
  };

  const metadata = (asked: string[]): Buffer => {
    const { port } = server.address() as AddressInfo;
    const found = asked.map((topic) => {
      const partitions = topics.get(topic) ?? [];
      const each = partitions.map((_, id) =>
        Buffer.concat([int16(0), int32(id), int32(1), array([int32(1)]), array([int32(1)]), array([])]),
      );
      return Buffer.concat([int16(topics.has(topic) ? 0 : 3), string(topic), Buffer.from([0]), array(each)]);
    });
    const broker = Buffer.concat([int32(1), string('127.0.0.1'), int32(port), int16(-1)]);
    return Buffer.concat([int32(0), array([broker]), int16(-1), int32(1), array(found)]);
  };

  const listOffsets = (from: Reader): Buffer => {
    from.int32();
    from.int8();
    const answers = from.array(() => {
      const topic = from.string();
      const partitions = from.array(() => {
        const id = from.int32();
        const earliest = from.int64() === -2;
        const partition = topics.get(topic)?.[id];
        const offset = earliest ? partition?.start : partition?.end;
        return Buffer.concat([int32(id), int16(partition === undefined ? 3 : 0), int64(-1), int64(offset ?? -1)]);
      });
      return Buffer.concat([string(topic), array(partitions)]);
    });
    return Buffer.concat([int32(0), array(answers)]);
  };

  const fetch = async (from: Reader): Promise<Buffer> => {
    from.int32();
    const maxWaitMs = from.int32();
    from.int32();
    from.int32();
    from.int8();
    from.int32();
    from.int32();
    const asked = from.array(() => {
      const topic = from.string();
      const partitions = from.array(() => {
        const id = from.int32();
        from.int32();
        const offset = from.int64();
        from.int64();
        from.int32();
        return { id, offset };
      });
      return { topic, partitions };
    });
    for (const { topic, partitions } of asked)
      for (const { id, offset } of partitions) fetches.push(`${topic}/${id}@${offset}`);
    await broker.stall;
    const deadline = performance.now() + maxWaitMs;
    for (;;) {
      let hasNews = false;
      const answers = asked.map(({ topic, partitions }) => {
        const each = partitions.map(({ id, offset }) => {
          const { bytes, isNews } = fetchPartition(topic, id, offset);
          hasNews ||= isNews;
          return bytes;
        });
        return Buffer.concat([string(topic), array(each)]);
      });
      if (hasNews || performance.now() >= deadline)
        return Buffer.concat([int32(0), int16(0), int32(0), array(answers)]);
      await sleep(5);
    }
  };

  const fetchPartition = (topic: string, id: number, offset: number): { bytes: Buffer; isNews: boolean } => {
    const partition = topics.get(topic)?.[id];
    let errorCode = partition === undefined ? 3 : (partition.errorCode ?? 0);
    if (partition !== undefined && errorCode === 0 && (offset < partition.start || offset > partition.end))
      errorCode = 1;
    const batches = (partition?.batches ?? []).filter((batch) => (nextOffset(batch) ?? 0) > offset);
    let records = errorCode === 0 ? (partition?.raw ?? Buffer.concat(batches)) : Buffer.alloc(0);
    if (options.maxRecordBytes !== undefined) records = records.subarray(0, options.maxRecordBytes);
    const aborted = (partition?.aborted ?? []).map(({ producerId, firstOffset }) =>
      Buffer.concat([int64(producerId), int64(firstOffset)]),
    );
    const bytes = Buffer.concat([
      int32(id),
      int16(errorCode),
      int64(partition?.end ?? -1),
      int64(partition?.end ?? -1),
      int64(partition?.start ?? -1),
      array(aborted),
      int32(-1),
      int32(records.length),
      records,
    ]);
    return { bytes, isNews: errorCode !== 0 || records.length > 0 };
  };

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const broker: FakeBroker = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    topics,
    fetches,
    requests,
    stall: undefined,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return broker;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#skip(1));
  }
  int16(): number {
    return this.#bytes.readInt16BE(this.#skip(2));
  }
  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4));
  }
  int64(): number {
    return Number(this.#bytes.readBigInt64BE(this.#skip(8)));
  }
  string(): string {
    const length = this.int16();
    const at = this.#skip(Math.max(0, length));
    return this.#bytes.toString('utf8', at, at + Math.max(0, length));
  }
  array<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read);
  }
  #skip(length: number): number {
    this.#at += length;
    return this.#at - length;
  }
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
function string(value: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}
function array(items: readonly Buffer[]): Buffer {
  return Buffer.concat([int32(items.length), ...items]);
}

import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { must } from '../../src/common/errors.ts';
import { postGraphql } from './gateway-process.ts';
import type { GatewayProcess } from './gateway-process.ts';
import type { Random } from './random.ts';

/**
 * kill -9 at random moments while the topics are written to. After every round: the tables, derived ones included, equal what a
 * plain script makes of the log as somebody else reads it, and change streams resumed from their last positions have no gap and
 * no duplicate (each change's `previous` is what the client holds).
 */
export interface KillRounds<Value> {
  readonly world: KillWorld<Value>;
  readonly rounds: number;
  readonly random: Random;
  start(): Promise<GatewayProcess>;
  readonly topic: string;
  /** Writes records of the topic, each to `partitionOf` its key; resolves once they are acknowledged. */
  produce(records: readonly KillRecord<Value>[]): Promise<readonly { partition: number; offset: number }[]>;
  /** The whole topic, as another program reads it; the records of a partition in their order. */
  readLog(): Promise<readonly KillRecord<Value>[]>;
}

export interface KillRecord<Value> {
  readonly key: string;
  /** null: a tombstone; undefined: a bad record. */
  readonly value: Value | null | undefined;
}

/** A row's fields, in the order of `KillWorld.tables`. */
export type PlainRow = readonly unknown[];

/** What is declared and written, and what must come of it. */
export interface KillWorld<Value> {
  /** Over topic `songs`. */
  readonly schema: string;
  /** The fields of every table that is compared, by the table's plural; all of its columns that make it what it is. */
  readonly tables: Readonly<Record<string, string>>;
  /** Tables whose change streams are followed: their plurals, with their singulars. */
  readonly followed: Readonly<Record<string, string>>;
  recordsOf(random: Random): () => KillRecord<Value>;
  /** Every table of `tables` as the records make it. */
  tablesOf(records: readonly KillRecord<Value>[]): Readonly<Record<string, readonly PlainRow[]>>;
}

export const partitions = 3;

/** A key lives in one partition. */
export function partitionOf(key: string): number {
  return Number(key.slice(1)) % partitions;
}

interface Message {
  readonly changes: readonly {
    readonly operation: 'INSERT' | 'UPDATE' | 'DELETE';
    readonly rowId: string;
    readonly node: Readonly<Record<string, unknown>> | null;
    readonly previous: Readonly<Record<string, unknown>> | null;
  }[];
  readonly position: string;
  readonly complete: boolean;
}

/** A client that keeps a table by its change stream, over as many connections as it takes. */
class Follower {
  readonly #fields: readonly string[];
  readonly #document: string;
  readonly #field: string;
  readonly #held = new Map<string, Readonly<Record<string, unknown>>>();
  #position: string | undefined;
  commits = 0;
  changes = 0;

  constructor(singular: string, fields: string) {
    this.#field = `${singular}Changes`;
    this.#fields = fields.split(' ');
    // `previous` has no `id`; `rowId` stands for it.
    const columns = this.#fields.filter((field) => field !== 'id').join(' ');
    this.#document = `subscription Changes($after: String, $snapshot: Boolean) {
      ${this.#field}(after: $after, snapshot: $snapshot) {
        changes { operation rowId node { ${columns} } previous { ${columns} } }
        position complete
      }
    }`;
  }

  get #text(): string {
    return textOfRows(
      [...this.#held].map(([id, row]) => this.#fields.map((field) => (field === 'id' ? id : row[field]))),
    );
  }

  /** Follows until the connection ends; or until the client holds these rows. */
  async follow(url: string, rows?: string): Promise<void> {
    const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
    try {
      const results = client.iterate<Record<string, Message>>({
        query: this.#document,
        variables: { after: this.#position, snapshot: this.#position === undefined },
      });
      for await (const { errors, data } of results) {
        if (errors) throw new Error(`${this.#field}: ${JSON.stringify(errors)}`);
        const message = data?.[this.#field];
        if (message !== undefined) this.#take(message);
        if (rows !== undefined && this.#text === rows) return;
      }
    } catch (cause) {
      // The socket's end is the point of a round; what the stream itself says is not.
      if (cause instanceof Error && !('code' in cause)) throw cause;
      if (rows !== undefined) throw cause;
    } finally {
      await client.dispose();
    }
  }

  #take({ changes, position, complete }: Message): void {
    for (const { operation, rowId, node, previous } of changes) {
      const before = this.#held.get(rowId) ?? null;
      const known = operation === 'INSERT' ? null : before;
      if (JSON.stringify(previous) !== JSON.stringify(known) || (operation === 'INSERT') !== (before === null)) {
        throw new Error(
          `${this.#field}: gap or duplicate: ${operation} ${rowId} from ${JSON.stringify(previous)} ` +
            `while the client holds ${JSON.stringify(before)}`,
        );
      }
      if (node === null) this.#held.delete(rowId);
      else this.#held.set(rowId, node);
    }
    this.changes += changes.length;
    if (changes.length > 0) this.commits += 1;
    if (complete) this.#position = position;
  }
}

/** Resolves with what the followers have seen, all together. */
export async function killRounds<Value>(options: KillRounds<Value>): Promise<{ commits: number; changes: number }> {
  const { random, world } = options;
  const followers = new Map(
    Object.entries(world.followed).map(([table, singular]) => [
      table,
      new Follower(singular, must(world.tables[table], table)),
    ]),
  );
  /** Of the last record acknowledged in each partition. */
  const lastOffsets = new Map<number, number>();
  const nextRecord = world.recordsOf(random);

  for (let round = 0; round < options.rounds; round += 1) {
    const gateway = await options.start();
    const streams = [...followers.values()].map((follower) => follower.follow(gateway.wsUrl));
    // Rejections are looked at once the process is dead.
    const ended = Promise.allSettled(streams);
    let killed = false;
    const writing = (async () => {
      while (!killed) {
        const records = Array.from({ length: 1 + random.int(40) }, nextRecord);
        for (const { partition, offset } of await options.produce(records)) lastOffsets.set(partition, offset);
        // A turn of the event loop, so that the sockets and the kill have theirs.
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await pause(20 + random.int(400));
    await gateway.kill9();
    killed = true;
    await writing;
    for (const result of await ended) if (result.status === 'rejected') throw result.reason;

    await verify(options, lastOffsets, followers);
  }
  const all = [...followers.values()];
  const sum = (of: (follower: Follower) => number) => all.reduce((total, follower) => total + of(follower), 0);
  return { commits: sum(({ commits }) => commits), changes: sum(({ changes }) => changes) };
}

/** Starts once more, waits for the last record written to each partition, and compares with the log. */
async function verify<Value>(
  options: KillRounds<Value>,
  lastOffsets: ReadonlyMap<number, number>,
  followers: ReadonlyMap<string, Follower>,
): Promise<void> {
  const gateway = await options.start();
  try {
    const offsets = [...lastOffsets].map(([partition, offset]) => ({
      topic: options.topic,
      partition,
      offset: String(offset),
    }));
    const tables = Object.entries(options.world.tables);
    const pulled = await postGraphql(
      gateway.url,
      `query Pull($offsets: [TopicOffset!]) @atLeast(offsets: $offsets, timeoutMs: 10000) {
        ${tables.map(([table, fields]) => `${table}(limit: 1000) { ${fields} }`).join('\n')}
      }`,
      { offsets },
    );
    if (pulled.errors) throw new Error(JSON.stringify(pulled.errors));
    const expected = options.world.tablesOf(await options.readLog());
    const textOf = (table: string) => textOfRows(must(expected[table], table));
    for (const [table, fields] of tables) {
      const rows = (pulled.data?.[table] ?? []) as readonly Readonly<Record<string, unknown>>[];
      const got = textOfRows(rows.map((row) => fields.split(' ').map((field) => row[field])));
      const want = textOf(table);
      if (got !== want) throw new Error(`${table}: not what the log makes of it\n got ${got}\nwant ${want}`);
    }
    for (const [table, follower] of followers) await follower.follow(gateway.wsUrl, textOf(table));
  } finally {
    await gateway.stop();
  }
}

/** One text per table, whatever the order of its rows. */
function textOfRows(rows: readonly PlainRow[]): string {
  return rows
    .map((row) => JSON.stringify(row))
    .toSorted()
    .join('\n');
}

export interface PlainSong {
  readonly title: string;
  readonly seq: number;
}

export type SongRecord = KillRecord<PlainSong>;

/** One table and nothing beside it. */
export const songWorld: KillWorld<PlainSong> = {
  schema: `
type Song @table(topic: "songs") {
  id: ID!
  title: String! @index
  seq: Int!
}
`,
  tables: { songs: 'id title seq' },
  followed: { songs: 'song' },
  recordsOf(random) {
    let seq = 0;
    return () => {
      seq += 1;
      const key = `s${random.int(60)}`;
      const kind = random.next();
      if (kind < 0.15) return { key, value: null };
      if (kind < 0.2) return { key, value: undefined };
      return { key, value: { title: `t${random.int(20)}`, seq } };
    };
  },
  tablesOf(records) {
    const rows = new Map<string, PlainSong>();
    for (const { key, value } of records) {
      if (value === null) rows.delete(key);
      else if (value !== undefined) rows.set(key, value);
    }
    return { songs: [...rows].map(([id, { title, seq }]) => [id, title, seq]) };
  },
};

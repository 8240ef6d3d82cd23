import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { postGraphql } from './gateway-process.ts';
import type { GatewayProcess } from './gateway-process.ts';
import type { Random } from './random.ts';

/**
 * kill -9 at random moments while the topics are written to. After every round: the tables equal the fold of the log as
 * somebody else reads it, and a change stream resumed from its last position has no gap and no duplicate (each change's
 * `previous` is what the client holds).
 */
export interface KillRounds {
  readonly rounds: number;
  readonly random: Random;
  start(): Promise<GatewayProcess>;
  readonly topic: string;
  /** Writes records of the topic; resolves once they are acknowledged. */
  produce(records: readonly SongRecord[]): Promise<readonly { partition: number; offset: number }[]>;
  /** The whole topic, as another program reads it. */
  readLog(): Promise<readonly SongRecord[]>;
}

export interface SongRecord {
  readonly key: string;
  /** null: a tombstone; undefined: a bad record. */
  readonly value: { readonly title: string; readonly seq: number } | null | undefined;
}

export const killSchema = `
type Song @table(topic: "songs") {
  id: ID!
  title: String! @index
  seq: Int!
}
`;

interface SongChange {
  readonly operation: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly rowId: string;
  readonly node: { readonly title: string; readonly seq: number } | null;
  readonly previous: { readonly title: string; readonly seq: number } | null;
}

const changesDocument = `subscription Changes($after: String, $snapshot: Boolean) {
  songChanges(after: $after, snapshot: $snapshot) {
    changes { operation rowId node { title seq } previous { title seq } }
    position complete
  }
}`;

export async function killRounds(options: KillRounds): Promise<{ commits: number; changes: number }> {
  const { random } = options;
  const held = new Map<string, { title: string; seq: number }>();
  /** Of the last record acknowledged in each partition. */
  const lastOffsets = new Map<number, number>();
  let position: string | undefined;
  let commits = 0;
  let changes = 0;
  let seq = 0;

  function follow(message: { changes: readonly SongChange[]; position: string; complete: boolean }): void {
    for (const { operation, rowId, node, previous } of message.changes) {
      const before = held.get(rowId) ?? null;
      const known = operation === 'INSERT' ? null : before;
      if (JSON.stringify(previous) !== JSON.stringify(known) || (operation === 'INSERT') !== (before === null)) {
        throw new Error(
          `gap or duplicate: ${operation} ${rowId} from ${JSON.stringify(previous)} while the client holds ${JSON.stringify(before)}`,
        );
      }
      if (node === null) held.delete(rowId);
      else held.set(rowId, node);
      changes += 1;
    }
    if (message.changes.length > 0) commits += 1;
    if (message.complete) position = message.position;
  }

  for (let round = 0; round < options.rounds; round += 1) {
    const gateway = await options.start();
    const client = createClient({
      url: gateway.wsUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: () => {},
    });
    let broken: unknown;
    const stream = (async () => {
      const results = client.iterate<{ songChanges: Parameters<typeof follow>[0] }>({
        query: changesDocument,
        variables: { after: position, snapshot: position === undefined },
      });
      for await (const result of results) {
        if (result.errors) throw new Error(JSON.stringify(result.errors));
        if (result.data) follow(result.data.songChanges);
      }
    })().catch((cause: unknown) => {
      // The socket's end is the point of the round; what the stream itself says is not.
      if (cause instanceof Error && !('code' in cause)) broken = cause;
    });

    let killed = false;
    const writing = (async () => {
      while (!killed) {
        const records: SongRecord[] = [];
        for (let count = 1 + random.int(40); count > 0; count -= 1) {
          seq += 1;
          const key = `s${random.int(60)}`;
          const kind = random.next();
          if (kind < 0.15) records.push({ key, value: null });
          else if (kind < 0.2) records.push({ key, value: undefined });
          else records.push({ key, value: { title: `t${random.int(20)}`, seq } });
        }
        for (const { partition, offset } of await options.produce(records)) lastOffsets.set(partition, offset);
        // A turn of the event loop, so that the sockets and the kill have theirs.
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await pause(20 + random.int(400));
    await gateway.kill9();
    killed = true;
    await writing;
    await stream;
    await client.dispose();
    if (broken !== undefined) throw broken;

    await verify(options, lastOffsets, held, () => position, follow);
  }
  return { commits, changes };
}

/** Starts once more, waits for the last record written to each partition, and compares with the log. */
async function verify(
  options: KillRounds,
  lastOffsets: ReadonlyMap<number, number>,
  held: ReadonlyMap<string, { title: string; seq: number }>,
  position: () => string | undefined,
  follow: (message: { changes: readonly SongChange[]; position: string; complete: boolean }) => void,
): Promise<void> {
  const gateway = await options.start();
  try {
    const offsets = [...lastOffsets].map(([partition, offset]) => ({
      topic: options.topic,
      partition,
      offset: String(offset),
    }));
    const pulled = await postGraphql(
      gateway.url,
      `query Pull($offsets: [TopicOffset!]) @atLeast(offsets: $offsets, timeoutMs: 10000) {
        songs(limit: 1000) { id title seq }
      }`,
      { offsets },
    );
    if (pulled.errors) throw new Error(JSON.stringify(pulled.errors));
    const rows = (pulled.data as { songs: { id: string; title: string; seq: number }[] }).songs;
    const table = JSON.stringify(rows.map(({ id, title, seq }) => [id, title, seq]));
    const expected = JSON.stringify(foldSongs(await options.readLog()));
    if (table !== expected) throw new Error(`the table is not the fold of the log\n got ${table}\nwant ${expected}`);

    const client = createClient({ url: gateway.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    const results = client.iterate<{ songChanges: Parameters<typeof follow>[0] }>({
      query: changesDocument,
      variables: { after: position(), snapshot: position() === undefined },
    });
    for await (const result of results) {
      if (result.errors) throw new Error(JSON.stringify(result.errors));
      if (result.data) follow(result.data.songChanges);
      if (JSON.stringify(asRows(held)) === expected) break;
    }
    await client.dispose();
  } finally {
    await gateway.stop();
  }
}

function foldSongs(records: readonly SongRecord[]): readonly (readonly [string, string, number])[] {
  const rows = new Map<string, { title: string; seq: number }>();
  for (const { key, value } of records) {
    if (value === null) rows.delete(key);
    else if (value !== undefined) rows.set(key, value);
  }
  return asRows(rows);
}

function asRows(rows: ReadonlyMap<string, { title: string; seq: number }>) {
  return [...rows]
    .map(([id, { title, seq }]) => [id, title, seq] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

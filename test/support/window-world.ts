import { createTestGateway } from '../../src/testing.ts';
import type { TestGateway, TestRecord } from '../../src/testing.ts';

/** One record of the topic `hits`. Instants are ISO 8601, or ms since 1970. */
export interface Hit {
  readonly id: string;
  /** Event time; absent: the value is null, and the row goes. */
  readonly at?: string | number | undefined;
  /** Default `a`. */
  readonly who?: string | undefined;
  /** The record's own timestamp; default: the event time. */
  readonly sent?: string | number | undefined;
  /** Default 0. */
  readonly partition?: number | undefined;
}

export interface WindowWorld {
  readonly gateway: TestGateway;
  /** One commit. */
  hit(...hits: readonly Hit[]): Promise<void>;
  /** Rows in order of key, each as `interval start who count`, with `closed` where it is: `H1 2026-01-01T10:00:00.000Z a 2 closed`. Sessions: `start end who count`. */
  rows(): Promise<readonly string[]>;
  /** Dead letters of the aggregation, the oldest first: `LATE hits/0 at 3`. */
  dropped(): readonly string[];
  close(): Promise<void>;
}

/** A table of hits and a count of them per window. `window`: the arguments of `@aggregation` but for the source. */
export async function createWindowWorld(window: string, mode: 'UPSERT' | 'APPEND' = 'UPSERT'): Promise<WindowWorld> {
  const sessions = window.includes('sessionGap');
  const id = mode === 'APPEND' ? 'id: ID! @from(meta: COORDINATES)' : 'id: ID!';
  const gateway = await createTestGateway({
    schema: `
      type Hit @table(topic: "hits", mode: ${mode}) { ${id} who: String! at: DateTime! }
      type Count @aggregation(source: "Hit", ${window}) { timestamp: DateTime! who: String! hits: Int! @aggregate(fn: COUNT) }`,
  });
  const document = `{ counts(limit: 1000) { ${sessions ? 'timestamp end' : 'interval timestamp'} who hits closed } }`;
  return {
    gateway,
    async hit(...hits) {
      await gateway.produce(hits.map(recordOf));
    },
    async rows() {
      const { data } = await gateway.query(document);
      return (data as { counts: readonly Record<string, unknown>[] }).counts.map(({ closed, ...row }) =>
        [...Object.values(row), ...(closed === true ? ['closed'] : [])].join(' '),
      );
    },
    dropped() {
      const snapshot = gateway.store.snapshot();
      try {
        const letters = gateway.catalog.derivedTables.flatMap((table) => snapshot.deadLetters(table, 100).toReversed());
        return letters.map(({ code, topic, partition, offset }) => `${code} ${topic}/${partition} at ${offset}`);
      } finally {
        snapshot.release();
      }
    },
    close: () => gateway.close(),
  };
}

function recordOf({ id, at, who = 'a', sent = at ?? 0, partition = 0 }: Hit): TestRecord {
  return {
    topic: 'hits',
    partition,
    key: id,
    value: at === undefined ? null : { who, at },
    timestamp: typeof sent === 'number' ? sent : Date.parse(sent),
  };
}

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { buildCatalog } from '../../src/catalog/build.ts';
import type { Catalog, Table } from '../../src/catalog/catalog.ts';
import { must } from '../../src/common/errors.ts';
import { createWork } from '../../src/common/work.ts';
import { createFold } from '../../src/ingest/apply.ts';
import type { Fold } from '../../src/ingest/apply.ts';
import { createBatchDecoder } from '../../src/ingest/batch-decoder.ts';
import type { BatchDecoder } from '../../src/ingest/batch-decoder.ts';
import { createSinks } from '../../src/sink/create-sinks.ts';
import type { Sinks } from '../../src/sink/sink.ts';
import { createLogTopicWriter } from '../../src/source/log-topic-writer.ts';
import { createLogSource } from '../../src/source/log.ts';
import type { Source } from '../../src/source/source.ts';
import type { TopicWriter } from '../../src/source/topic-writer.ts';
import { openStore } from '../../src/store/lmdb.ts';
import type { Snapshot, Store } from '../../src/store/store.ts';
import { followTopic } from './follow-topic.ts';
import { makeDirectory } from './open-test-store.ts';

/** The store, the fold and the sinks of a schema over an embedded log, which can be ended in order or killed at a chosen point. */
export interface SinkWorld {
  readonly catalog: Catalog;
  readonly log: string;
  readonly messages: string[];
  readonly store: Store;
  table(name: string): Table;
  /** One commit. A value that is absent is a tombstone. */
  commit(topic: string, records: readonly { key: string; value?: unknown; timestamp?: number }[]): void;
  /** Once every sink has sent what there is. */
  settled(): Promise<void>;
  /** Closes in order, or as kill -9 would: nothing more is sent or stored. */
  stop(how?: 'in order' | 'killed'): Promise<void>;
  start(options?: { rebuild?: readonly string[]; bootId?: string; fill?: boolean }): void;
  /** Every table has caught up. */
  fill(): void;
  /** Key to value text of what the topic folds to, as somebody else would read it. */
  fold(topic: string): Promise<ReadonlyMap<string, string>>;
  look<T>(read: (snapshot: Snapshot) => T): T;
}

export interface SinkWorldOptions {
  readonly schema: string;
  /** Wraps the writer of each topic: to let it fail or hang. */
  readonly wrap?: (writer: TopicWriter, topic: string) => TopicWriter;
  readonly start?: { fill?: boolean };
  readonly maxBatchRecords?: number;
}

export function createSinkWorld({
  schema,
  wrap = (writer) => writer,
  start,
  maxBatchRecords,
}: SinkWorldOptions): SinkWorld {
  const catalog = buildCatalog([{ file: 'schema.graphql', text: schema }]);
  const directory = makeDirectory();
  const log = join(directory, 'log');
  mkdirSync(log);
  const messages: string[] = [];
  const say = (message: string, facts?: Readonly<Record<string, unknown>>): void =>
    void messages.push(facts === undefined ? message : `${message} ${JSON.stringify(facts)}`);
  const sources = new Set<Source>();
  let offset = 0;
  let core: Core | undefined;
  const running = () => must(core, 'the world is stopped');

  const world: SinkWorld = {
    catalog,
    log,
    messages,
    get store() {
      return running().store;
    },
    table: (name) => must(catalog.tablesByName.get(name), `no table ${name}`),
    commit(topic, records) {
      const { store, fold, decode, sinks } = running();
      const result = store.write((tx) => {
        const batch = records.map(({ key, value, timestamp = 0 }) => ({
          topic,
          partition: 0,
          offset: (offset += 1),
          timestampMs: timestamp,
          key: Buffer.from(key),
          value: value === undefined ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
          headers: new Map<string, Uint8Array>(),
        }));
        fold.apply(tx, decode({ topic, partition: 0, records: batch, next: offset + 1, end: offset + 1 }));
        fold.finish(tx);
        fold.settle(tx);
      });
      sinks.committed(result);
    },
    fill() {
      const { store, sinks } = running();
      const result = store.write((tx) => {
        for (const table of catalog.tables) {
          if (tx.state(table).phase === 'filling') tx.setState(table, { phase: 'live' });
        }
      });
      sinks.committed(result);
    },
    async settled() {
      const tables = catalog.tables.filter(({ sink }) => sink !== undefined);
      // What was stored before may not hold: a sink that has not opened its topic in this life does not know.
      await Promise.all(running().opened.values());
      await new Promise((resolve) => setImmediate(resolve));
      while (!world.look((snapshot) => tables.every((table) => snapshot.sinkLag(table) === 0))) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async stop(how = 'in order') {
      const { store, sinks, alive } = running();
      core = undefined;
      if (how === 'in order') await sinks.close();
      alive.is = false;
      await Promise.all([...sources].map((source) => source.close()));
      sources.clear();
      await store.close();
    },
    start({ rebuild, bootId = 'boot', fill = true } = {}) {
      const store = openStore({
        directory: join(directory, 'data'),
        catalog,
        writable: true,
        work: createWork(),
        now: () => 0,
        rebuild,
        bootId,
      });
      const fold = createFold({
        catalog,
        work: store.work,
        events: { halted: () => {}, skipped: (_table, letter) => say(letter.reason) },
      });
      fold.build(store);
      const alive = { is: true };
      const opened = new Map<string, Promise<void>>();
      const sinks = createSinks({
        catalog,
        store: outliving(store, alive),
        createWriter(topic) {
          const writer = mortal(createLogTopicWriter(log, topic), alive);
          let open = () => {};
          opened.set(topic, new Promise((resolve) => (open = resolve)));
          return wrap({ ...writer, open: (resume) => writer.open(resume).finally(() => setImmediate(open)) }, topic);
        },
        createSource() {
          const source = createLogSource({ directory: log });
          sources.add(source);
          return source;
        },
        maxBatchRecords,
        log: { info: say, warn: say, error: say },
      });
      core = { store, fold, decode: createBatchDecoder(catalog, store.storedColumns), sinks, alive, opened };
      sinks.start();
      if (fill) world.fill();
    },
    async fold(topic) {
      const followed = followTopic(createLogSource({ directory: log }), topic);
      await followed.caughtUp;
      await followed.close();
      return followed.rows;
    },
    look(read) {
      const snapshot = running().store.snapshot();
      try {
        return read(snapshot);
      } finally {
        snapshot.release();
      }
    },
  };
  onTestFinished(async () => {
    if (core !== undefined) await world.stop('killed');
    rmSync(directory, { recursive: true, force: true });
  });
  world.start(start);
  return world;
}

const never = new Promise<never>(() => {});

interface Core {
  readonly store: Store;
  readonly fold: Fold;
  readonly decode: BatchDecoder;
  readonly sinks: Sinks;
  readonly alive: { is: boolean };
  /** Resolves when the sink has opened its topic, by topic. */
  readonly opened: ReadonlyMap<string, Promise<void>>;
}

/** A killed process writes nothing more. */
function mortal(writer: TopicWriter, alive: { readonly is: boolean }): TopicWriter {
  return {
    ...writer,
    open: (resume) => (alive.is ? writer.open(resume) : never),
    send: (records) => (alive.is ? writer.send(records) : never),
  };
}

/** Nor does it look at its store, which is closed. */
function outliving(store: Store, alive: { readonly is: boolean }): Store {
  const dead = (): never => {
    throw new Error('the process was killed');
  };
  return {
    ...store,
    putSinkState: (table, state) => (alive.is ? store.putSinkState(table, state) : dead()),
    snapshot: () => (alive.is ? store.snapshot() : dead()),
  };
}

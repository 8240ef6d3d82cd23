import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCatalog } from './catalog/build.ts';
import type { Catalog } from './catalog/catalog.ts';
import { SetupError } from './common/errors.ts';
import { createWork } from './common/work.ts';
import type { Work } from './common/work.ts';
import { defaultLiveLimits, defaultQueryLimits } from './config/limits.ts';
import { createFold } from './ingest/apply.ts';
import type { Fold } from './ingest/apply.ts';
import { createBatchDecoder } from './ingest/batch-decoder.ts';
import type { BatchDecoder } from './ingest/batch-decoder.ts';
import { errorFrame, frameText } from './live/frame.ts';
import { createHub } from './live/hub.ts';
import type { FrameSink, Hub, LiveLimits, Subscription } from './live/live.ts';
import { nobody } from './model/caller.ts';
import type { Caller } from './model/caller.ts';
import { decodePosition } from './model/position.ts';
import { createQueryEngine } from './query/engine.ts';
import type { Facts } from './query/facts.ts';
import type { Prepared, Progress, QueryEngine, QueryLimits } from './query/query.ts';
import type { SourceRecord } from './source/source.ts';
import { openStore } from './store/lmdb.ts';
import type { Store, WriteTransaction } from './store/store.ts';

/**
 * A gateway in the test's own process: no ports, no threads, no broker, no clock but the one it is given. The same fold,
 * store, query engine and hub as the real one. Time passes by `tick` alone. What `TopologyTestDriver` is to Kafka Streams.
 *
 * ```ts
 * const gateway = await createTestGateway({ schema: 'type Song @table(topic: "songs") { id: ID! title: String! }' });
 * await gateway.produce([{ topic: 'songs', key: 's1', value: { title: 'Blue' } }]);
 * const { data } = await gateway.query('{ song(id: "s1") { title } }');
 * await gateway.close();
 * ```
 */
export interface TestGatewayOptions {
  /** SDL text, not where it is. */
  readonly schema: string;
  /** Kept after `close` when given; a temporary directory otherwise. */
  readonly dataDir?: string | undefined;
  /** ms; default: a clock that stands at 0 until the test moves it. */
  readonly now?: (() => number) | undefined;
  readonly limits?: Partial<QueryLimits & LiveLimits> | undefined;
  /** The roles of operators, who see in `_meta` what others ask. Default: nobody is one. */
  readonly consoleRoles?: readonly string[] | undefined;
  /** Tables to read from their topics' start. */
  readonly rebuild?: readonly string[] | undefined;
}

export interface TestRecord {
  readonly topic: string;
  /** Default 0. */
  readonly partition?: number | undefined;
  /** A string or bytes go as they are, anything else as JSON; absent: no key. */
  readonly key?: unknown;
  /** JSON, or bytes as they are; null: a tombstone; absent: no value. */
  readonly value?: unknown;
  /** ms; default 0. Event times more than a day ahead of it do not advance time: give it where `grace` or `retention` is tested. */
  readonly timestamp?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface TestResult {
  readonly data?: unknown;
  readonly errors?: readonly { message: string; path?: readonly (string | number)[]; extensions: { code: string } }[];
  readonly extensions?: { readonly position: string };
  /** The response as it would go over the wire, every digit in place. */
  readonly text: string;
}

export interface TestSubscription {
  /** The frames that arrived since the last call. */
  frames(): readonly TestResult[];
  readonly completed: boolean;
  /** The position up to which the last frame is still exact. */
  position(): string | undefined;
  /** From now on the client takes no frame, as a slow one would, until `read`. */
  stall(): void;
  read(): Promise<void>;
  stop(): void;
}

export interface TestGateway {
  readonly catalog: Catalog;
  readonly engine: QueryEngine;
  readonly hub: Hub;
  readonly store: Store;
  readonly work: Work;
  /** Applies exactly these records, in this order, as one commit. Offsets count up per partition. */
  produce(records: readonly TestRecord[] | TestRecord): Promise<readonly TestOffset[]>;
  /**
   * Lets tables with `clock: WALL` see the clock (the option `now`), as a running gateway does about once a second: one commit, where
   * something is to be removed or closed by then, else none. It counts as having read all that was ever sent. Move the clock first.
   */
  tick(): Promise<void>;
  /** As a caller without an identity, who may read what is public; as another with `as`. */
  query(document: string, variables?: Record<string, unknown>): Promise<TestResult>;
  subscribe(document: string, variables?: Record<string, unknown>): Promise<TestSubscription>;
  /** The same as an identified caller: `gateway.as({ claims: { sub: 'u1' }, roles: ['admin'] }).query(…)`. */
  as(caller: TestCaller): Pick<TestGateway, 'query' | 'subscribe'>;
  /** Resolves when every subscription that reads has been told of the newest commit. */
  settled(): Promise<void>;
  /** Closes and opens again on the same data. Subscriptions end. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** What the rules of the schema (`@auth`) go by. */
export interface TestCaller {
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  readonly roles?: readonly string[] | undefined;
}

export interface TestOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

const idle: Progress = { connected: true, ends: new Map(), missingTopics: new Set(), records: new Map() };

/** Throws SetupError with every mistake of the schema. */
export async function createTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  refusePath(options.schema);
  const directory = options.dataDir ?? mkdtempSync(join(tmpdir(), 'headgate-test-'));
  const catalog = buildCatalog([{ file: 'schema.graphql', text: options.schema }]);
  const limits = { ...defaultQueryLimits, ...defaultLiveLimits, ...options.limits };
  const now = options.now ?? (() => 0);
  const work = createWork();
  const { consoleRoles = [] } = options;
  const facts: Facts = {
    now,
    startedAtMs: now(),
    source: 'log',
    schemaMistakes: () => [],
    isOperator: ({ roles }) => consoleRoles.some((role) => roles.has(role)),
    storeBytes: () => core.store.size(),
    openQueryCount: () => core.hub.counts().shapes,
    openQueries: (limit) => core.hub.busiest(limit),
  };
  const engine = createQueryEngine({ catalog, work, limits, facts });
  const subscriptions = new Set<OpenSubscription>();
  let rebuild = options.rebuild ?? [];
  let core = open();

  function open(): { store: Store; hub: Hub; fold: Fold; decode: BatchDecoder } {
    const store = openStore({ directory, catalog, writable: true, work, now, rebuild });
    rebuild = [];
    const fold = createFold({ catalog, work, events: { halted: () => {}, skipped: () => {} } });
    fold.build(store);
    store.write((tx) => {
      for (const table of catalog.tables) {
        // Nothing is behind a test's topics: a table is filled as soon as it exists.
        if (tx.state(table).phase === 'filling') tx.setState(table, { phase: 'live' });
      }
    });
    // What time does is up to the test: `_meta` is told of at once.
    const hub = createHub({
      store,
      engine,
      tables: catalog.tables,
      progress: () => idle,
      limits,
      now,
      metaRestMs: 0,
    });
    const decode = createBatchDecoder(catalog, store.storedColumns);
    return { store, hub, fold, decode };
  }

  function nextOffset(tx: WriteTransaction, topic: string, partition: number): number {
    const stored = core.fold.tablesOf(topic).map((table) => tx.offsets(table).get(topic)?.get(partition) ?? 0);
    return Math.max(0, ...stored);
  }

  async function settled(): Promise<void> {
    for (;;) {
      const snapshot = core.store.snapshot();
      const { version } = snapshot;
      snapshot.release();
      if ([...subscriptions].every((subscription) => subscription.told(version))) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  function prepare(
    caller: Caller,
    query: string,
    variables: Record<string, unknown> | undefined,
  ): Prepared | TestResult {
    const prepared = engine.prepare({ query, variables }, caller);
    if (!('length' in prepared)) return prepared;
    return toResult(errorFrame(...prepared));
  }

  function operationsOf(caller: Caller): Pick<TestGateway, 'query' | 'subscribe'> {
    return {
      async query(document, variables) {
        const prepared = prepare(caller, document, variables);
        if (!('kind' in prepared)) return prepared;
        const late = await core.hub.arrived(prepared);
        if (late !== undefined) return toResult(errorFrame(late));
        const snapshot = core.store.snapshot();
        try {
          const { data, errors, position } = engine.execute(prepared, { snapshot, reader: snapshot, progress: idle });
          return toResult(frameText(data, errors, position));
        } finally {
          snapshot.release();
        }
      },
      async subscribe(document, variables) {
        const prepared = prepare(caller, document, variables);
        const subscription = new OpenSubscription((closed) => subscriptions.delete(closed));
        if (!('kind' in prepared)) {
          subscription.send(prepared.text, () => {});
          subscription.complete();
          return subscription;
        }
        subscriptions.add(subscription);
        subscription.attach(core.hub.subscribe(prepared, subscription), prepared.atLeast !== undefined);
        await settled();
        return subscription;
      },
    };
  }

  return {
    catalog,
    engine,
    work,
    get hub() {
      return core.hub;
    },
    get store() {
      return core.store;
    },
    async produce(records) {
      const list: readonly TestRecord[] = 'topic' in records ? [records] : records;
      const offsets: TestOffset[] = [];
      const nexts = new Map<string, number>();
      core.store.write((tx) => {
        for (const run of runsOf(list)) {
          const { topic, partition } = run;
          const id = `${topic}/${partition}`;
          const first = nexts.get(id) ?? nextOffset(tx, topic, partition);
          const records = run.records.map((record, i) => toSourceRecord(record, first + i));
          const next = first + records.length;
          nexts.set(id, next);
          for (const { offset } of records) offsets.push({ topic, partition, offset });
          core.fold.apply(tx, core.decode({ topic, partition, records, next, end: next }));
        }
        core.fold.finish(tx);
        core.fold.settle(tx);
      });
      core.hub.wake();
      await settled();
      return offsets;
    },
    async tick() {
      const nowMs = now();
      core.store.write((tx) => {
        core.fold.tick(tx, { nowMs, readToMs: () => nowMs });
        core.fold.finish(tx);
      });
      core.hub.wake();
      await settled();
    },
    ...operationsOf(nobody),
    as: ({ claims = {}, roles = [] }) => operationsOf({ identified: true, claims, roles: new Set(roles), id: 'test' }),
    settled,
    async restart() {
      for (const subscription of subscriptions) subscription.stop();
      core.hub.close();
      await core.store.close();
      core = open();
    },
    async close() {
      for (const subscription of subscriptions) subscription.stop();
      core.hub.close();
      await core.store.close();
      if (options.dataDir === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What `createGateway` takes, and so what is easily passed here too. */
function refusePath(schema: string): void {
  if (!/^[^\n{]*[./\\*][^\n{]*$/.test(schema.trim())) return;
  throw new SetupError([
    {
      message: `createTestGateway takes the schema as SDL text, and "${schema}" looks like a path. Pass what is in the file: readFileSync(path, 'utf8').`,
    },
  ]);
}

/** A client that keeps the frames it is sent; its socket is always ready unless it is stalled. */
class OpenSubscription implements TestSubscription, FrameSink {
  #frames: TestResult[] = [];
  #subscription: Subscription | undefined;
  #stalled = false;
  /** The first frame follows only when the position asked for is reached. */
  #waits = false;
  #taken: (() => void)[] = [];
  readonly #onStop: (subscription: OpenSubscription) => void;
  completed = false;

  constructor(onStop: (subscription: OpenSubscription) => void) {
    this.#onStop = onStop;
  }

  attach(subscription: Subscription, waits: boolean): void {
    this.#subscription = subscription;
    this.#waits = waits;
  }

  send(payload: string, done: () => void): void {
    this.#frames.push(toResult(payload));
    if (this.#stalled) this.#taken.push(done);
    else setImmediate(done);
  }

  complete(): void {
    this.completed = true;
  }

  frames(): readonly TestResult[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  position(): string | undefined {
    return this.#subscription?.position();
  }

  /** Whether nothing up to this version is still to be sent. */
  told(version: number): boolean {
    if (this.completed || this.#stalled) return true;
    const position = this.position();
    if (position === undefined) return this.#waits;
    return decodePosition(position).version >= version;
  }

  stall(): void {
    this.#stalled = true;
  }

  async read(): Promise<void> {
    this.#stalled = false;
    for (const done of this.#taken.splice(0)) done();
    await new Promise((resolve) => setImmediate(resolve));
  }

  stop(): void {
    this.#subscription?.stop();
    this.completed = true;
    this.#onStop(this);
  }
}

interface Run {
  readonly topic: string;
  readonly partition: number;
  readonly records: TestRecord[];
}

/** Records of one partition that follow each other: what a source would give in one batch. */
function runsOf(records: readonly TestRecord[]): readonly Run[] {
  const runs: Run[] = [];
  for (const record of records) {
    const { topic, partition = 0 } = record;
    const last = runs.at(-1);
    if (last?.topic === topic && last.partition === partition) last.records.push(record);
    else runs.push({ topic, partition, records: [record] });
  }
  return runs;
}

function toSourceRecord(record: TestRecord, offset: number): SourceRecord {
  return {
    topic: record.topic,
    partition: record.partition ?? 0,
    offset,
    timestampMs: record.timestamp ?? 0,
    key: toBytes(record.key, (key) => (typeof key === 'string' ? key : JSON.stringify(key))) ?? null,
    value: toBytes(record.value, JSON.stringify),
    headers: new Map(Object.entries(record.headers ?? {}).map(([name, text]) => [name, Buffer.from(text)])),
  };
}

function toBytes(given: unknown, print: (given: unknown) => string): Uint8Array | null | undefined {
  if (given === undefined || given === null) return given;
  return given instanceof Uint8Array ? given : Buffer.from(print(given));
}

function toResult(text: string): TestResult {
  return { ...(JSON.parse(text) as Omit<TestResult, 'text'>), text };
}

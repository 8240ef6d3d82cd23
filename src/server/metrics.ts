import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Aggregator } from 'prom-client';
import type { Catalog } from '../catalog/catalog.ts';
import { createWork } from '../common/work.ts';
import type { Work } from '../common/work.ts';
import type { Hub } from '../live/live.ts';
import { lagOf } from '../query/lag.ts';
import type { Progress } from '../query/query.ts';
import { badRecords, servingState } from '../query/serving.ts';
import { isInternal } from '../query/visible.ts';
import type { Snapshot, Store } from '../store/store.ts';
import type { Refusals } from './refusals.ts';

export interface MetricsOptions {
  readonly catalog: Catalog;
  readonly store: Store;
  readonly hub: Hub;
  readonly progress: () => Progress;
  readonly sockets: () => number;
  readonly eventStreams: () => number;
  readonly sessions: () => number;
  readonly requests: () => number;
  readonly refusals: Refusals;
  /** Of the writing wing, where it is in this process. */
  readonly writerWork?: Readonly<Work> | undefined;
}

/** What one of several processes says of itself, as JSON text; `mergeMetrics` makes them one. */
export async function metricsText(registry: Registry): Promise<string> {
  return JSON.stringify(await registry.getMetricsAsJSON());
}

/**
 * Everything is read when it is scraped; nothing is measured in between. What is of the store is said by each process that serves it, and
 * counts once.
 */
export function createMetrics(options: MetricsOptions): Registry {
  const { catalog, store, hub, progress } = options;
  const tables = catalog.tables.filter((table) => !isInternal(table));
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  addWork(registry, (name) => store.work[name] + (options.writerWork?.[name] ?? 0));
  new Counter({
    name: 'headgate_records_read_total',
    help: 'Records read from topics since the start.',
    labelNames: ['topic', 'partition'],
    registers,
    aggregator: 'first',
    collect() {
      this.reset();
      for (const [topic, partitions] of progress().records) {
        for (const [partition, count] of partitions) this.inc({ topic, partition: String(partition) }, count);
      }
    },
  });

  const gauge = (name: string, help: string, read: () => number, aggregator: Aggregator = 'sum') =>
    new Gauge({
      name: `headgate_${name}`,
      help,
      registers,
      aggregator,
      collect() {
        this.set(read());
      },
    });
  gauge('shapes', 'Distinct live queries and change streams.', () => hub.counts().shapes);
  gauge('subscribers', 'Open subscriptions.', () => hub.counts().subscribers);
  gauge('change_streams', 'Open change streams.', () => hub.counts().changeStreams);
  gauge('waiting_operations', 'Operations that wait for a position.', () => hub.counts().waiting);
  gauge('sockets', 'Open WebSockets.', options.sockets);
  gauge('event_streams', 'Open SSE responses.', options.eventStreams);
  gauge('requests', 'HTTP requests that have not been answered to the end.', options.requests);
  gauge('sessions', 'WebSockets and SSE responses open under a caller.', options.sessions);
  new Counter({
    name: 'headgate_refused_total',
    help: 'Connections, requests, messages and operations refused, by the setting whose limit was reached.',
    labelNames: ['limit'],
    registers,
    collect() {
      this.reset();
      for (const [limit, count] of options.refusals.counts) this.inc({ limit }, count);
    },
  });
  gauge('store_bytes', 'Size of the LMDB file.', () => store.size(), 'first');
  const connected = () => (progress().connected ? 1 : 0);
  gauge('source_connected', '1 while the broker (or the log) can be read.', connected, 'first');

  const perTable = <L extends string>(
    name: string,
    help: string,
    labels: readonly L[],
    read: (snapshot: Snapshot, set: (labels: Record<L, string>, value: number) => void) => void,
  ) =>
    new Gauge<L>({
      name: `headgate_${name}`,
      help,
      labelNames: labels,
      registers,
      aggregator: 'first',
      collect() {
        this.reset();
        const snapshot = store.snapshot();
        try {
          read(snapshot, (values, value) => this.set(values, value));
        } finally {
          snapshot.release();
        }
      },
    });
  perTable('table_rows', 'Rows.', ['table'], (snapshot, set) => {
    for (const table of tables) set({ table: table.name }, snapshot.count(table));
  });
  perTable('lag_records', 'Records not yet applied.', ['table', 'topic', 'partition'], (snapshot, set) => {
    for (const table of tables) {
      for (const { topic, partition, records } of lagOf(table, snapshot, progress())) {
        set({ table: table.name, topic, partition: String(partition) }, records);
      }
    }
  });
  const withSink = catalog.tables.filter(({ sink }) => sink !== undefined);
  perTable(
    'sink_lag_versions',
    'Versions between the newest change of the table and what the topic of its sink has acknowledged.',
    ['table', 'topic'],
    (snapshot, set) => {
      for (const table of withSink) {
        set({ table: table.name, topic: table.sink?.topic ?? '' }, snapshot.sinkLag(table));
      }
    },
  );
  perTable('bad_records', 'Records skipped, by reason.', ['table', 'code'], (snapshot, set) => {
    for (const table of tables) {
      for (const [code, count] of badRecords(catalog, table, snapshot)) set({ table: table.name, code }, count);
    }
  });
  perTable(
    'table_live',
    '1 while the table is served live, 0 while it fills, is halted or recreated.',
    ['table'],
    (snapshot, set) => {
      for (const table of tables) set({ table: table.name }, servingState(table, snapshot).phase === 'live' ? 1 : 0);
    },
  );
  return registry;
}

function addWork(registry: Registry, read: (name: keyof Work) => number): void {
  for (const name of Object.keys(createWork()) as (keyof Work)[]) {
    new Counter({
      name: `headgate_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`,
      help: `Work: ${name}.`,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read(name));
      },
    });
  }
}

/** Of the process that only writes: `processes` serve beside it. */
export function createPrimaryMetrics(processes: () => number, writerWork: Readonly<Work>): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addWork(registry, (name) => writerWork[name]);
  new Gauge({
    name: 'headgate_workers',
    help: 'Serving processes.',
    registers: [registry],
    collect() {
      this.set(processes());
    },
  });
  return registry;
}

/** One view of the process that writes and those that serve, by process id: counts are added up. */
export function mergeMetrics(primary: string, workers: ReadonlyMap<number, string>): Promise<string> {
  const all = [primary, ...workers.values()].map((text) => JSON.parse(text) as readonly SaidMetric[]);
  const merged = AggregatorRegistry.aggregate(all as object[]);
  const sockets = new Gauge({
    name: 'headgate_worker_sockets',
    help: 'Open WebSockets of each serving process.',
    labelNames: ['pid'],
    registers: [merged],
  });
  [...workers.keys()].forEach((pid, at) => {
    const said = all[at + 1]?.find(({ name }) => name === 'headgate_sockets');
    sockets.set({ pid: String(pid) }, said?.values[0]?.value ?? 0);
  });
  return merged.metrics();
}

interface SaidMetric {
  readonly name: string;
  readonly values: readonly { readonly value: number }[];
}

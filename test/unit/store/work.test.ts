import { expect, onTestFinished, test } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build.ts';
import { must } from '../../../src/common/errors.ts';
import { createWork } from '../../../src/common/work.ts';
import { createFold } from '../../../src/ingest/apply.ts';
import type { Fold } from '../../../src/ingest/apply.ts';
import { createBatchDecoder } from '../../../src/ingest/batch-decoder.ts';
import type { BatchDecoder } from '../../../src/ingest/batch-decoder.ts';
import type { SourceRecord } from '../../../src/source/source.ts';
import { openEnvironment } from '../../../src/store/lmdb.ts';
import { openStoreIn } from '../../../src/store/open-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { countedEnvironment } from '../../support/counted-environment.ts';
import type { StoreWork } from '../../support/counted-environment.ts';
import { makeDirectory, read } from '../../support/open-test-store.ts';

const catalog = buildCatalog([
  {
    file: 'orders.graphql',
    text: `
type Order @table(topic: "orders") @changes(retain: "PT1000S") {
  id: ID!
  customer: ID! @index
  total: Int!
}
type Visit @table(topic: "orders", mode: APPEND, retention: "PT1000S") @changes(retain: "PT1000S") {
  id: ID! @from(meta: COORDINATES)
  customer: ID!
}
type Total @aggregation(source: "Order") @changes(retain: "PT1000S") { customer: ID! total: BigInt! @aggregate(fn: SUM, arg: "total") }
type Large @view(source: "Order", where: { total: { gt: 5 } }) @changes(retain: "PT1000S") { id: ID! total: Int! }
`,
  },
]);

const visit = must(
  catalog.tables.find(({ name }) => name === 'Visit'),
  'Visit',
);

interface World {
  readonly store: Store;
  readonly fold: Fold;
  readonly decode: BatchDecoder;
}

function openCounted(directory: string, work: StoreWork, { writable }: { writable: boolean }): World {
  const options = { directory, catalog, writable, work: createWork(), now: () => clock };
  const store = openStoreIn(options, countedEnvironment(openEnvironment, work));
  onTestFinished(() => store.close());
  clock = 0;
  const fold = createFold({
    catalog,
    work: store.work,
    events: { halted: () => {}, skipped: () => {} },
  });
  return { store, fold, decode: createBatchDecoder(catalog, store.storedColumns) };
}

let clock = 0;

/** Commits of 100 records, one a second by the clock; every tenth record is bad. */
function ingest({ store, fold, decode }: World, records: number): void {
  for (let at = 0; at < records; at += 100) {
    clock += 1_000;
    const batch = Array.from({ length: 100 }, (_, i) => recordOf(at + i));
    store.write((tx) => {
      fold.apply(tx, decode({ topic: 'orders', partition: 0, records: batch, next: at + 100, end: at + 100 }));
      fold.finish(tx);
      for (const table of catalog.tables) tx.setState(table, { phase: 'live' });
    });
  }
}

function recordOf(offset: number): SourceRecord {
  const total = offset % 10 === 9 ? '"none"' : String(offset % 100);
  return {
    topic: 'orders',
    partition: 0,
    offset,
    timestampMs: clock,
    key: Buffer.from(`order-${offset}`),
    value: Buffer.from(`{"customer":"c${offset % 7}","total":${total}}`),
    headers: new Map(),
  };
}

test('what is read when a store opens does not depend on how many rows, changes and bad records it has', async () => {
  const readBy = async (records: number): Promise<{ writer: number; reader: number; rows: number }> => {
    const directory = makeDirectory();
    const first = openCounted(directory, { read: 0, written: 0 }, { writable: true });
    first.fold.build(first.store);
    ingest(first, records);
    await first.store.close();
    const writer = { read: 0, written: 0 };
    const { store, fold } = openCounted(directory, writer, { writable: true });
    fold.build(store);
    const reader = { read: 0, written: 0 };
    const { store: served } = openCounted(directory, reader, { writable: false });
    const rows = read(served, (snapshot) => catalog.tables.reduce((sum, table) => sum + snapshot.count(table), 0));
    await served.close();
    await store.close();
    expect(writer.written).toBe(0);
    return { writer: writer.read, reader: reader.read, rows };
  };
  const few = await readBy(100);
  const many = await readBy(2_000);
  expect(many.rows).toBeGreaterThan(few.rows * 15);
  expect({ ...many, rows: 0 }).toEqual({ ...few, rows: 0 });
});

/** What a store of so many commits does, the first three of which expire by it. */
async function workOf(commits: number, expire: (world: World) => void): Promise<StoreWork & { readonly left: number }> {
  const work = { read: 0, written: 0 };
  const world = openCounted(makeDirectory(), work, { writable: true });
  ingest(world, commits * 100);
  const before = { ...work };
  expire(world);
  const done = { read: work.read - before.read, written: work.written - before.written };
  const left = read(world.store, (snapshot) => {
    const feeds = catalog.tables.map((table) => [...snapshot.feed(table, snapshot.feedHorizon(table))].length);
    return feeds.reduce((sum, length) => sum + length, snapshot.count(visit));
  });
  await world.store.close();
  return { ...done, left };
}

test('trimming the feed costs what has expired, however much has not', async () => {
  const trim = ({ store }: World): void => store.trim(1_000_000 + 3_500);
  const [short, long] = [await workOf(10, trim), await workOf(30, trim)];
  expect(long.left).toBeGreaterThan(short.left * 2);
  expect({ ...long, left: 0 }).toEqual({ ...short, left: 0 });
  // 3 commits of four tables: headers, and fewer than 400 changes altogether.
  expect(short.written).toBeGreaterThan(300);
  expect(short.written).toBeLessThan(1_300);
  const nothing = await workOf(30, ({ store }) => store.trim(1_000_000));
  expect(nothing.written).toBe(0);
  expect(nothing.read).toBeLessThanOrEqual(2 * (catalog.tables.length + 1));
});

test('retention costs what has expired, however much has not', async () => {
  const age = ({ store, fold, decode }: World): void => {
    clock = 1_000_000 + 3_500;
    const records = [recordOf(1_000_000)];
    store.write((tx) => {
      fold.apply(tx, decode({ topic: 'orders', partition: 0, records, next: 1_000_001, end: 1_000_001 }));
      fold.finish(tx);
    });
  };
  const [short, long] = [await workOf(10, age), await workOf(30, age)];
  expect(long.left).toBeGreaterThan(short.left * 2);
  expect({ ...long, left: 0 }).toEqual({ ...short, left: 0 });
  // Each row: itself, its entry in the index of times, its change.
  expect(short.written).toBeGreaterThan(3 * 300);
  expect(short.written).toBeLessThan(3 * 300 + 30);
});

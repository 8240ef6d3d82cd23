import { isTopicTable } from '../catalog/catalog.ts';
import type { Catalog, DerivedTable, Index, Table, TopicTable } from '../catalog/catalog.ts';
import { aggregationOf, builtAnewWith, followsFromRows, recordBase } from '../catalog/dependants.ts';
import { must, SetupError } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import type { Database, Environment } from './environment.ts';
import { putEntry } from './index-entries.ts';
import { encodeIndexEntry } from './keys.ts';
import { databaseNames, isOfTable, metaKeys, noBytes, tableKey, timeKey, under } from './layout.ts';
import type { StoreOptions } from './store.ts';
import { describeTable, emptyCatalog, isOfTopic, misfits, refit, storedIndex } from './stored-catalog.ts';
import type { StoredCatalog, StoredTable } from './stored-catalog.ts';
import { newTableRecord, packJson } from './table-record.ts';
import { imageOf, openTables, readHead, readJson, readRecord, writeHead } from './tables.ts';
import type { SharedDatabases, TableHandle } from './tables.ts';

/** Of one table of the schema: what it is stored as from now on, and what must be done for that. */
interface TablePlan {
  readonly table: Table;
  readonly stored: StoredTable;
  /** start: empty and not yet filled, new or to be rebuilt. keep: the stored rows, whose indexes may have to be built. */
  readonly kind: 'start' | 'keep';
  readonly newIndexes: readonly Index[];
  readonly newTime: boolean;
}

export function readStoredCatalog(shared: SharedDatabases): StoredCatalog {
  return readJson<StoredCatalog>(shared.meta.get(metaKeys.catalog)) ?? emptyCatalog;
}

/**
 * Makes what is stored fit the schema: new tables, new and dropped indexes, tables to be rebuilt. Changes nothing and throws
 * SetupError where a stored table no longer fits and is not to be rebuilt. Returns the tables, opened.
 */
export function prepareTables(
  env: Environment,
  shared: SharedDatabases,
  { catalog, rebuild = [], now, onBuild }: StoreOptions,
): ReadonlyMap<string, TableHandle> {
  const before = readStoredCatalog(shared);
  const plans = planTables(before, catalog, rebuild);
  const planned = new Map(plans.map((plan) => [plan.stored.name, plan.stored]));
  const lost = before.tables.filter(({ name }) => !planned.has(name));
  const kept = lost.map((stored) => (isOfTopic(stored) ? stored : { ...stored, away: true as const }));
  const after: StoredCatalog = {
    nextTable: Math.max(before.nextTable, ...plans.map(({ stored }) => stored.id + 1)),
    tables: [...kept, ...planned.values()],
  };
  // Outside the transaction: a database that is opened in one is lost with it. Those of a start that failed are cleared below.
  const tables = openTables(env, catalog, after);
  if (JSON.stringify(before) !== JSON.stringify(after)) {
    const nowMs = now();
    env.write(() => {
      for (const plan of plans) {
        if (plan.newIndexes.length > 0) {
          const { rows } = readRecord(shared.meta.get(metaKeys.state(plan.stored.id)), plan.table);
          onBuild?.(plan.table, plan.newIndexes, rows);
        }
        applyPlan(shared, must(tables.get(plan.table.name), 'a planned table'), plan);
      }
      if (plans.some(({ kind, table }) => kind === 'start' && before.tables.some(({ name }) => name === table.name))) {
        const head = readHead(shared.meta.get(metaKeys.head));
        writeHead(shared, head, { version: head.version + 1, ticks: head.ticks + 1 }, nowMs);
      }
      shared.meta.put(metaKeys.catalog, packJson(after));
      return true;
    });
  }
  dropForgotten(env, after);
  return tables;
}

/** For readers: the writer has prepared the directory for the same schema. Throws SetupError where it was for another. */
export function openPrepared(
  env: Environment,
  shared: SharedDatabases,
  catalog: Catalog,
): ReadonlyMap<string, TableHandle> {
  const stored = readStoredCatalog(shared);
  const ahead = planTables(stored, catalog, []).flatMap(describeAhead);
  if (ahead.length > 0) {
    const message = `The schema is ahead of the store: ${ahead.join('; ')}. A new start of the gateway takes it up.`;
    throw new SetupError([{ message }]);
  }
  return openTables(env, catalog, stored);
}

function describeAhead({ table, kind, newIndexes, newTime }: TablePlan): readonly string[] {
  if (kind === 'start') return [`table ${table.name} is new`];
  const indexes = newIndexes.map(({ name }) => `index ${table.name} (${name}) is new`);
  return newTime ? [...indexes, `${table.name} is newly ordered by time`] : indexes;
}

function planTables(before: StoredCatalog, catalog: Catalog, rebuild: readonly string[]): TablePlan[] {
  const mistakes: Mistake[] = rebuild
    .filter((name) => !catalog.tablesByName.has(name))
    .map((name) => ({ message: `--rebuild ${name}: the schema has no table of this name` }));
  const storedByName = new Map(before.tables.map((table) => [table.name, table]));
  const anew = builtAnewWith(catalog, rebuild);
  let nextTable = before.nextTable;
  const plans: TablePlan[] = [];
  for (const table of catalog.tables) {
    const stored = storedByName.get(table.name);
    if (stored === undefined || stored.away === true || anew.has(table.name)) {
      const base = isDerived(table) ? missedBy(catalog, table) : undefined;
      // Its aggregation says it.
      const said = aggregationOf(catalog, table) !== undefined;
      if (!said && base !== undefined && storedByName.has(base.name) && !anew.has(base.name)) {
        mistakes.push({ message: describeMissed(table, base), misfit: base.name });
      }
      const id = stored?.id ?? nextTable++;
      const started = describeTable(table, id, (stored?.generation ?? 0) + 1);
      plans.push({ table, stored: started, kind: 'start', newIndexes: [], newTime: false });
      continue;
    }
    const changes = misfits(table, stored);
    const named = aggregationOf(catalog, table) ?? table;
    if (changes.length > 0 && !mistakes.some(({ misfit }) => misfit === named.name)) {
      mistakes.push({ message: describeMisfit(catalog, named, changes), misfit: named.name });
    }
    const newIndexes = table.indexes.filter((index) => storedIndex(stored, index) === undefined);
    const refitted = refit(table, stored);
    plans.push({ table, stored: refitted, kind: 'keep', newIndexes, newTime: refitted.timed && !stored.timed });
  }
  if (mistakes.length > 0) throw new SetupError(mistakes);
  return plans;
}

function isDerived(table: Table): table is DerivedTable {
  return !isTopicTable(table);
}

/** The table whose records a new derived table would have missed. */
function missedBy(catalog: Catalog, table: DerivedTable): TopicTable | undefined {
  if (followsFromRows(catalog, table)) return undefined;
  return recordBase(catalog, must(catalog.tablesByName.get(table.derivation.source), 'a source'));
}

function describeMissed(table: Table, base: TopicTable): string {
  return (
    `${table.name} is new and follows from the records of ${base.name}, not from its rows alone. ` +
    `Read topic ${base.topic} again from its start with: headgate serve --rebuild ${base.name}. ` +
    'Records that the topic no longer holds are then lost.'
  );
}

function describeMisfit(catalog: Catalog, table: Table, changes: readonly string[]): string {
  const anew = builtAnewWith(catalog, [table.name]);
  const topics = catalog.topicTables.flatMap(({ name, topic }) => (anew.has(name) ? [topic] : []));
  return (
    `${table.name}: the stored table no longer fits the schema: ${changes.join('; ')}. ` +
    (isTopicTable(table)
      ? `Empty it and read ${topicsText(topics)} again from the start with`
      : topics.length === 0
        ? 'Derive it again with'
        : `It follows from records: derive it again, and read ${topicsText(topics)} again from the start, with`) +
    `: headgate serve --rebuild ${table.name}.` +
    (topics.length === 0 ? '' : ' Records that the topic no longer holds are then lost.')
  );
}

function topicsText(topics: readonly string[]): string {
  return `${topics.length === 1 ? 'topic' : 'topics'} ${topics.join(', ')}`;
}

function applyPlan(shared: SharedDatabases, handle: TableHandle, plan: TablePlan): void {
  if (plan.kind === 'start') {
    // What the table had under its earlier generation; its rows and indexes are dropped with their databases.
    const prefix = tableKey(handle.id);
    for (const database of [shared.feed, shared.offsets, shared.letters]) removeUnder(database, prefix);
    removeUnder(shared.marks, prefix);
    handle.rows.clear();
    for (const { entries } of handle.indexes.values()) entries.clear();
    handle.time?.clear();
    handle.memory?.clear();
    shared.meta.put(metaKeys.state(handle.id), packJson(newTableRecord));
    return;
  }
  const building = [...handle.indexes.values()].filter(({ index }) => plan.newIndexes.includes(index));
  const time = plan.newTime ? handle.time : undefined;
  for (const { entries } of building) entries.clear();
  time?.clear();
  if (building.length === 0 && time === undefined) return;
  const cursor = handle.images.cursor({});
  try {
    while (cursor.next()) {
      const row = imageOf(handle, cursor.key, cursor.value);
      for (const each of building) putEntry(each, encodeIndexEntry(each.index, row, row.key), row.bytes);
      time?.put(timeKey(row.timestampMs, row.key), noBytes);
    }
  } finally {
    cursor.close();
  }
}

function removeUnder(database: Database<unknown>, prefix: Uint8Array): void {
  const keys: Uint8Array[] = [];
  const cursor = database.cursor(under(prefix));
  while (cursor.next()) keys.push(cursor.key);
  for (const key of keys) database.remove(key);
}

/** Deletes the databases that the catalog does not name: dropped indexes and derived tables, earlier generations, starts that failed. */
function dropForgotten(env: Environment, stored: StoredCatalog): void {
  const named = new Set<string>();
  for (const { id, generation, indexes, timed, away } of stored.tables) {
    if (away === true) continue;
    named.add(databaseNames.rows(id, generation));
    named.add(databaseNames.memory(id, generation));
    for (const index of indexes) named.add(databaseNames.index(id, generation, index.id));
    if (timed) named.add(databaseNames.time(id, generation));
  }
  for (const name of env.names()) if (isOfTable(name) && !named.has(name)) env.drop(name);
}

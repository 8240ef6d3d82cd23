import { randomBytes } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from '../catalog/catalog.ts';
import { assert, must, reasonOf, SetupError } from '../common/errors.ts';
import { readCheckpoint, restoreCheckpoint } from './checkpoint-file.ts';
import { createCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Environment } from './environment.ts';
import { metaKeys } from './layout.ts';
import { mendLength } from './lmdb-file.ts';
import { currentBootId, lockDirectory } from './lock.ts';
import { openPrepared, prepareTables } from './prepare.ts';
import { StoreSnapshot } from './snapshot.ts';
import type { SnapshotContext } from './snapshot.ts';
import type { CommitResult, Store, StoreOptions, WriteTransaction } from './store.ts';
import { packJson } from './table-record.ts';
import { openShared, readJson } from './tables.ts';
import type { SharedDatabases, TableHandle } from './tables.ts';
import { trimFeeds } from './trim.ts';
import { CommitBuilder } from './write-transaction.ts';

/** Of the layout on disk. A change that older versions cannot read, or that cannot read theirs, takes the next number. */
const storeFormat = 2;

export type OpenEnvironment = (
  directory: string,
  settings: { readonly writable: boolean; readonly maxDatabases: number },
) => Environment;

export function openStoreIn(options: StoreOptions, openEnvironment: OpenEnvironment): Store {
  return options.writable ? openWritable(options, openEnvironment) : openReader(options, openEnvironment);
}

function openReader(options: StoreOptions, openEnvironment: OpenEnvironment): Store {
  const { catalog, directory, work } = options;
  const env = openEnvironment(directory, { writable: false, maxDatabases: maxDatabases(options) });
  const shared = openShared(env);
  const storeId = must(readStoreId(shared), 'a reader was opened before the writer');
  const context = { storeId, shared, tables: openPrepared(env, shared, catalog), work };
  const refuse = (): never => assertWritable(directory);
  return {
    ...readingPart(env, context, directory),
    write: refuse,
    putSinkState: refuse,
    trim: refuse,
    flush: () => Promise.resolve(),
    close: () => env.close(),
  };
}

function openWritable(options: StoreOptions, openEnvironment: OpenEnvironment): Store {
  const { directory, work, now } = options;
  mkdirSync(directory, { recursive: true });
  const lock = lockDirectory(directory, options.bootId ?? currentBootId());
  let env: Environment | undefined;
  let checkpoint: Checkpoint | undefined;
  try {
    if (lock.powerLost) restoreCheckpoint(directory);
    env = openFile(options, openEnvironment);
    checkpoint = createCheckpoint(env, directory);
    // Before the first write: from here on there is a commit to come back to.
    checkpoint.flushNow();
    const shared = openShared(env);
    const storeId = identify(env, shared, directory, lock.powerLost);
    const tables = prepareTables(env, shared, options);
    checkpoint.flushNow();
    const context = { storeId, shared, tables, work };
    const opened = { env, checkpoint };
    let closing: Promise<void> | undefined;

    return {
      ...readingPart(env, context, directory),
      write: (apply) => commit(opened, context, now, apply),
      putSinkState(table, state) {
        opened.checkpoint.check();
        const { id } = handleOf(tables, table);
        opened.env.write(() => {
          shared.meta.put(metaKeys.sink(id), packJson(state));
          return true;
        });
        opened.checkpoint.committed(1);
      },
      trim(nowMs) {
        opened.checkpoint.check();
        if (trimFeeds(opened.env, shared, tables.values(), nowMs)) opened.checkpoint.committed(1);
        opened.env.checkReaders();
      },
      flush: () => opened.checkpoint.flush(),
      close() {
        closing ??= opened.checkpoint
          .close()
          .finally(() => opened.env.close())
          .then(() => lock.release());
        return closing;
      },
    };
  } catch (cause) {
    // At once, since the caller may try again. What was written is flushed: the directory is as after a clean close.
    checkpoint?.closeNow();
    void env?.close();
    lock.release();
    throw cause;
  }
}

function handleOf(tables: ReadonlyMap<string, TableHandle>, table: Table): TableHandle {
  return must(tables.get(table.name), `table ${table.name} is not in the store's catalog`);
}

function readingPart(
  env: Environment,
  context: SnapshotContext,
  directory: string,
): Pick<Store, 'storeId' | 'work' | 'snapshot' | 'storedColumns' | 'size'> {
  return {
    storeId: context.storeId,
    work: context.work,
    snapshot: () => new StoreSnapshot(context, env.read()),
    storedColumns(table) {
      const { columnIds, columnCount } = handleOf(context.tables, table).layout;
      return { columnIds, columnCount };
    },
    size: () => statSync(join(directory, 'data.mdb')).size,
  };
}

function commit(
  { env, checkpoint }: { readonly env: Environment; readonly checkpoint: Checkpoint },
  { shared, tables, work }: SnapshotContext,
  now: () => number,
  apply: (tx: WriteTransaction) => void,
): CommitResult {
  checkpoint.check();
  let result: CommitResult | undefined;
  let wrote = false;
  const writes = (): number => work.rowsWritten + work.indexEntriesWritten;
  const before = writes();
  env.write(() => {
    const builder = new CommitBuilder(shared, tables, work);
    try {
      const returned: unknown = apply(builder);
      assert(!(returned instanceof Promise), 'a write transaction is synchronous');
      const finished = builder.finish(now());
      ({ wrote } = finished);
      const version = wrote ? builder.version : builder.version - 1;
      result = { version, touched: finished.touched, changes: finished.changes };
      return wrote;
    } finally {
      builder.end();
    }
  });
  if (wrote) checkpoint.committed(1 + writes() - before);
  return must(result, 'a commit without result');
}

function openFile(options: StoreOptions, openEnvironment: OpenEnvironment): Environment {
  const { directory } = options;
  const fault = mendLength(join(directory, 'data.mdb'), readCheckpoint(directory));
  if (fault !== undefined) throw cannotOpen(directory, fault);
  try {
    return openEnvironment(directory, { writable: true, maxDatabases: maxDatabases(options) });
  } catch (cause) {
    throw cannotOpen(directory, reasonOf(cause));
  }
}

function cannotOpen(directory: string, reason: string): SetupError {
  const message =
    `data.mdb in ${directory} cannot be opened: ${reason}. ` +
    'Delete the directory and start again: all tables are read again from their topics.';
  return new SetupError([{ message }]);
}

/** The store's id: made with the store, and made anew where commits may have been lost, since positions name them. */
function identify(env: Environment, shared: SharedDatabases, directory: string, powerLost: boolean): string {
  const format = readJson<number>(shared.meta.get(metaKeys.format));
  if (format !== undefined && format !== storeFormat)
    throw new SetupError([{ message: wrongFormat(directory, format) }]);
  const known = readStoreId(shared);
  if (known !== undefined && !powerLost) return known;
  const id = randomBytes(9).toString('base64url');
  env.write(() => {
    shared.meta.put(metaKeys.format, packJson(storeFormat));
    shared.meta.put(metaKeys.store, packJson(id));
    return true;
  });
  return id;
}

function readStoreId(shared: SharedDatabases): string | undefined {
  return readJson<string>(shared.meta.get(metaKeys.store));
}

function wrongFormat(directory: string, format: number): string {
  return format > storeFormat
    ? `${directory} was written by a newer Headgate (format ${format}; this one reads ${storeFormat}). ` +
        'Use that version, or give this one a directory of its own with --data.'
    : `${directory} was written by an older Headgate (format ${format}; this one reads ${storeFormat}). ` +
        'Delete the directory and start again: all tables are read again from their topics.';
}

/** Room for the tables of the schema twice, since a rebuild has two generations, and for those of earlier schemas. */
function maxDatabases({ catalog }: StoreOptions): number {
  return 256 + 2 * catalog.tables.reduce((sum, table) => sum + 3 + table.indexes.length, 0);
}

function assertWritable(directory: string): never {
  throw new Error(`bug in Headgate: ${directory} is open for reading on this thread`);
}

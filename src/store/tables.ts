import { isTopicTable } from '../catalog/catalog.ts';
import type { Catalog, Table } from '../catalog/catalog.ts';
import { must } from '../common/errors.ts';
import type { Database, Environment } from './environment.ts';
import { packFeedHeader } from './feed.ts';
import type { IndexHandle } from './index-entries.ts';
import { asBuffer, databaseNames, headerKey, metaKeys, ownId } from './layout.ts';
import { keyChecksum, StoredRow, unpackRow } from './row-codec.ts';
import type { RowLayout, RowParts } from './row-codec.ts';
import { copyRow, RowImage } from './row-image.ts';
import type { CopiedRow, RowFormat } from './row-image.ts';
import { createRowWriter } from './row-writer.ts';
import { storedIndex } from './stored-catalog.ts';
import type { StoredCatalog, StoredTable } from './stored-catalog.ts';
import { packHead, unpackHead } from './table-record.ts';
import type { Head, TableRecord } from './table-record.ts';

/** The databases that all tables share. Values that are kept are copied out of lmdb's buffer. */
export interface SharedDatabases {
  readonly meta: Database<Buffer>;
  readonly feed: Database<Buffer>;
  readonly offsets: Database<Buffer>;
  readonly letters: Database<Buffer>;
  readonly marks: Database<true>;
}

/** A table of the catalog with its databases. */
export interface TableHandle extends RowFormat {
  readonly table: Table;
  readonly id: number;
  readonly rows: Database<RowParts | 'damaged'>;
  /** The same database, as the writer reads it. */
  readonly images: Database<CopiedRow | 'damaged'>;
  readonly indexes: ReadonlyMap<string, IndexHandle>;
  /** Where the table is timed. */
  readonly time: Database<undefined> | undefined;
  /** Of derived tables. */
  readonly memory: Database<Buffer> | undefined;
}

export function openShared(env: Environment): SharedDatabases {
  return {
    meta: env.database(databaseNames.meta, copyOf),
    feed: env.database(databaseNames.feed, copyOf),
    offsets: env.database(databaseNames.offsets, copyOf),
    letters: env.database(databaseNames.letters, copyOf),
    marks: env.database(databaseNames.marks, () => true),
  };
}

export function openTable(env: Environment, table: Table, stored: StoredTable, valuesAsked: boolean): TableHandle {
  const { id, generation } = stored;
  const idsByColumn = new Map(stored.columns.map((column) => [column.name, column.id]));
  const layout: RowLayout = {
    table,
    columnIds: table.columns.map(({ name }) =>
      must(idsByColumn.get(name), `column ${table.name}.${name} is not stored`),
    ),
    columnCount: stored.nextColumn,
  };
  return {
    table,
    id,
    layout,
    writeRow: createRowWriter(layout),
    valuesAsked,
    rows: env.database(databaseNames.rows(id, generation), (bytes) => unpackRow(bytes, 0, bytes.length)),
    images: env.database(databaseNames.rows(id, generation), copyRow),
    indexes: new Map(
      table.indexes.map((index) => {
        const known = must(storedIndex(stored, index), `index ${table.name} (${index.name}) is not stored`);
        const name = databaseNames.index(id, generation, known.id);
        return [index.name, { index, entries: env.database(name, (bytes) => bytes) }];
      }),
    ),
    time: table.timed ? env.database(databaseNames.time(id, generation), () => undefined) : undefined,
    memory: isTopicTable(table) ? undefined : env.database(databaseNames.memory(id, generation), copyOf),
  };
}

export function openTables(
  env: Environment,
  catalog: Catalog,
  stored: StoredCatalog,
): ReadonlyMap<string, TableHandle> {
  const storedByName = new Map(stored.tables.map((table) => [table.name, table]));
  const valuesAsked = catalog.derivedTables.length > 0;
  return new Map(
    catalog.tables.map((table) => [
      table.name,
      openTable(env, table, must(storedByName.get(table.name), `table ${table.name} is not stored`), valuesAsked),
    ]),
  );
}

/** The row, if the bytes are what was written under this key. Throws otherwise: a wrong row is never returned. */
export function rowOf(handle: TableHandle, key: Uint8Array, parts: RowParts | 'damaged'): StoredRow {
  if (parts === 'damaged' || parts.keySum !== keyChecksum(key)) throw damaged(handle, key);
  return new StoredRow(handle.layout, key, parts);
}

/** The same for the writer. */
export function imageOf(handle: TableHandle, key: Uint8Array, bytes: CopiedRow | 'damaged'): RowImage {
  if (bytes === 'damaged' || bytes.keySum !== keyChecksum(key)) throw damaged(handle, key);
  return RowImage.ofStored(handle, key, bytes);
}

function damaged({ table }: TableHandle, key: Uint8Array): Error {
  return new Error(
    `A stored row of ${table.name} is damaged (key ${asBuffer(key).toString('hex')}): its checksum does not ` +
      `match. The disk or the file has changed it. Read the table again: headgate serve --rebuild ${table.name}`,
  );
}

export function readJson<T>(bytes: Buffer | undefined): T | undefined {
  return bytes === undefined ? undefined : (JSON.parse(bytes.toString('utf8')) as T);
}

export function readHead(bytes: Buffer | undefined): Head {
  return bytes === undefined ? { version: 0, ticks: 0, ticksHorizon: 0 } : unpackHead(bytes);
}

/** Gives a commit its version. Where it took some of Headgate's own numbers, the feed keeps how many were taken before. */
export function writeHead(
  shared: SharedDatabases,
  before: Head,
  { version, ticks }: Pick<Head, 'version' | 'ticks'>,
  committedMs: number,
): void {
  if (ticks !== before.ticks) {
    const nextBefore = new Map([[0, before.ticks]]);
    shared.feed.put(headerKey(ownId, version), packFeedHeader({ committedMs, changeBytes: 0, changes: 0, nextBefore }));
  }
  shared.meta.put(metaKeys.head, packHead({ ...before, version, ticks }));
}

export function readRecord(bytes: Buffer | undefined, table: Table): TableRecord {
  return must(readJson<TableRecord>(bytes), `table ${table.name} has no record`);
}

/** NOTE: lmdb's buffer has a `length` of its own that the engine does not know; subarray or copy would take all of it. */
function copyOf(bytes: Buffer): Buffer {
  return Buffer.from(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
}

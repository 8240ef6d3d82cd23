import { statSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../common/errors.ts';
import { metaKeys, offsetsKey } from './layout.ts';
import { openEnvironment } from './lmdb.ts';
import { unpackNext } from './offsets.ts';
import type { TableState } from './store.ts';
import { emptyCatalog } from './stored-catalog.ts';
import type { StoredCatalog } from './stored-catalog.ts';
import type { TableRecord } from './table-record.ts';
import { openShared, readHead, readJson } from './tables.ts';

/** What a store says of itself: the tables that it was last written for, whatever the schema is now. */
export interface StoredReport {
  readonly storeId: string;
  readonly version: number;
  readonly bytes: number;
  readonly tables: readonly ReportedTable[];
}

export interface ReportedTable {
  readonly name: string;
  /** Of a derived table: undefined. */
  readonly topic: string | undefined;
  /** Undefined where rows are not kept. */
  readonly rows: number | undefined;
  /** Of a derived table its own: not that of what it is built from. */
  readonly state: TableState;
  /** Next offset by partition. */
  readonly next: ReadonlyMap<number, number>;
}

/** Two databases are read, of those that all tables share. */
const maxDatabases = 16;

/** Reads beside whoever writes. Throws where the directory holds no store that this version reads. */
export async function reportStored(directory: string): Promise<StoredReport> {
  const env = openEnvironment(directory, { writable: false, maxDatabases });
  try {
    const { meta, offsets } = openShared(env);
    const transaction = env.read();
    const read = <T>(key: Uint8Array): T | undefined => readJson<T>(meta.get(key, transaction));
    const { tables } = read<StoredCatalog>(metaKeys.catalog) ?? emptyCatalog;
    const report = {
      storeId: must(read<string>(metaKeys.store), 'a store has its id'),
      version: readHead(meta.get(metaKeys.head, transaction)).version,
      bytes: statSync(join(directory, 'data.mdb')).size,
      tables: tables
        .filter(({ away }) => away !== true)
        .map(({ name, id, mapping }): ReportedTable => {
          const { state, rows } = must(read<TableRecord>(metaKeys.state(id)), `table ${name} has no record`);
          const { topic, mode } = mapping;
          const packed = topic === undefined ? undefined : offsets.get(offsetsKey(id, topic), transaction);
          const next = packed === undefined ? new Map<number, number>() : unpackNext(packed);
          return { name, topic, rows: mode === 'STREAM' ? undefined : rows, state, next };
        }),
    };
    transaction.done();
    return report;
  } finally {
    await env.close();
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { buildCatalog } from '../../src/catalog/build.ts';
import type { Catalog, Index, Table } from '../../src/catalog/catalog.ts';
import { must } from '../../src/common/errors.ts';
import { createWork, type Work } from '../../src/common/work.ts';
import { coerceInput } from '../../src/model/coerce.ts';
import { encodePosition } from '../../src/model/position.ts';
import { encodeKey } from '../../src/store/keys.ts';
import { openStore } from '../../src/store/lmdb.ts';
import type { Store, WriteTransaction } from '../../src/store/store.ts';

/** A real store over tables of one's own, without topics: commits are rows. Closed and removed when the test ends. */
export interface RowsWorld {
  readonly catalog: Catalog;
  readonly store: Store;
  readonly work: Work;
  table(name: string): Table;
  index(table: string, name: string): Index;
  key(table: string, ...values: unknown[]): Uint8Array;
  /** One commit: `{ Song: { a: { title: 'A' }, b: null } }`; null deletes. Returns its version. */
  commit(rows: Rows, also?: (tx: WriteTransaction) => void): number;
  /** The newest position over these tables. */
  position(...tables: string[]): string;
  version(): number;
}

export type Rows = Readonly<Record<string, Readonly<Record<string, Record<string, unknown> | null>>>>;

export interface RowsOptions {
  /** Tables stay in phase `filling`. */
  readonly filling?: boolean;
  readonly now?: () => number;
  /** Before the store is closed. */
  readonly closing?: () => void | Promise<void>;
}

export function createRowsWorld(schema: string, options: RowsOptions = {}): RowsWorld {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-rows-'));
  const catalog = buildCatalog([{ file: 'schema.graphql', text: schema }]);
  const work = createWork();
  const store = openStore({ directory, catalog, writable: true, work, now: options.now ?? (() => 1) });
  onTestFinished(async () => {
    await options.closing?.();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  if (options.filling !== true) {
    store.write((tx) => {
      for (const table of catalog.tables) tx.setState(table, { phase: 'live' });
    });
  }

  const table = (name: string) => must(catalog.tablesByName.get(name), `table ${name}`);
  const key = (name: string, ...values: unknown[]) => {
    const { key: columns } = table(name);
    return encodeKey(
      columns,
      columns.map((column, at) => coerceInput(column.type, values[at])),
    );
  };
  const read = <T>(use: (snapshot: ReturnType<Store['snapshot']>) => T): T => {
    const snapshot = store.snapshot();
    try {
      return use(snapshot);
    } finally {
      snapshot.release();
    }
  };
  let offset = 0;

  return {
    catalog,
    store,
    work,
    table,
    key,
    index: (name, columns) =>
      must(
        table(name).indexes.find((candidate) => candidate.name === columns),
        `index ${columns}`,
      ),
    commit(rows, also) {
      return store.write((tx) => {
        for (const [name, byKey] of Object.entries(rows)) {
          const target = table(name);
          for (const [id, fields] of Object.entries(byKey)) {
            offset += 1;
            if (fields === null) {
              tx.delete(target, key(name, id), offset);
              continue;
            }
            const values = target.columns.map((column) => {
              const value = column.name === 'id' ? id : fields[column.name];
              return value === undefined || value === null ? null : coerceInput(column.type, value);
            });
            tx.upsert(target, { key: key(name, id), values, partition: 0, offset, timestampMs: offset });
          }
          tx.setNext(target, 0, offset + 1);
        }
        also?.(tx);
      }).version;
    },
    position: (...tables) => read((snapshot) => encodePosition(snapshot.position(tables.map(table)))),
    version: () => read((snapshot) => snapshot.version),
  };
}

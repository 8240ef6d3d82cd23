import { buildCatalog } from '../../src/catalog/build.ts';
import type { Catalog, Table } from '../../src/catalog/catalog.ts';
import { must } from '../../src/common/errors.ts';
import { createWork } from '../../src/common/work.ts';
import { createIngest } from '../../src/ingest/ingest.ts';
import type { SourceProgress } from '../../src/ingest/bounds.ts';
import type { Row } from '../../src/model/row.ts';
import type { Source } from '../../src/source/source.ts';
import { openStore } from '../../src/store/lmdb.ts';
import type { Snapshot } from '../../src/store/store.ts';
import { createDecodingSource } from './decoding-source.ts';

/** The write wing in the test's own process: a real store, a real source, the ingest between them. */
export interface RunningIngest {
  readonly catalog: Catalog;
  readonly messages: readonly string[];
  progress(): SourceProgress;
  /** Resolves with what `look` returns once that is not undefined or false; asked after every commit and report. */
  until<T>(what: string, look: (snapshot: Snapshot) => T | undefined | false): Promise<T>;
  table(name: string): Table;
  close(): Promise<void>;
}

export interface IngestSetup {
  readonly schema: string;
  readonly directory: string;
  readonly source: Source;
  readonly now?: () => number;
  readonly rebuild?: readonly string[];
}

const patienceMs = 40_000;

export function runIngest({ schema, directory, source, now = Date.now, rebuild }: IngestSetup): RunningIngest {
  const catalog = buildCatalog([{ file: 'schema.graphql', text: schema }]);
  const store = openStore({ directory, catalog, writable: true, work: createWork(), now, rebuild });
  const messages: string[] = [];
  const looks = new Set<() => void>();
  const say = (message: string) => void messages.push(message);
  let progress: SourceProgress = { connected: true, ends: new Map(), missingTopics: new Set(), records: new Map() };
  const wake = () => {
    for (const look of looks) look();
  };
  const ingest = createIngest({
    catalog,
    store,
    source: createDecodingSource(source, catalog, store),
    now,
    log: { info: say, warn: say, error: say },
    maxCommitRows: 200_000,
    onCommit: wake,
    onProgress: (next) => {
      progress = next;
      wake();
    },
    onFailure: (cause) => say(`failed: ${String(cause)}`),
  });
  ingest.start();
  return {
    catalog,
    messages,
    progress: () => progress,
    table: (name) => must(catalog.tablesByName.get(name), `no table ${name}`),
    until: (what, look) =>
      new Promise((resolve, reject) => {
        const give = setTimeout(() => {
          looks.delete(check);
          reject(new Error(`waited in vain: ${what}\n${messages.join('\n')}`));
        }, patienceMs);
        const check = () => {
          const snapshot = store.snapshot();
          try {
            const found = look(snapshot);
            if (found === undefined || found === false) return;
            looks.delete(check);
            clearTimeout(give);
            resolve(found as Exclude<typeof found, undefined | false>);
          } finally {
            snapshot.release();
          }
        };
        looks.add(check);
        check();
      }),
    async close() {
      await ingest.close();
      await store.close();
    },
  };
}

/** `key=value` of every row, in key order. */
export function shownRows(snapshot: Snapshot, table: Table, column: string): string {
  const shown = must(table.columnsByName.get(column), `no column ${column}`);
  const key = must(table.key[0], 'no key');
  return [...snapshot.scan(table, {})]
    .map((row: Row) => `${String(row.value(key))}=${String(row.value(shown))}`)
    .join(' ');
}

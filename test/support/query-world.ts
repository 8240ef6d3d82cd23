import type { GraphQLError } from 'graphql';
import { buildCatalog } from '../../src/catalog/build.ts';
import type { Catalog, Table } from '../../src/catalog/catalog.ts';
import { must } from '../../src/common/errors.ts';
import { createWork } from '../../src/common/work.ts';
import type { Work } from '../../src/common/work.ts';
import { defaultQueryLimits } from '../../src/config/limits.ts';
import { coerceInput } from '../../src/model/coerce.ts';
import type { Value } from '../../src/model/value.ts';
import { createQueryEngine } from '../../src/query/engine.ts';
import { noFacts, type Facts } from '../../src/query/facts.ts';
import type {
  ChangeMessage,
  Executed,
  OperationRequest,
  Prepared,
  Progress,
  QueryEngine,
  QueryOptions,
} from '../../src/query/query.ts';
import type { OpenEnvironment } from '../../src/store/open-store.ts';
import type { Snapshot, Store } from '../../src/store/store.ts';
import { keyOf, makeRow } from './make-row.ts';
import { openTestStore, read } from './open-test-store.ts';

/** A schema over a real store whose rows the test writes itself, and the engine over both. */
export interface QueryWorld {
  readonly catalog: Catalog;
  readonly engine: QueryEngine;
  readonly store: Store;
  /** Of the store and the engine. */
  readonly work: Work;
  /** What the engine reported as failures of its own. */
  readonly failures: readonly unknown[];
  table(name: string): Table;
  /** Rows as input values by column. */
  write(table: string, rows: readonly Input[]): void;
  remove(table: string, keys: readonly Input[]): void;
  prepare(request: OperationRequest | string, variables?: Input): Prepared;
  /** What is wrong with a request that cannot run. */
  refuse(request: OperationRequest | string, variables?: Input): readonly GraphQLError[];
  /** `T`: the data. */
  run<T = unknown>(request: OperationRequest | string, variables?: Input): Answer<T>;
  runChanges<T = unknown>(request: string, message: Partial<ChangeMessage>, variables?: Input): Answer<T>;
  read<T>(look: (snapshot: Snapshot) => T): T;
}

export interface Answer<T> {
  readonly data: T;
  readonly errors: readonly AnswerError[];
  /** The JSON text of data, as it is sent. */
  readonly text: string;
  readonly position: string;
}

export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

type Input = Readonly<Record<string, unknown>>;

export const idleProgress: Progress = {
  connected: true,
  ends: new Map(),
  missingTopics: new Set(),
  records: new Map(),
};

export interface QueryWorldOptions {
  readonly limits?: Partial<QueryOptions['limits']>;
  readonly validationRules?: NonNullable<QueryOptions['validationRules']>;
  readonly introspection?: boolean;
  /** What `queryTimeoutMs` goes by. */
  readonly now?: () => number;
  readonly progress?: Progress;
  readonly facts?: Partial<Facts>;
  /** Default: lmdb's. */
  readonly openEnvironment?: OpenEnvironment;
}

export function createQueryWorld(schema: string, options: QueryWorldOptions = {}): QueryWorld {
  const catalog = buildCatalog([{ file: 'schema.graphql', text: schema }]);
  const work = createWork();
  const store = openTestStore(catalog, { work }, options.openEnvironment);
  const failures: unknown[] = [];
  const engine = createQueryEngine({
    catalog,
    work,
    limits: { ...defaultQueryLimits, ...options.limits },
    validationRules: options.validationRules ?? [],
    introspection: options.introspection,
    facts: { ...noFacts, ...options.facts },
    now: options.now,
    onError: (error) => failures.push(error),
  });
  const progress = options.progress ?? idleProgress;
  let offset = 0;
  store.write((tx) => {
    for (const table of catalog.tables) tx.setState(table, { phase: 'live' });
  });

  const table = (name: string): Table => must(catalog.tablesByName.get(name), `no table ${name}`);
  const valuesOf = (of: Table, row: Input): Record<string, Value> =>
    Object.fromEntries(of.columns.map(({ name, type }) => [name, coerceInput(type, row[name])]));

  function requestOf(request: OperationRequest | string, variables: Input | undefined): OperationRequest {
    return typeof request === 'string' ? { query: request, variables } : request;
  }

  function prepare(request: OperationRequest | string, variables?: Input): Prepared {
    const prepared = engine.prepare(requestOf(request, variables));
    if ('kind' in prepared) return prepared;
    throw new Error(prepared.map((error) => `${String(error.extensions['code'])}: ${error.message}`).join('\n'));
  }

  function answer<T>({ data, errors, position }: Executed): Answer<T> {
    return {
      data: JSON.parse(data) as T,
      errors: errors === undefined ? [] : (JSON.parse(errors) as AnswerError[]),
      text: data,
      position,
    };
  }

  return {
    catalog,
    engine,
    store,
    work,
    failures,
    table,
    write(name, rows) {
      const to = table(name);
      store.write((tx) => {
        for (const row of rows) {
          tx.upsert(to, makeRow(to, valuesOf(to, row), { offset, timestampMs: offset }));
          offset += 1;
        }
        tx.setNext(to, 0, offset);
      });
    },
    remove(name, keys) {
      const from = table(name);
      store.write((tx) => {
        for (const key of keys) tx.delete(from, keyOf(from, valuesOf(from, key)), offset);
        offset += 1;
        tx.setNext(from, 0, offset);
      });
    },
    prepare,
    refuse(request, variables) {
      const prepared = engine.prepare(requestOf(request, variables));
      if (!('kind' in prepared)) return prepared;
      throw new Error('the request was not refused');
    },
    run: <T>(request: OperationRequest | string, variables?: Input) =>
      read(store, (snapshot) =>
        answer<T>(engine.execute(prepare(request, variables), { snapshot, reader: snapshot, progress })),
      ),
    runChanges: <T>(request: string, message: Partial<ChangeMessage>, variables?: Input) =>
      read(store, (snapshot) =>
        answer<T>(
          engine.executeChanges(
            prepare(request, variables),
            { changes: [], position: 'p', live: true, reset: false, complete: true, ...message },
            { snapshot, reader: snapshot, progress },
          ),
        ),
      ),
    read: (look) => read(store, look),
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { must } from '../../../src/common/errors.ts';
import { createWork } from '../../../src/common/work.ts';
import { defaultQueryLimits } from '../../../src/config/limits.ts';
import { createQueryEngine } from '../../../src/query/engine.ts';
import type { QueryEngine } from '../../../src/query/query.ts';
import { openStore } from '../../../src/store/lmdb.ts';
import type { Snapshot } from '../../../src/store/store.ts';
import { makeMemorySnapshot } from '../../support/memory-reader.ts';
import { createNaiveQueries } from '../../support/naive-query.ts';
import type { NaiveRow } from '../../support/naive-query.ts';
import { idleProgress } from '../../support/query-world.ts';
import { crowdQuestions, crowds, items, orders, wheres } from '../../support/random-queries.ts';
import type { Items } from '../../support/random-queries.ts';

const runs = Number(process.env['HEADGATE_RUNS'] ?? 60);

interface Opened {
  readonly engine: QueryEngine;
  readonly snapshot: Snapshot;
}

function open({ catalog, rowsByTable }: Items): Opened {
  const work = createWork();
  const engine = createQueryEngine({
    catalog,
    work,
    limits: defaultQueryLimits,
    onError: (error) => {
      throw error;
    },
  });
  return { engine, snapshot: makeMemorySnapshot(catalog, rowsByTable, work) };
}

/** The same rows in a store of their own. */
function openStored(given: Items): Opened & { readonly close: () => Promise<void> } {
  const { engine } = open(given);
  const directory = mkdtempSync(join(tmpdir(), 'headgate-query-'));
  const store = openStore({
    directory,
    catalog: given.catalog,
    writable: true,
    work: createWork(),
    now: () => 0,
  });
  store.write((tx) => {
    for (const [table, rows] of given.rowsByTable) for (const row of rows) tx.upsert(table, row);
  });
  const snapshot = store.snapshot();
  const close = async (): Promise<void> => {
    snapshot.release();
    await store.close();
    rmSync(directory, { recursive: true });
  };
  return { engine, snapshot, close };
}

function ask<T>({ engine, snapshot }: Opened, query: string, variables: Record<string, unknown>): T {
  const prepared = engine.prepare({ query, variables });
  if (!('kind' in prepared)) throw new Error(prepared.map(({ message }) => message).join('\n'));
  const { data, errors } = engine.execute(prepared, { snapshot, reader: snapshot, progress: idleProgress });
  if (errors !== undefined) throw new Error(errors);
  return JSON.parse(data) as T;
}

function keyOf(row: NaiveRow): { k1: unknown; k2: unknown } {
  const [k1, k2] = row.table.key.map((column) => row.value(column));
  return { k1, k2 };
}

test('a list is what filtering, sorting and cutting every row gives', () => {
  const query = `query ($where: ItemWhere, $orderBy: [ItemOrderBy!], $limit: Int, $offset: Int) {
    items(where: $where, orderBy: $orderBy, limit: $limit, offset: $offset) { k1 k2 }
  }`;
  fc.assert(
    fc.property(
      items,
      fc.array(
        fc.record({ where: wheres, orderBy: orders, limit: fc.nat(20), offset: fc.nat(10) }, { requiredKeys: [] }),
        { minLength: 1, maxLength: 10 },
      ),
      (given, questions) => {
        const opened = open(given);
        const naive = createNaiveQueries(given.catalog, given.rowsByTable);
        for (const variables of questions) {
          const { items: found } = ask<{ items: unknown[] }>(opened, query, variables);
          expect(found, JSON.stringify(variables)).toEqual(naive.select('Item', variables).map(keyOf));
        }
      },
    ),
    { numRuns: runs },
  );
});

test('a connection is the page that Relay says', () => {
  const query = `query ($where: ItemWhere, $orderBy: [ItemOrderBy!], $first: Int, $last: Int, $after: String, $before: String) {
    itemsConnection(where: $where, orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) {
      edges { cursor } nodes { k1 k2 } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  interface Found {
    readonly itemsConnection: {
      readonly edges: readonly { readonly cursor: string }[];
      readonly nodes: readonly unknown[];
      readonly totalCount: number;
      readonly pageInfo: Record<string, unknown>;
    };
  }
  fc.assert(
    fc.property(
      items,
      fc.option(wheres, { nil: undefined }),
      orders,
      fc.array(
        fc.record({ first: fc.nat(8), last: fc.nat(8), after: fc.nat(), before: fc.nat() }, { requiredKeys: [] }),
        { minLength: 1, maxLength: 8 },
      ),
      (given, where, orderBy, pages) => {
        const opened = open(given);
        const naive = createNaiveQueries(given.catalog, given.rowsByTable);
        const common = where === undefined ? { orderBy } : { where, orderBy };
        // Cursors of rows that match or not: a place is a place.
        const everyone = naive.select('Item', { orderBy, limit: 1000 });
        const { edges } = ask<Found>(opened, query, { orderBy, first: 1000 }).itemsConnection;
        for (const { first, last, after, before } of pages) {
          const [from, to] = [after, before].map((i) =>
            i === undefined || edges.length === 0 ? -1 : i % edges.length,
          );
          const args = {
            ...common,
            ...(first === undefined ? {} : { first }),
            ...(last === undefined ? {} : { last }),
          };
          const { itemsConnection: found } = ask<Found>(opened, query, {
            ...args,
            after: edges[must(from, 'from')]?.cursor,
            before: edges[must(to, 'to')]?.cursor,
          });
          const expected = naive.page('Item', {
            ...args,
            after: everyone[must(from, 'from')],
            before: everyone[must(to, 'to')],
          });
          expect({ ...found, edges: found.edges.length }, JSON.stringify(args)).toEqual({
            edges: expected.rows.length,
            nodes: expected.rows.map(keyOf),
            totalCount: expected.totalCount,
            pageInfo: {
              hasNextPage: expected.hasNextPage,
              hasPreviousPage: expected.hasPreviousPage,
              startCursor: found.edges[0]?.cursor ?? null,
              endCursor: found.edges.at(-1)?.cursor ?? null,
            },
          });
        }
      },
    ),
    { numRuns: runs },
  );
});

/** All rows, page by page from either end. */
function pageThrough(
  opened: Opened,
  args: Record<string, unknown>,
  size: number,
): { forward: unknown[]; backward: unknown[]; total: number } {
  const query = `query ($where: ItemWhere, $orderBy: [ItemOrderBy!], $first: Int, $last: Int, $after: String, $before: String) {
    itemsConnection(where: $where, orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) {
      totalCount nodes { k1 k2 } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`;
  interface Found {
    readonly nodes: readonly unknown[];
    readonly totalCount: number;
    readonly pageInfo: {
      readonly hasNextPage: boolean;
      readonly hasPreviousPage: boolean;
      readonly startCursor: string | null;
      readonly endCursor: string | null;
    };
  }
  const page = (place: Record<string, unknown>): Found =>
    ask<{ itemsConnection: Found }>(opened, query, { ...args, ...place }).itemsConnection;
  const check = (rows: readonly unknown[]): void => {
    // Else a cursor that does not move on would be followed for ever.
    expect(rows.length, 'rows found so far').toBeLessThanOrEqual(1_000);
  };
  const forward: unknown[] = [];
  let total = -1;
  for (let after: string | null = null, more = true; more;) {
    const { nodes, pageInfo, totalCount } = page({ first: size, after });
    total = totalCount;
    forward.push(...nodes);
    check(forward);
    more = pageInfo.hasNextPage;
    after = pageInfo.endCursor;
  }
  const backward: unknown[] = [];
  for (let before: string | null = null, more = true; more;) {
    const { nodes, pageInfo } = page({ last: size, before });
    backward.unshift(...nodes);
    check(backward);
    more = pageInfo.hasPreviousPage;
    before = pageInfo.startCursor;
  }
  return { forward, backward, total };
}

test('paging in either direction meets every row exactly once', () => {
  fc.assert(
    fc.property(
      items,
      fc.option(wheres, { nil: undefined }),
      orders,
      fc.integer({ min: 1, max: 9 }),
      (given, where, orderBy, size) => {
        const args = where === undefined ? { orderBy } : { where, orderBy };
        const expected = createNaiveQueries(given.catalog, given.rowsByTable)
          .select('Item', { ...args, limit: 1000 })
          .map(keyOf);
        expect(pageThrough(open(given), args, size)).toEqual({
          forward: expected,
          backward: expected,
          total: expected.length,
        });
      },
    ),
    { numRuns: runs },
  );
});

test('an index gives its order in either direction, however many rows are equal in it or cut alike', () => {
  fc.assert(
    fc.property(crowds, fc.array(crowdQuestions, { minLength: 1, maxLength: 6 }), (given, questions) => {
      const opened = open(given);
      const naive = createNaiveQueries(given.catalog, given.rowsByTable);
      for (const { size, ...args } of questions) {
        const expected = naive.select('Item', { ...args, limit: 1000 }).map(keyOf);
        const found = pageThrough(opened, args, size);
        expect(found, JSON.stringify(args)).toEqual({ forward: expected, backward: expected, total: expected.length });
      }
    }),
    { numRuns: Math.ceil(runs / 4) },
  );
});

test('relations lead to the rows that join by value, with arguments of their own', () => {
  const query = `query ($where: ItemWhere, $orderBy: [ItemOrderBy!], $limit: Int, $offset: Int) {
    parents(limit: 10) { id items(where: $where, orderBy: $orderBy, limit: $limit, offset: $offset) { k1 k2 parent { id } } }
    items(limit: 100) { k1 k2 parent { name } twins(where: $where, orderBy: $orderBy, limit: $limit, offset: $offset) { k1 k2 } }
  }`;
  fc.assert(
    fc.property(
      items,
      fc.record({ where: wheres, orderBy: orders, limit: fc.nat(20), offset: fc.nat(4) }, { requiredKeys: [] }),
      (given, args) => {
        const naive = createNaiveQueries(given.catalog, given.rowsByTable);
        const text = (row: NaiveRow | undefined, name: string) =>
          row === undefined ? null : row.value(must(row.table.columnsByName.get(name), name));
        const expected = {
          parents: naive.select('Parent', { limit: 10 }).map((parent) => ({
            id: text(parent, 'id'),
            items: naive
              .related(parent, 'items', args)
              .map((item) => ({ ...keyOf(item), parent: { id: text(parent, 'id') } })),
          })),
          items: naive.select('Item', { limit: 100 }).map((item) => {
            const parent = naive.related(item, 'parent')[0];
            return {
              ...keyOf(item),
              parent: parent === undefined ? null : { name: text(parent, 'name') },
              twins: naive.related(item, 'twins', args).map(keyOf),
            };
          }),
        };
        expect(ask(open(given), query, args)).toEqual(expected);
      },
    ),
    { numRuns: runs },
  );
});

test('the store gives the same answers as arrays do', async () => {
  const query = `query ($where: ItemWhere, $orderBy: [ItemOrderBy!], $limit: Int, $offset: Int) {
    items(where: $where, orderBy: $orderBy, limit: $limit, offset: $offset) { k1 k2 a b c d e f parent { id } }
    columns: items(where: $where, orderBy: $orderBy, limit: $limit, offset: $offset) { __typename k2 k1 e b a c d f }
    keys: items(where: $where, orderBy: $orderBy, limit: $limit, offset: $offset) { k2 c k1 a }
    itemsConnection(where: $where, orderBy: $orderBy, last: $limit) { nodes { k1 k2 } totalCount pageInfo { hasPreviousPage } }
  }`;
  // What it may read and compare is its own.
  const related = `query ($where: ItemWhere, $orderBy: [ItemOrderBy!], $limit: Int, $offset: Int) {
    items(limit: 5) {
      twins(limit: 2) { k1 k2 a }
      parent {
        items(where: $where, orderBy: $orderBy, limit: $limit, offset: $offset) { k1 k2 a b c d e f }
        again: items { k2 }
      }
    }
  }`;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(items, crowds),
      fc.array(
        fc.record({ where: wheres, orderBy: orders, limit: fc.nat(20), offset: fc.nat(10) }, { requiredKeys: [] }),
        { minLength: 5, maxLength: 20 },
      ),
      async (given, questions) => {
        const { close, ...stored } = openStored(given);
        const inMemory = open(given);
        try {
          for (const args of questions) {
            for (const each of [query, related]) {
              expect(ask(stored, each, args), JSON.stringify(args)).toEqual(ask(inMemory, each, args));
            }
          }
        } finally {
          await close();
        }
      },
    ),
    { numRuns: Math.ceil(runs / 4) },
  );
});

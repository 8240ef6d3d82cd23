import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Catalog, DerivedTable } from '../../../src/catalog/catalog.ts';
import type { Memory, Store } from '../../../src/store/store.ts';
import { createWork } from '../../../src/common/work.ts';
import { valuesOf } from '../../support/arbitrary-values.ts';
import { makeCatalog, tableOf } from '../../support/catalog.ts';
import { scalar } from '../../support/make-table.ts';
import { openTestStore } from '../../support/open-test-store.ts';
import { playHistory, shuffles, steps } from './group-history.ts';
import { everyFunction, makeAggregation, openGroups, rowOf } from './group-world.ts';
import type { AggregateSpec } from './group-world.ts';

/** The same in LMDB, with a transaction for every commit of the history. */

const id = { name: 'id', type: scalar('ID'), required: true };

function openStats(specs: readonly AggregateSpec[]): { readonly store: Store; readonly stats: DerivedTable } {
  const catalog = makeCatalog([
    { name: 'Source', columns: [id] },
    { name: 'Stats', columns: [id] },
  ]);
  const source = tableOf(catalog, 'Source');
  const { mode: _mode, topic: _topic, ...table } = tableOf(catalog, 'Stats');
  const stats: DerivedTable = { ...table, bases: [source], derivation: makeAggregation(specs) };
  const tables = [source, stats];
  const derived: Catalog = {
    ...catalog,
    tables,
    topicTables: [source],
    derivedTables: [stats],
    tablesByName: new Map(tables.map((each) => [each.name, each])),
  };
  return { store: openTestStore(derived, { work: createWork() }), stats };
}

/** The memory of whatever transaction is open. */
class CurrentMemory implements Memory {
  current: Memory | undefined;

  get(...[key]: Parameters<Memory['get']>): ReturnType<Memory['get']> {
    return this.#open.get(key);
  }

  put(...[key, value]: Parameters<Memory['put']>): void {
    this.#open.put(key, value);
  }

  remove(...[key]: Parameters<Memory['remove']>): void {
    this.#open.remove(key);
  }

  scan(...[range]: Parameters<Memory['scan']>): ReturnType<Memory['scan']> {
    return this.#open.scan(range);
  }

  get #open(): Memory {
    if (this.current === undefined) throw new Error('no transaction is open');
    return this.current;
  }
}

test.each([
  ['Decimal', valuesOf(scalar('Decimal'))],
  ['Float', valuesOf(scalar('Float'))],
  [
    'String',
    fc.tuple(fc.constantFrom(0, 900, 4_000), fc.constantFrom('', 'a', 'é')).map(([n, end]) => 'x'.repeat(n) + end),
  ],
] as const)('%s: in the store, too, a group has what its rows give, from commit to commit', async (name, values) => {
  const type = scalar(name);
  const specs = everyFunction(type, type);
  const { store, stats } = openStats(specs);
  const memory = new CurrentMemory();
  fc.assert(
    fc.property(steps(type, values, values), shuffles, (history, shuffle) => {
      const played = playHistory(specs, history, shuffle, memory);
      for (let done = false; !done;) {
        store.write((tx) => {
          memory.current = tx.memory(stats);
          // After a failure, nothing of the history must be left to the next one.
          done = played.next().done === true;
          memory.current = undefined;
        });
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
  await store.close();
});

test('COUNT and SUM write one entry per group and commit', () => {
  const specs: readonly AggregateSpec[] = [{ fn: 'COUNT' }, { fn: 'SUM', type: scalar('Int') }];
  const { store, stats } = openStats(specs);
  const open = openGroups(...specs);
  for (let commit = 0; commit < 3; commit += 1) {
    const before = store.work.memoryEntriesWritten;
    store.write((tx) => {
      for (const key of ['a\0', 'b\0']) {
        const group = open(tx.memory(stats), Buffer.from(key));
        for (let row = 0; row < 100; row += 1) group.add(rowOf(2, commit * 100 + row, row));
        expect(group.values()).toEqual([(commit + 1) * 100, BigInt(commit + 1) * 4_950n]);
        group.save();
      }
    });
    expect(store.work.memoryEntriesWritten - before).toBe(2);
  }
});

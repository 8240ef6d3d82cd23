import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GroupInput } from '../../../src/aggregate/group.ts';
import type { Value } from '../../../src/model/value.ts';
import { maxKeyBytes } from '../../../src/store/keys.ts';
import { scalar } from '../../support/make-table.ts';
import { contentsOf, runHistory, shuffles, steps } from './group-history.ts';
import { GroupMemory } from './group-memory.ts';
import { everyFunction, openGroups, rowOf } from './group-world.ts';
import type { AggregateSpec } from './group-world.ts';

const text = scalar('String');
const int = scalar('Int');
const key = Buffer.from('group\0');

describe('values and keys of any length', () => {
  /** Where entries are cut is among these lengths, whatever the type writes in front of and behind them. */
  const lengths = [...Array.from({ length: 8 }, (_, i) => 911 + i), 1_978];
  const units = fc.oneof(
    { weight: 5, arbitrary: fc.constant('x') },
    { weight: 1, arbitrary: fc.constantFrom('é', '\0') },
  );
  const texts = fc
    .tuple(units, fc.oneof(fc.constantFrom(...lengths), fc.constant(5_000)), fc.string({ maxLength: 3 }))
    .map(([unit, length, end]) => unit.repeat(length) + end);

  test('long strings with long beginnings in common stay apart, and in order', () => {
    fc.assert(
      fc.property(steps(text, texts, fc.integer({ min: 0, max: 1 })), shuffles, (history, shuffle) =>
        runHistory(everyFunction(text, scalar('Float')), history, shuffle),
      ),
      { numRuns: 60 },
    );
  });

  test('long strings order rows as short ones do', () => {
    fc.assert(
      fc.property(steps(text, texts, texts), shuffles, (history, shuffle) =>
        runHistory([{ fn: 'TOP_K', type: text, by: text, n: 3 }], history, shuffle),
      ),
      { numRuns: 60 },
    );
  });

  test('the longest keys of rows and groups fit, whatever the function', () => {
    const specs = everyFunction(text, text);
    const memory = new GroupMemory();
    const group = openGroups(...specs)(memory, Buffer.alloc(maxKeyBytes, 0xff));
    const rows = [...'abcdefghij'].map((last): GroupInput => {
      const long = 'y'.repeat(3_000) + last;
      const rowKey = Buffer.concat([Buffer.alloc(maxKeyBytes - 2, 0xfe), Buffer.from(`${last}\0`)]);
      // The key alone tells them apart.
      return rowOf(specs.length, 7, long, { by: long, key: rowKey });
    });
    for (const row of rows.toReversed()) group.add(row);
    const first = specs.findIndex(({ fn }) => fn === 'FIRST');
    expect(group.values()[first]).toBe('y'.repeat(3_000) + 'a');
    group.save();
    for (const row of rows) group.retract(row);
    group.save();
    expect(contentsOf(memory)).toEqual([]);
  });
});

describe('groups beside one another', () => {
  test('no group reads or drops what belongs to another, however alike their keys are', () => {
    const keyBytes = fc.uint8Array({ maxLength: 4 }).map((bytes) => bytes.map((byte) => byte % 3));
    fc.assert(
      fc.property(fc.uniqueArray(keyBytes, { selector: String, minLength: 2, maxLength: 8 }), (keys) => {
        const specs = everyFunction(text, int);
        const open = openGroups(...specs);
        const memory = new GroupMemory();
        const fill = (groupKey: Uint8Array, i: number): void => {
          const group = open(memory, groupKey);
          expect(group.rows).toBe(0);
          group.add(rowOf(specs.length, i, `only in ${i}`, { by: i }));
          group.save();
        };
        const distinct = specs.findIndex(({ fn }) => fn === 'COLLECT_SET');
        keys.forEach(fill);
        const full = contentsOf(memory);
        keys.forEach((groupKey, i) => {
          expect(open(memory, groupKey).values()[distinct]).toEqual([`only in ${i}`]);
          open(memory, groupKey).drop();
          expect(full.length - memory.size).toBe(full.length / keys.length);
          fill(groupKey, i);
          expect(contentsOf(memory)).toEqual(full);
        });
      }),
      { numRuns: 100 },
    );
  });

  test('a dropped group is empty: nothing of it is written by save, and rows may come again', () => {
    const specs = everyFunction(int, int);
    const open = openGroups(...specs);
    const memory = new GroupMemory();
    const group = open(memory, key);
    for (let i = 0; i < 2_500; i += 1) group.add(rowOf(specs.length, i, i, { by: i }));
    group.save();
    group.add(rowOf(specs.length, 2_500, 3));
    group.drop();
    expect(group.rows).toBe(0);
    group.save();
    expect(contentsOf(memory)).toEqual([]);
    group.add(rowOf(specs.length, 1, 5, { by: 1 }));
    const fresh = open(new GroupMemory(), key);
    fresh.add(rowOf(specs.length, 1, 5, { by: 1 }));
    expect(group.values()).toEqual(fresh.values());
    group.save();
    group.retract(rowOf(specs.length, 1, 5, { by: 1 }));
    group.save();
    expect(contentsOf(memory)).toEqual([]);
  });

  test('state of other aggregates is refused, not misread', () => {
    const memory = new GroupMemory();
    const group = openGroups({ fn: 'SUM', type: int })(memory, key);
    group.add(rowOf(1, 0, 5));
    group.save();
    expect(() => openGroups({ fn: 'SUM', type: scalar('Float') })(memory, key)).toThrow('other aggregates');
    expect(openGroups({ fn: 'AVG', type: int })(memory, key).values()).toEqual([5]);
  });
});

describe('what it costs', () => {
  const add = (specs: readonly AggregateSpec[], values: readonly Value[]) => {
    const memory = new GroupMemory();
    const open = openGroups(...specs);
    const group = open(memory, key);
    values.forEach((value, i) => group.add(rowOf(specs.length, i, value)));
    group.save();
    memory.resetCounts();
    return { memory, open };
  };

  test('COUNT and SUM write one entry per group and commit, however many rows it gets', () => {
    const specs = [{ fn: 'COUNT' }, { fn: 'SUM', type: int }, { fn: 'AVG', type: int }] as const;
    const { memory, open } = add([...specs], [1]);
    const group = open(memory, key);
    for (let i = 0; i < 500; i += 1) group.add(rowOf(3, 1 + i, i));
    group.values();
    group.save();
    group.save();
    expect(memory).toMatchObject({ gets: 1, puts: 1, removes: 0, scanned: 0, size: 1 });
  });

  test('an update that changes nothing that is read writes nothing', () => {
    const specs = everyFunction(text, int).filter(
      ({ fn, by }) => !['FIRST', 'LAST', 'COLLECT_LIST'].includes(fn) && !by,
    );
    const { memory, open } = add([...specs], ['a', 'b']);
    const group = open(memory, key);
    for (let i = 0; i < 10; i += 1) {
      group.retract(rowOf(specs.length, i, 'a'));
      group.add(rowOf(specs.length, i + 1, 'a'));
    }
    group.save();
    expect(memory).toMatchObject({ puts: 0, removes: 0 });
  });

  test('a row that comes back where it was writes nothing, also where rows have an order', () => {
    const specs = everyFunction(text, int);
    const { memory, open } = add([...specs], ['a', 'b']);
    const group = open(memory, key);
    group.retract(rowOf(specs.length, 1, 'b'));
    group.add(rowOf(specs.length, 1, 'b'));
    group.save();
    expect(memory).toMatchObject({ puts: 0, removes: 0 });
  });

  test.each([
    ['MIN', 1],
    ['MAX', 1],
    ['FIRST', 1],
    ['LAST', 1],
    ['COUNT_DISTINCT', 0],
    ['STDDEV', 0],
  ] as const)('%s of a group with 5,000 rows reads %i of its entries', (fn, scanned) => {
    const values = Array.from({ length: 5_000 }, (_, i) => i);
    const { memory, open } = add([{ fn, type: int }], values);
    const group = open(memory, key);
    group.add(rowOf(1, 5_000, 2_500));
    group.retract(rowOf(1, 0, 0));
    group.values();
    group.save();
    expect(memory.scanned).toBe(scanned);
    expect(memory.gets).toBeLessThanOrEqual(3);
    expect(memory.puts + memory.removes).toBeLessThanOrEqual(3);
  });

  test('of values that are cut, only those with one beginning are read together', () => {
    const values = Array.from({ length: 300 }, (_, i) => `${String(i % 100).padStart(3, '0')}${'x'.repeat(2_000)}${i}`);
    const { memory, open } = add([{ fn: 'MIN', type: text }], values);
    expect(open(memory, key).values()).toEqual([`000${'x'.repeat(2_000)}0`]);
    // Three with the first beginning, and the one that tells that there are no more.
    expect(memory.scanned).toBe(4);
  });

  test('TOP_K, COLLECT_SET and COLLECT_LIST with n read n entries', () => {
    const values = Array.from({ length: 1_000 }, (_, i) => i);
    for (const fn of ['TOP_K', 'COLLECT_SET', 'COLLECT_LIST'] as const) {
      const { memory, open } = add([{ fn, type: int, n: 3 }], values);
      open(memory, key).values();
      expect(memory.scanned).toBe(3);
    }
  });

  test('functions of one argument share their entries', () => {
    const shared = (['MIN', 'MAX', 'COUNT_DISTINCT', 'TOP_K', 'COLLECT_SET'] as const).map((fn) => ({
      fn,
      type: text,
    }));
    expect(add(shared, ['a', 'b', 'b', null]).memory.size).toBe(1 + 2);
    expect(
      add(
        [
          { fn: 'FIRST', type: text },
          { fn: 'LAST', type: text },
        ],
        ['a', 'b', 'b', null],
      ).memory.size,
    ).toBe(1 + 3);
    const apart = shared.map((spec, i) => ({ ...spec, text: `x${i % 2}` }));
    expect(add(apart, ['a', 'b', 'b', null]).memory.size).toBe(1 + 4);
  });
});

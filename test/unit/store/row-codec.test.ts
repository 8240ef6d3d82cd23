import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueToJson } from '../../../src/model/value.ts';
import { keyChecksum, makeParts, packRow, StoredRow, unpackRow } from '../../../src/store/row-codec.ts';
import type { RowLayout } from '../../../src/store/row-codec.ts';
import { allTypes, valuesOf } from '../../support/arbitrary-values.ts';
import { makeTable, scalar } from '../../support/make-table.ts';

const table = makeTable({ columns: allTypes.map(([name, type]) => ({ name, type })), key: [] });
const layout: RowLayout = { table, columnIds: table.columns.map((_, i) => i), columnCount: table.columns.length };
const key = Buffer.from('key');
const rows = fc.record({
  key: fc.constant(key),
  values: fc.tuple(...allTypes.map(([, type]) => fc.option(valuesOf(type), { freq: 3 }))),
  partition: fc.nat(0xffff_ffff),
  offset: fc.maxSafeNat(),
  timestampMs: fc.integer({ min: -1, max: 4_000_000_000_000 }),
});

function unpack(bytes: Uint8Array): StoredRow | undefined {
  const parts = unpackRow(Buffer.from(bytes), 0, bytes.length);
  if (parts === 'damaged' || parts.keySum !== keyChecksum(key)) return undefined;
  return new StoredRow(layout, key, parts);
}

test('a row comes back with every value, fragment and coordinate', () => {
  fc.assert(
    fc.property(rows, (row) => {
      const read = unpack(packRow(makeParts(layout, row)));
      expect(read).toBeDefined();
      expect(table.columns.map((column) => read!.json(column))).toEqual(
        table.columns.map(({ type, ordinal }) => valueToJson(type, row.values[ordinal] ?? null)),
      );
      for (const column of table.columns) {
        expect(valueToJson(column.type, read!.value(column))).toBe(read!.json(column));
        expect(read!.value(column)).toBe(read!.value(column));
      }
      expect([read!.partition, read!.offset, read!.timestampMs]).toEqual([row.partition, row.offset, row.timestampMs]);
      expect(read!.sameColumns(new StoredRow(layout, key, makeParts(layout, { ...row, offset: 1 })))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('rows of more than 64K characters keep their fragments', () => {
  const wide = makeTable({ columns: ['a', 'b', 'c'].map((name) => ({ name, type: scalar('String') })), key: [] });
  const wideLayout = { table: wide, columnIds: [0, 1, 2], columnCount: 3 };
  const values = ['é'.repeat(70_000), null, 'x'.repeat(70_000)];
  const bytes = packRow(makeParts(wideLayout, { key, values, partition: 0, offset: 0, timestampMs: 0 }));
  const parts = unpackRow(Buffer.from(bytes), 0, bytes.length);
  const read = parts === 'damaged' ? undefined : new StoredRow(wideLayout, key, parts);
  expect(wide.columns.map((column) => read?.value(column))).toEqual(values);
});

test('any changed byte, a cut or another key is noticed', () => {
  fc.assert(
    fc.property(rows, fc.nat(), fc.integer({ min: 1, max: 255 }), (row, at, difference) => {
      const bytes = packRow(makeParts(layout, row));
      const changed = Buffer.from(bytes);
      changed[at % bytes.length] = (changed[at % bytes.length] ?? 0) ^ difference;
      expect(unpack(changed)).toBeUndefined();
      expect(unpack(bytes.subarray(0, at % bytes.length))).toBeUndefined();
      const parts = unpackRow(Buffer.from(bytes), 0, bytes.length);
      expect(parts === 'damaged' ? undefined : parts.keySum === keyChecksum(Buffer.from('kez'))).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test('rows written before a column was dropped are read by column id', () => {
  const before = makeTable({ columns: ['a', 'b', 'c'].map((name) => ({ name, type: scalar('String') })), key: [] });
  const bytes = packRow(
    makeParts(
      { table: before, columnIds: [0, 1, 2], columnCount: 3 },
      { key, values: ['1', '2', '3'], partition: 0, offset: 0, timestampMs: 0 },
    ),
  );
  const now = makeTable({ columns: ['c', 'a'].map((name) => ({ name, type: scalar('String') })), key: [] });
  const parts = unpackRow(Buffer.from(bytes), 0, bytes.length);
  if (parts === 'damaged') throw new Error('damaged');
  const nowLayout = { table: now, columnIds: [2, 0], columnCount: 3 };
  const read = new StoredRow(nowLayout, key, parts);
  expect(now.columns.map((column) => read.value(column))).toEqual(['3', '1']);
  const written = { key, values: ['3', '1'], partition: 0, offset: 0, timestampMs: 0 };
  expect(read.sameColumns(new StoredRow(nowLayout, key, makeParts(nowLayout, written)))).toBe(true);
});

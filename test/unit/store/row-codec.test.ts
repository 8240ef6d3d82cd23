import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueToJson } from '../../../src/model/value.ts';
import { keyChecksum, StoredRow, unpackRow } from '../../../src/store/row-codec.ts';
import type { NewRow } from '../../../src/model/row.ts';
import type { RowLayout } from '../../../src/store/row-codec.ts';
import { copyRow, RowImage } from '../../../src/store/row-image.ts';
import { createRowWriter } from '../../../src/store/row-writer.ts';
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

function packRow(of: RowLayout, row: NewRow): Buffer {
  const { slab, start, end } = createRowWriter(of)(row);
  return Buffer.from(slab.bytes.subarray(start, end));
}

/** As the writer reads it. */
function imageOf(of: RowLayout, bytes: Buffer): RowImage {
  const copied = copyRow(bytes);
  if (copied === 'damaged') throw new Error('damaged');
  return RowImage.ofStored({ layout: of, writeRow: createRowWriter(of), valuesAsked: false }, key, copied);
}

function unpack(bytes: Uint8Array): StoredRow | undefined {
  const parts = unpackRow(Buffer.from(bytes), 0, bytes.length);
  if (parts === 'damaged' || parts.keySum !== keyChecksum(key)) return undefined;
  return new StoredRow(layout, key, parts);
}

test('a row comes back with every value, fragment and coordinate', () => {
  fc.assert(
    fc.property(rows, (row) => {
      const read = unpack(packRow(layout, row));
      expect(read).toBeDefined();
      expect(table.columns.map((column) => read!.json(column))).toEqual(
        table.columns.map(({ type, ordinal }) => valueToJson(type, row.values[ordinal] ?? null)),
      );
      for (const column of table.columns) {
        expect(valueToJson(column.type, read!.value(column))).toBe(read!.json(column));
        expect(read!.value(column)).toBe(read!.value(column));
      }
      expect([read!.partition, read!.offset, read!.timestampMs]).toEqual([row.partition, row.offset, row.timestampMs]);
    }),
    { numRuns: 300 },
  );
});

test.each(['all types', 'types whose text is mostly ASCII'])(
  'the writer sees in bytes what values say: %s',
  (which) => {
    const types = allTypes.filter(
      ([name]) => which === 'all types' || ['Int', 'Decimal', 'DateTime', 'ID'].includes(name),
    );
    const of = makeTable({ columns: types.map(([name, type]) => ({ name, type })), key: [] });
    const ofLayout: RowLayout = { table: of, columnIds: types.map((_, i) => i), columnCount: types.length };
    const format = { layout: ofLayout, writeRow: createRowWriter(ofLayout), valuesAsked: false };
    const anyValues = fc.tuple(...types.map(([, type]) => fc.option(valuesOf(type), { freq: 3 })));
    const fragments = ({ values }: NewRow): string[] =>
      of.columns.map(({ type, ordinal }) => valueToJson(type, values[ordinal] ?? null));
    const counts = { same: 0, different: 0, ascii: 0, other: 0 };
    fc.assert(
      fc.property(
        anyValues,
        anyValues,
        fc.array(fc.nat(types.length - 1), { maxLength: 2 }),
        (mine, others, changed) => {
          const row: NewRow = { key, values: mine, partition: 1, offset: 2, timestampMs: 3 };
          const values = mine.map((value, i) => (changed.includes(i) ? (others[i] ?? null) : value));
          const other: NewRow = { key, values, partition: 7, offset: 8, timestampMs: 9 };
          const bytes = packRow(ofLayout, other);
          const first = imageOf(ofLayout, packRow(ofLayout, row));
          const theSame = of.columns.filter((_, i) => fragments(row)[i] === fragments(other)[i]);
          counts[theSame.length === types.length ? 'same' : 'different'] += 1;
          counts[bytes.every((byte, i) => i < 28 || byte < 0x80) ? 'ascii' : 'other'] += 1;
          for (const image of [
            RowImage.ofNew(format, other),
            RowImage.ofNew({ ...format, valuesAsked: true }, other),
            imageOf(ofLayout, bytes),
          ]) {
            expect(of.columns.map((column) => image.json(column))).toEqual(fragments(other));
            expect(of.columns.map((column) => valueToJson(column.type, image.value(column)))).toEqual(fragments(other));
            expect([image.partition, image.offset, image.timestampMs]).toEqual([7, 8, 9]);
            expect(of.columns.filter((column) => image.sameIn([column], first))).toEqual(theSame);
            expect(image.sameColumns(first)).toBe(theSame.length === types.length);
            expect(first.sameColumns(image)).toBe(theSame.length === types.length);
          }
        },
      ),
      { numRuns: 200, seed: 20_261_130 },
    );
    const { same, different } = counts;
    expect(Math.min(same, different, which === 'all types' ? counts.other : counts.ascii)).toBeGreaterThan(20);
  },
);

test('strings that need no escape, and all others, are written as JSON', () => {
  const one = makeTable({ columns: ['a', 'b'].map((name) => ({ name, type: scalar('String') })), key: [] });
  const oneLayout = { table: one, columnIds: [0, 1], columnCount: 2 };
  const special = fc.constantFrom(
    '"',
    '\\',
    '\u0000',
    '\u001f',
    ' ',
    '~',
    '\u007f',
    '\u0080',
    'é',
    '\u2028',
    '\ud800',
    '\udc00',
    '😀',
  );
  const texts = fc.tuple(fc.constantFrom(0, 1, 94, 95, 96, 97, 300), special, fc.nat(300)).map(([length, unit, at]) => {
    const plain = 'x'.repeat(length);
    return plain.slice(0, at) + unit + plain.slice(at);
  });
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const row = { key, values: [a, b], partition: 0, offset: 0, timestampMs: 0 };
      const image = imageOf(oneLayout, packRow(oneLayout, row));
      expect(one.columns.map((column) => image.json(column))).toEqual([a, b].map((text) => JSON.stringify(text)));
      expect(one.columns.map((column) => image.value(column))).toEqual([a, b]);
    }),
    { numRuns: 500 },
  );
});

test('rows of more than 64K characters keep their fragments', () => {
  const wide = makeTable({ columns: ['a', 'b', 'c'].map((name) => ({ name, type: scalar('String') })), key: [] });
  const wideLayout = { table: wide, columnIds: [0, 1, 2], columnCount: 3 };
  const values = ['é'.repeat(70_000), null, 'x'.repeat(70_000)];
  const bytes = packRow(wideLayout, { key, values, partition: 0, offset: 0, timestampMs: 0 });
  const parts = unpackRow(Buffer.from(bytes), 0, bytes.length);
  const read = parts === 'damaged' ? undefined : new StoredRow(wideLayout, key, parts);
  expect(wide.columns.map((column) => read?.value(column))).toEqual(values);
});

test('any changed byte, a cut or another key is noticed', () => {
  fc.assert(
    fc.property(rows, fc.nat(), fc.integer({ min: 1, max: 255 }), (row, at, difference) => {
      const bytes = packRow(layout, row);
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
    { table: before, columnIds: [0, 1, 2], columnCount: 3 },
    { key, values: ['1', '2', '3'], partition: 0, offset: 0, timestampMs: 0 },
  );
  const now = makeTable({ columns: ['c', 'a'].map((name) => ({ name, type: scalar('String') })), key: [] });
  const parts = unpackRow(Buffer.from(bytes), 0, bytes.length);
  if (parts === 'damaged') throw new Error('damaged');
  const nowLayout = { table: now, columnIds: [2, 0], columnCount: 3 };
  const read = new StoredRow(nowLayout, key, parts);
  expect(now.columns.map((column) => read.value(column))).toEqual(['3', '1']);
  const written = { key, values: ['3', '1'], partition: 0, offset: 0, timestampMs: 0 };
  const image = imageOf(nowLayout, bytes);
  expect(image.sameColumns(imageOf(nowLayout, packRow(nowLayout, written)))).toBe(true);
  const other = { ...written, values: ['3', '2'] };
  expect(image.sameColumns(imageOf(nowLayout, packRow(nowLayout, other)))).toBe(false);
});

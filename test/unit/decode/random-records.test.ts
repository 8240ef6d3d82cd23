import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyFormat, TopicTable } from '../../../src/catalog/catalog.ts';
import { createDecoder } from '../../../src/decode/decode.ts';
import { canonicalDecimal } from '../../../src/model/decimal.ts';
import { equalValues, memberOf, valueFromJson, valueToJson } from '../../../src/model/value.ts';
import type { ColumnType, Value } from '../../../src/model/value.ts';
import type { NewRow } from '../../../src/model/row.ts';
import { RowImage } from '../../../src/store/row-image.ts';
import { createRowWriter } from '../../../src/store/row-writer.ts';
import { badRecordCodes } from '../../../src/store/store.ts';
import { allTypes, jsonTexts, valuesOf } from '../../support/arbitrary-values.ts';
import { makeTable, scalar } from '../../support/make-table.ts';
import type { TableSpec } from '../../support/make-table.ts';
import { headers, record } from './record.ts';

/** How a producer may write a value: numbers as numbers, with blanks, instants as milliseconds. */
function produced(type: ColumnType, value: Value): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'scalar':
      if (type.scalar === 'BigInt') return String(value);
      if (type.scalar === 'Decimal')
        return /^-?0\d/.test(value as string) ? canonicalDecimal(value as string) : (value as string);
      if (type.scalar === 'DateTime' && (value as bigint) % 1_000n === 0n) return String((value as bigint) / 1_000n);
      return valueToJson(type, value);
    case 'enum':
      return valueToJson(type, value);
    case 'list':
      return `[ ${(value as readonly Value[]).map((element) => produced(type.element, element)).join(' , ')} ]`;
    case 'object':
      return `{ ${type.fields.map((field) => `"${field.name}" : ${produced(field.type, memberOf(value, field.name))}`).join(',\n')} }`;
  }
}

/** The fragments of a row as the writer stores it, against those made of each value by itself. */
function checkStored(table: TopicTable, row: NewRow): void {
  const layout = { table, columnIds: table.columns.map((_, i) => i), columnCount: table.columns.length };
  const format = { layout, writeRow: createRowWriter(layout), valuesAsked: false };
  const image = RowImage.ofNew(format, row);
  expect(table.columns.map((column) => image.json(column))).toEqual(
    table.columns.map(({ type, ordinal }) => valueToJson(type, row.values[ordinal] ?? null)),
  );
}

describe.each(allTypes)('%s', (_, type) => {
  const table = makeTable({
    columns: [
      { name: 'id', type: scalar('ID') },
      { name: 'c', type },
    ],
  });
  const decoder = createDecoder(table);

  test('comes out as it went in, whichever way the producer writes it', () => {
    fc.assert(
      fc.property(valuesOf(type), (value) => {
        for (const json of [valueToJson(type, value), produced(type, value)]) {
          const decoded = decoder(record('k', `{"x":[1,{"c":2}], "c" : ${json} }`));
          expect(decoded).toMatchObject({ kind: 'row' });
          const read = decoded.kind === 'row' ? (decoded.row.values[1] ?? null) : null;
          expect(equalValues(type, read, value)).toBe(true);
          if (decoded.kind === 'row') checkStored(table, decoded.row);
          const stored = valueToJson(type, read);
          expect(equalValues(type, valueFromJson(type, stored), read)).toBe(true);
          expect(valueToJson(type, valueFromJson(type, stored))).toBe(stored);
        }
      }),
      { numRuns: 150 },
    );
  });
});

const everything: TableSpec['columns'] = allTypes.map(([, type], i) => ({ name: `c${i}`, type }));
const formats: readonly KeyFormat[] = ['STRING', 'JSON', 'LONG', 'NONE'];
const specs: readonly TableSpec[] = formats.flatMap((keyFormat) => [
  { keyFormat, columns: [{ name: 'id', type: scalar('ID') }, ...everything] },
  {
    keyFormat,
    mode: 'APPEND',
    columns: [
      { name: 'id', type: scalar('BigInt') },
      { name: 'p', type: scalar('Decimal'), source: { kind: 'value', path: ['a', 'b'] } },
      { name: 'k', type: scalar('JSON'), source: { kind: 'key', path: ['a'] } },
      { name: 'h', type: scalar('JSON'), source: { kind: 'header', name: 'h' } },
      { name: 't', type: scalar('DateTime'), source: { kind: 'meta', meta: 'TIMESTAMP' } },
      { name: 'm', type: scalar('Int'), source: { kind: 'meta', meta: 'KEY' } },
    ],
  },
  {
    keyFormat,
    columns: [{ name: 'id', type: scalar('Decimal') }, ...everything],
    accept: (column) => ({
      kind: 'or',
      parts: everything.map(({ name }) => ({
        kind: 'compare',
        column: column(name),
        path: [],
        type: column(name).type,
        op: 'isNull',
        operand: false,
        insensitive: false,
      })),
    }),
  },
]);

/** What a short cut might get wrong: escapes, halves of pairs, numbers that JSON.parse changes, strings of plain text that are none. */
const tricky = fc.constantFrom(
  '-0',
  '0e0',
  '1E3',
  '1e-7',
  '1e400',
  '-1.0',
  '123456789012345678901234567890',
  '9007199254740993',
  '1.10',
  '0.1e1',
  '"\\u0041"',
  '"\\ud83d\\ude00"',
  '"\\ud83d"',
  '"\\ude00\\ud83d"',
  '"\\""',
  '"\\\\"',
  '"\\/"',
  '"\\u0000"',
  '"\\n"',
  '"é😀"',
  '"\u2028"',
  '"\u007f"',
  `"${'x'.repeat(200)}"`,
  `"${'x'.repeat(95)}é"`,
  ' "a" ',
  '\n1\t',
  '"2026-01-01T00:00:00+01:00"',
  '"2026-01-01T00:00:00.1234567Z"',
  '"ROCK"',
  '[ 1 , [ ] ]',
  '{"a":1,"a":2}',
  '{ "b" : 0.10 }',
  '""',
  'true',
  'null',
);
const columnNames = fc.constantFrom('id', 'a', 'b', '__proto__', ...everything.map(({ name }) => name));

/** JSON near to what the columns want: right names, any values, now and then a name twice. */
const nearly = fc
  .array(fc.tuple(columnNames, fc.oneof(jsonTexts, tricky)), { maxLength: 12 })
  .map((members) => `{${members.map(([name, json]) => `"${name}":${json}`).join(',')}}`);
const broken = fc.tuple(nearly, fc.nat(), fc.nat(255)).map(([json, at, byte]) => {
  const bytes = Buffer.from(json);
  bytes[at % bytes.length] = byte;
  return bytes;
});
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  nearly.map((json) => Buffer.from(json)),
  nearly.map((json) => Buffer.from(`\uFEFF${json}`)),
  nearly.map((json) => Buffer.from(` \n${json}\r\t`)),
  // A byte that begins no character, and one that is cut off.
  nearly.map((json) => Buffer.from(json.replace('é', '\u00ff'), 'latin1')),
  broken,
  jsonTexts.map((json) => Buffer.from(json)),
  fc.integer({ min: 0, max: 300 }).map((depth) => Buffer.from('{"a":'.repeat(depth) + '1' + '}'.repeat(depth))),
);
const records = fc
  .record({
    key: fc.option(bytes),
    value: fc.option(fc.option(bytes, { nil: undefined })),
    header: fc.option(bytes),
    timestampMs: fc.oneof(fc.integer(), fc.maxSafeInteger()),
  })
  .map(({ key, value, header, timestampMs }) => record(key, value, { timestampMs, ...headers({ h: header }) }));

test('whatever the bytes, a decoder says the same every time, names a code, and does not throw', () => {
  const tables = specs.map(makeTable);
  const decoders = tables.map((table) => createDecoder(table));
  const kinds = new Map<string, number>();
  fc.assert(
    fc.property(records, (from) => {
      tables.forEach((table, i) => {
        const decoded = decoders[i]?.(from);
        expect(createDecoder(table)(from)).toEqual(decoded);
        if (decoded?.kind === 'row') checkStored(table, decoded.row);
        const said = decoded?.kind === 'bad' ? decoded.code : (decoded?.kind ?? '');
        // UNREADABLE would be an exception caught.
        expect(['row', 'delete', 'foreign', ...badRecordCodes.filter((code) => code !== 'UNREADABLE')]).toContain(said);
        kinds.set(said, (kinds.get(said) ?? 0) + 1);
      });
    }),
    // A seed that reaches every kind below; the other properties of this file take another one every time.
    { numRuns: 1_000, seed: 20_261_121 },
  );
  // The generator reaches everything worth reaching.
  const reached = 'row delete foreign TYPE UTF8 JSON DEPTH KEY_NULL KEY_FORMAT KEY_MISMATCH VALUE_ABSENT'.split(' ');
  expect([...kinds.keys()]).toEqual(expect.arrayContaining(reached));
});

test('text is stored as JSON.parse and JSON.stringify say, numbers digit for digit, however they are spelt', () => {
  const types = {
    s: scalar('String'),
    i: scalar('BigInt'),
    d: scalar('Decimal'),
    j: scalar('JSON'),
    f: scalar('Float'),
  };
  const table = makeTable({
    columns: [{ name: 'id', type: scalar('ID') }, ...Object.entries(types).map(([name, type]) => ({ name, type }))],
  });
  const decoder = createDecoder(table);
  const layout = { table, columnIds: table.columns.map((_, i) => i), columnCount: table.columns.length };
  const format = { layout, writeRow: createRowWriter(layout), valuesAsked: false };
  const unit = fc.constantFrom(
    'a',
    ' ',
    'é',
    '😀',
    '\u007f',
    '\u2028',
    '\\"',
    '\\\\',
    '\\/',
    '\\n',
    '\\u0000',
    '\\u00e9',
    '\\ud83d\\ude00',
  );
  const texts = fc.array(unit, { maxLength: 120 }).map((units) => `"${units.join('')}"`);
  const digits = fc.stringMatching(/^-?[1-9]\d{0,40}$/);
  const fractions = fc.stringMatching(/^-?(0|[1-9]\d{0,20})\.\d{1,20}$/);
  const blanks = fc.constantFrom('', ' ', '\n', '\t\r');
  fc.assert(
    fc.property(texts, texts, digits, fractions, fractions, blanks, (first, text, whole, fraction, float, blank) => {
      // The last of a name wins.
      const json = `{"s":${first},"s"${blank}:${blank}${text},"i":${whole},"d":${fraction}${blank},"j":[${whole},${blank}${fraction}],"f":${float}}`;
      const decoded = decoder(record('k', json));
      if (decoded.kind !== 'row') throw new Error(JSON.stringify(decoded));
      const image = RowImage.ofNew(format, decoded.row);
      expect(table.columns.map((column) => image.json(column))).toEqual([
        '"k"',
        JSON.stringify(JSON.parse(text)),
        `"${whole}"`,
        `"${fraction}"`,
        `[${whole},${fraction}]`,
        String(Number(float) + 0),
      ]);
    }),
    { numRuns: 300 },
  );
});

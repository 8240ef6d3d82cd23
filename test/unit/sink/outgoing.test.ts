import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TopicTable } from '../../../src/catalog/catalog.ts';
import { createDecoder } from '../../../src/decode/decode.ts';
import type { ScalarName, Value } from '../../../src/model/value.ts';
import { keyOfText, keyTextOf, outgoingOf } from '../../../src/sink/outgoing.ts';
import { compareKeys, encodeKey } from '../../../src/store/keys.ts';
import { valuesOf } from '../../support/arbitrary-values.ts';
import { toRow } from '../../support/memory-reader.ts';
import { enumOf, makeTable, scalar } from '../../support/make-table.ts';

const keyScalars: readonly ScalarName[] = [
  'ID',
  'String',
  'Int',
  'BigInt',
  'Boolean',
  'Decimal',
  'DateTime',
  'Date',
  'UUID',
  'Duration',
];
const keyTypes = [...keyScalars.map(scalar), enumOf('ROCK', 'JAZZ')];

test.each(keyTypes)('the key of one column $scalar is read as it was written', (type) => {
  const table = makeTable({ columns: [{ name: 'id', type }] });
  fc.assert(
    fc.property(fc.option(valuesOf(type)), (value) => {
      const key = encodeKey(table.key, [value]);
      expect(keyOfText(table, keyTextOf(table, key))).toEqual(key);
    }),
  );
});

test('the key of several columns is read as it was written, nulls included', () => {
  const columns = keyTypes.map((type, i) => ({ name: `c${i}`, type }));
  const table = makeTable({ columns, key: columns.map(({ name }) => name) });
  fc.assert(
    fc.property(fc.tuple(...keyTypes.map((type) => fc.option(valuesOf(type)))), (values) => {
      const key = encodeKey(table.key, values);
      expect(keyOfText(table, keyTextOf(table, key))).toEqual(key);
    }),
  );
});

test.each(keyTypes)('text that is no key of type $scalar is none', (type) => {
  const table = makeTable({ columns: [{ name: 'id', type }] });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const key = keyOfText(table, text);
      if (key !== undefined) expect(keyTextOf(table, key)).toBe(text);
    }),
  );
});

const scalars: readonly ScalarName[] = [...keyScalars, 'Float', 'Bytes', 'JSON'];

/** As the schema would have it of a table that reads the sink's topic. */
function readerOf(key: readonly string[]): TopicTable {
  const columns = scalars.map((name) => ({ name: `c${name}`, type: scalar(name) }));
  return makeTable({ columns, key, keyFormat: key.length === 1 ? 'STRING' : 'JSON' });
}

test.each([[['cID']], [['cDateTime']], [['cInt', 'cDecimal', 'cString']]])(
  'a table with the key %j that reads the records has the same rows, digit for digit',
  (key) => {
    const table = readerOf(key);
    const decode = createDecoder(table);
    fc.assert(
      fc.property(
        fc.tuple(
          ...table.columns.map((column) => (table.key.includes(column) ? valuesOf(column.type) : orNull(column))),
        ),
        fc.integer({ min: 0, max: 2 ** 45 }),
        (values, timestampMs) => {
          const row = toRow({
            key: encodeKey(table.key, keyOf(table, values)),
            values,
            partition: 0,
            offset: 0,
            timestampMs,
          });
          const sent = outgoingOf(table, table.columns, row.key, row, timestampMs);
          const decoded = decode({
            topic: 'out',
            partition: 0,
            offset: 0,
            timestampMs: sent.timestampMs,
            key: Buffer.from(sent.key),
            value: Buffer.from(sent.value ?? ''),
            headers: new Map(),
          });
          if (decoded.kind !== 'row') throw new Error(JSON.stringify(decoded));
          const read = toRow(decoded.row);
          expect(compareKeys(read.key, row.key)).toBe(0);
          for (const column of table.columns) {
            // A key is written canonically: what it says is the same.
            if (!table.key.includes(column)) expect(read.json(column)).toBe(row.json(column));
          }
        },
      ),
    );
  },
);

function orNull({ type }: TopicTable['columns'][number]): fc.Arbitrary<Value> {
  return fc.option(valuesOf(type));
}

function keyOf(table: TopicTable, values: readonly Value[]): readonly Value[] {
  return table.key.map(({ ordinal }) => values[ordinal] ?? null);
}

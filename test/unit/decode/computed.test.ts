import { describe, expect, test } from 'vitest';
import type { TopicTable } from '../../../src/catalog/catalog.ts';
import type { Column } from '../../../src/catalog/column.ts';
import { assignTo } from '../../../src/catalog/expression-assign.ts';
import { compileExpression } from '../../../src/catalog/expression.ts';
import { scopeOf } from '../../../src/catalog/expression-scope.ts';
import { createDecoder } from '../../../src/decode/decode.ts';
import type { CompareOp, Predicate } from '../../../src/model/predicate.ts';
import type { Value } from '../../../src/model/value.ts';
import type { SourceRecord } from '../../../src/source/source.ts';
import { enumOf, makeTable, scalar } from '../../support/make-table.ts';
import type { TableSpec } from '../../support/make-table.ts';
import { headers, record } from './record.ts';
import { id, told } from './told.ts';

/** The table with these columns computed, each by its expression over the others. */
function withComputed(spec: TableSpec, expressions: Readonly<Record<string, string>>): TopicTable {
  const columns = spec.columns.map((column) =>
    expressions[column.name] === undefined ? column : { ...column, source: { kind: 'computed' as const } },
  );
  const table = makeTable({ ...spec, columns });
  const scope = scopeOf(() => undefined, table, { relations: false });
  for (const column of table.columns) {
    const text = expressions[column.name];
    if (text === undefined) continue;
    const expression = assignTo(compileExpression(scope, text, column.type), column.type, column.required);
    if (typeof expression === 'string') throw new Error(expression);
    Object.assign(column, { expression });
  }
  return table;
}

function decode(table: TopicTable, from: SourceRecord): unknown {
  return told(table, createDecoder(table)(from));
}

const compare = (column: Column, op: CompareOp, operand: Value): Predicate => ({
  kind: 'compare',
  column,
  path: [],
  type: column.type,
  op,
  operand,
  insensitive: false,
});

describe('computed columns', () => {
  // Each before what it reads, so that the order of declaration is not the order of dependency.
  const columns = [
    id,
    { name: 'gross', type: scalar('Decimal') },
    { name: 'net', type: scalar('Decimal') },
    { name: 'price', type: scalar('Decimal') },
    { name: 'quantity', type: scalar('Int'), default: 1 },
    { name: 'size', type: enumOf('SMALL', 'LARGE'), required: true },
    { name: 'each', type: scalar('Int') },
  ];
  const orders = withComputed(
    { columns },
    {
      gross: 'net * 1.2',
      net: 'price * quantity',
      size: 'case(quantity > 9, "LARGE", "SMALL")',
      each: '100 / quantity == 33 ? 1 : toInt(100 / quantity)',
    },
  );

  test('follow from the other columns, defaults and computed ones included', () => {
    expect(decode(orders, record('a', '{"price":"1.50","quantity":10}'))).toEqual({
      id: '"a"',
      gross: '"18"',
      net: '"15"',
      price: '"1.50"',
      quantity: '10',
      size: '"LARGE"',
      each: '10',
    });
    expect(decode(orders, record('a', '{"price":0.1}'))).toMatchObject({ net: '"0.1"', gross: '"0.12"', each: '100' });
    expect(decode(orders, record('a', '{}'))).toMatchObject({ net: 'null', gross: 'null', size: '"SMALL"' });
  });

  test('are not read from the record', () => {
    expect(decode(orders, record('a', '{"price":"2","net":"77","gross":{"x":1},"size":"NONE"}'))).toMatchObject({
      net: '"2"',
      gross: '"2.4"',
      size: '"SMALL"',
    });
  });

  test('one without a value makes the record bad, and the reason quotes nothing of it', () => {
    expect(decode(orders, record('a', '{"quantity":0}'))).toBe(
      'EXPRESSION: column `each`: 100 / quantity: division by zero',
    );
    const narrow = withComputed(
      { columns: [id, { name: 'n', type: scalar('Int') }, { name: 'm', type: scalar('Int') }] },
      { m: 'n * 2' },
    );
    expect(decode(narrow, record('a', '{"n":1073741823}'))).toMatchObject({ m: '2147483646' });
    expect(decode(narrow, record('a', '{"n":1073741824}'))).toBe(
      'EXPRESSION: column `m`: n * 2 is not within the 32 bits of Int',
    );
  });

  test('a column that cannot be read is told before what is computed from it', () => {
    expect(decode(orders, record('a', '{"quantity":"x","price":"y"}'))).toMatch(/^TYPE: column `price`/);
  });

  test('a tombstone needs none of them', () => {
    expect(decode(orders, record('a', null))).toBe('delete');
  });

  test('one that a decoder is reused for does not see the record before', () => {
    const decoder = createDecoder(orders);
    expect(told(orders, decoder(record('a', '{"price":"2"}')))).toMatchObject({ net: '"2"' });
    expect(told(orders, decoder(record('b', '{}')))).toMatchObject({ net: 'null' });
  });
});

describe('accept with computed columns', () => {
  const columns = [
    id,
    { name: 'kind', type: enumOf('SONG', 'ALBUM') },
    { name: 'n', type: scalar('Int') },
    { name: 'h', type: scalar('Int'), source: { kind: 'header' as const, name: 'h' } },
    { name: 'twice', type: scalar('BigInt') },
    { name: 'wanted', type: scalar('Boolean') },
    { name: 'far', type: scalar('Boolean') },
  ];
  const table = (accept: (column: (name: string) => Column) => Predicate): TopicTable =>
    withComputed({ columns, accept }, { twice: '2 * n', wanted: 'kind == "SONG" && twice > 10', far: 'h / h > 0' });
  const wanted = table((column) => compare(column('wanted'), 'eq', true));

  test.each<[string, SourceRecord, unknown]>([
    ['what matches', record('a', '{"kind":"SONG","n":6}'), { wanted: 'true', twice: '"12"' }],
    ['what does not', record('a', '{"kind":"SONG","n":5}'), 'foreign'],
    ['unknown', record('a', '{"kind":"SONG"}'), 'foreign'],
    ['a name that the enum does not have', record('a', '{"kind":"X","n":6}'), 'foreign'],
    ['another kind, whose columns cannot be read', record('a', '{"kind":"ALBUM","n":"x"}'), 'foreign'],
    [
      'a column that decides and cannot be read',
      record('a', '{"kind":"SONG","n":"x"}'),
      'TYPE: column `n`: expected Int, got a string',
    ],
    ['a tombstone', record('a', null), 'delete'],
  ])('%s', (_, from, expected) => {
    const decoded = decode(wanted, from);
    if (typeof expected === 'string') expect(decoded).toBe(expected);
    else expect(decoded).toMatchObject(expected as object);
  });

  test('a part that needs no value is asked of tombstones, too', () => {
    const far = table((column) => compare(column('far'), 'eq', true));
    expect(decode(far, record('a', null, headers({ h: '1' })))).toBe('delete');
    expect(decode(far, record('a', null))).toBe('foreign');
    expect(decode(far, record('a', 'no json'))).toBe('foreign');
    expect(decode(far, record('a', '{}', headers({ h: '0' })))).toBe(
      'EXPRESSION: column `far`: h / h: division by zero',
    );
    expect(decode(far, record('a', '{}', headers({ h: 'x' })))).toMatch(/^TYPE: column `h`/);
  });

  test('a computed column that can be read does not hide another that cannot', () => {
    const both = table((column) => ({
      kind: 'and',
      parts: [compare(column('n'), 'gt', 5), compare(column('far'), 'eq', true)],
    }));
    expect(decode(both, record('a', '{"n":"x"}', headers({ h: '1' })))).toMatch(/^TYPE: column `n`/);
    expect(decode(both, record('a', '{"n":6}', headers({ h: '1' })))).toMatchObject({ n: '6' });
  });

  test('what an expression makes of a column that cannot be read says nothing', () => {
    const spec = { columns: [id, { name: 'n', type: scalar('Int') }, { name: 'm', type: scalar('BigInt') }] };
    const small = withComputed(
      { ...spec, accept: (column) => compare(column('m'), 'gt', 5n) },
      { m: '6 / coalesce(n, 0) > 1 ? 1 : 2' },
    );
    expect(decode(small, record('a', '{"n":"x"}'))).toMatch(/^TYPE: column `n`/);
    expect(decode(small, record('a', '{}'))).toMatch(/^EXPRESSION: column `m`/);
    expect(decode(small, record('a', '{"n":1}'))).toBe('foreign');
  });
});

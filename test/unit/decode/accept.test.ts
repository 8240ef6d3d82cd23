import { describe, expect, test } from 'vitest';
import type { Column } from '../../../src/catalog/column.ts';
import type { CompareOp, Predicate } from '../../../src/model/predicate.ts';
import type { Value } from '../../../src/model/value.ts';
import type { SourceRecord } from '../../../src/source/source.ts';
import { enumOf, scalar } from '../../support/make-table.ts';
import type { TableSpec } from '../../support/make-table.ts';
import { headers, record } from './record.ts';
import { decode, id } from './told.ts';

describe('accept', () => {
  const compare = (column: Column, op: CompareOp, operand: Value): Predicate => ({
    kind: 'compare',
    column,
    path: [],
    type: column.type,
    op,
    operand,
    insensitive: false,
  });
  const shared: TableSpec = {
    columns: [
      id,
      { name: 'kind', type: enumOf('SONG'), required: true },
      { name: 'n', type: scalar('Int'), required: true },
      { name: 'h', type: scalar('Int'), source: { kind: 'header', name: 'h' } },
    ],
    accept: (column) => compare(column('kind'), 'eq', 'SONG'),
  };

  test.each<[string, SourceRecord, unknown]>([
    ['a matching record', record('k', '{"kind":"SONG","n":1}'), { id: '"k"', kind: '"SONG"', n: '1', h: 'null' }],
    ['a name that the enum does not have', record('k', '{"kind":"ARTIST"}'), 'foreign'],
    ['no kind', record('k', '{"n":1}'), 'foreign'],
    ['another kind with another key', record(null, '{"kind":"ARTIST","n":"x"}'), 'foreign'],
    [
      'a matching record that is bad',
      record('k', '{"kind":"SONG","n":"x"}'),
      'TYPE: column `n`: expected Int, got a string',
    ],
    [
      'a kind that cannot be read',
      record('k', '{"kind":5,"n":1}'),
      'TYPE: column `kind`: expected Genre, got a number',
    ],
    ['a value that cannot be read', record('k', '{'), 'JSON: the value is not JSON (byte 1)'],
    ['a tombstone', record('k', null), 'delete'],
  ])('%s', (_, from, expected) => {
    expect(decode(shared, from)).toEqual(expected);
  });

  test('an unknown name that is not ruled out is a bad record, not a foreign one', () => {
    const spec: TableSpec = { ...shared, accept: (column) => compare(column('kind'), 'neq', 'SONG') };
    expect(decode(spec, record('k', '{"kind":"NEW"}'))).toMatch(/^ENUM: column `kind`/);
    expect(decode(spec, record('k', '{"kind":"SONG"}'))).toBe('foreign');
  });

  test('parts that need no value are asked before it is read, and of tombstones', () => {
    const spec: TableSpec = {
      ...shared,
      accept: (column) => ({ kind: 'and', parts: [compare(column('h'), 'eq', 1), compare(column('n'), 'gt', 5)] }),
    };
    const avro = Buffer.from([0, 0, 0, 0, 1, 0xff]);
    expect(decode(spec, record(null, avro, headers({ h: '2' })))).toBe('foreign');
    expect(decode(spec, record('k', null, headers({ h: '2' })))).toBe('foreign');
    expect(decode(spec, record('k', null))).toBe('foreign');
    expect(decode(spec, record('k', null, headers({ h: '1' })))).toBe('delete');
    expect(decode(spec, record('k', avro, headers({ h: '1' })))).toMatch(/^UTF8/);
    expect(decode(spec, record('k', '{"kind":"SONG","n":6}', headers({ h: '1' })))).toMatchObject({ n: '6' });
    expect(decode(spec, record('k', '{"kind":"SONG","n":5}', headers({ h: '1' })))).toBe('foreign');
    expect(decode(spec, record('k', '{"kind":"SONG","n":6}', headers({ h: 'x' })))).toMatch(/^TYPE: column `h`/);
  });

  test('a default counts, and key columns are read from the key', () => {
    const spec: TableSpec = {
      columns: [id, { name: 'n', type: scalar('Int'), default: 7 }],
      accept: (column) => ({
        kind: 'and',
        parts: [compare(column('n'), 'eq', 7), compare(column('id'), 'startsWith', 'a')],
      }),
    };
    expect(decode(spec, record('ab', '{}'))).toEqual({ id: '"ab"', n: '7' });
    expect(decode(spec, record('b', '{}'))).toBe('foreign');
    expect(decode(spec, record('b', null))).toBe('foreign');
    expect(decode(spec, record('ab', '{"n":8}'))).toBe('foreign');
  });
});

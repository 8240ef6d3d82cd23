import { describe, expect, test } from 'vitest';
import type { Column } from '../../../src/catalog/column.ts';
import { createDecoder } from '../../../src/decode/decode.ts';
import type { ColumnType } from '../../../src/model/value.ts';
import type { SourceRecord } from '../../../src/source/source.ts';
import { enumOf, listOf, makeTable, scalar } from '../../support/make-table.ts';
import type { TableSpec } from '../../support/make-table.ts';
import { headers, record } from './record.ts';
import { decode, id } from './told.ts';

describe('values that are no JSON of ours', () => {
  const spec: TableSpec = { columns: [id, { name: 'c', type: scalar('JSON') }] };
  test.each<[string, unknown, string]>([
    ['empty', '', 'JSON: the value is not JSON: it is empty'],
    ['cut off', '{"c":', 'JSON: the value is not JSON (byte 5)'],
    ['with something behind it', '{"c":1} x', 'JSON: the value is not JSON (byte 8)'],
    ['with a byte order mark', '\uFEFF{}', 'JSON: the value is not JSON: it begins with a byte order mark'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'UTF8: the value is not valid UTF-8'],
    ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'UTF8: the value is not valid UTF-8'],
    ['NaN', '{"c":NaN}', 'JSON: the value is not JSON (byte 5)'],
    ['a list', '[1]', 'TYPE: expected the value to be an object, got a list'],
    ['null', 'null', 'TYPE: expected the value to be an object, got null'],
    ['too deep', `{"x":${'['.repeat(64)}${']'.repeat(64)}}`, 'DEPTH: the value is nested more than 64 deep'],
    ['absurdly deep', '['.repeat(400_000) + ']'.repeat(400_000), 'DEPTH: the value is nested more than 64 deep'],
    [
      'too long',
      `{"c":"${'x'.repeat(1_048_576)}"}`,
      'VALUE_TOO_LARGE: the value has 1048584 bytes, more than the 1048576 that are read',
    ],
  ])('%s', (_, value, expected) => {
    expect(decode(spec, record('k', value))).toBe(expected);
  });

  test('64 deep is read', () => {
    const json = `${'['.repeat(63)}${']'.repeat(63)}`;
    expect(decode(spec, record('k', `{"c":${json}}`))).toEqual({ id: '"k"', c: json });
  });

  test('the limit of bytes can be set', () => {
    const decoder = createDecoder(makeTable(spec), { maxValueBytes: 10 });
    expect(decoder(record('k', '{"c":1234}')).kind).toBe('row');
    expect(decoder(record('k', '{"c":12345}'))).toMatchObject({ code: 'VALUE_TOO_LARGE' });
  });

  test('no value, and a line that is no record', () => {
    expect(decode(spec, record('k', undefined))).toBe(
      'VALUE_ABSENT: the record has no value (a tombstone has the value null)',
    );
    expect(decode(spec, record(null, undefined, { unreadable: 'line 7 is no JSON' }))).toBe(
      'UNREADABLE: line 7 is no JSON',
    );
  });

  test('reasons never quote the record', () => {
    const secret = 'hunter2hunter2';
    const columns = [id, { name: 'c', type: scalar('Int') }, { name: 'd', type: enumOf('A') }];
    for (const value of [
      `{"c":"${secret}"}`,
      `{"d":"${secret}"}`,
      `{"c":${secret}}`,
      `${secret}`,
      `{"id":"${secret}"}`,
    ]) {
      const said = decode({ columns }, record(secret.slice(1), value));
      expect(said).toMatch(/^[A-Z_]+: /);
      expect(said).not.toContain('hunter');
    }
  });
});

describe('sources', () => {
  const of = (type: ColumnType, source: Column['source'], keyFormat: TableSpec['keyFormat'] = 'STRING'): TableSpec => ({
    keyFormat,
    columns: [
      { name: 'id', type: scalar('ID'), source: { kind: 'meta', meta: 'OFFSET' } },
      { name: 'c', type, source },
    ],
  });
  const meta = (meta: Extract<Column['source'], { kind: 'meta' }>['meta']): Column['source'] => ({
    kind: 'meta',
    meta,
  });

  test.each<[string, TableSpec, SourceRecord, string]>([
    ['a path', of(scalar('Decimal'), { kind: 'value', path: ['a', 'b'] }), record('k', '{"a":{"b":1.10}}'), '"1.10"'],
    ['a path through null', of(scalar('Int'), { kind: 'value', path: ['a', 'b'] }), record('k', '{"a":null}'), 'null'],
    ['a path through nothing', of(scalar('Int'), { kind: 'value', path: ['a', 'b'] }), record('k', '{}'), 'null'],
    ['the whole value', of(scalar('JSON'), { kind: 'value', path: [] }), record('k', ' [1.10, 2] '), '[1.10,2]'],
    ['the key', of(scalar('String'), { kind: 'key', path: [] }), record('k', '{}'), '"k"'],
    ['the key of a record without', of(scalar('String'), { kind: 'key', path: [] }), record(null, '{}'), 'null'],
    [
      'the JSON key',
      of(scalar('BigInt'), { kind: 'key', path: [] }, 'JSON'),
      record('9007199254740993', '{}'),
      '"9007199254740993"',
    ],
    [
      'a path in the key',
      of(scalar('Decimal'), { kind: 'key', path: ['a', 'b'] }),
      record('{"a":{"b":1.10}}', '{}'),
      '"1.10"',
    ],
    ['a header', of(scalar('String'), { kind: 'header', name: 'h' }), record('k', '{}', headers({ h: 'é' })), '"é"'],
    [
      'a number in a header',
      of(scalar('Int'), { kind: 'header', name: 'h' }),
      record('k', '{}', headers({ h: '12' })),
      '12',
    ],
    [
      'JSON in a header',
      of(scalar('JSON'), { kind: 'header', name: 'h' }),
      record('k', '{}', headers({ h: '{ "a": 1.10 }' })),
      '{"a":1.10}',
    ],
    [
      'a list in a header',
      of(listOf(scalar('Decimal')), { kind: 'header', name: 'h' }),
      record('k', '{}', headers({ h: '[1.10]' })),
      '["1.10"]',
    ],
    [
      'a header that is null',
      of(scalar('Int'), { kind: 'header', name: 'h' }),
      record('k', '{}', headers({ h: null })),
      'null',
    ],
    ['a header that is not there', of(scalar('Int'), { kind: 'header', name: 'h' }), record('k', '{}'), 'null'],
    ['KEY', of(scalar('String'), meta('KEY')), record('k', '{}'), '"k"'],
    ['TIMESTAMP', of(scalar('DateTime'), meta('TIMESTAMP')), record('k', '{}'), '"2023-11-14T22:13:20.123Z"'],
    ['TIMESTAMP as BigInt', of(scalar('BigInt'), meta('TIMESTAMP')), record('k', '{}'), '"1700000000123"'],
    ['PARTITION', of(scalar('Int'), meta('PARTITION')), record('k', '{}'), '3'],
    ['OFFSET', of(scalar('BigInt'), meta('OFFSET')), record('k', '{}'), '"42"'],
    ['OFFSET as String', of(scalar('String'), meta('OFFSET')), record('k', '{}'), '"42"'],
    ['TOPIC', of(scalar('String'), meta('TOPIC')), record('k', '{}'), '"things"'],
    ['COORDINATES', of(scalar('ID'), meta('COORDINATES')), record('k', '{}'), '"3-0000000000000042"'],
  ])('%s', (_, spec, from, expected) => {
    expect(decode(spec, from)).toEqual({ id: '"42"', c: expected });
  });

  test.each<[string, TableSpec, SourceRecord, string]>([
    [
      'a path through a number',
      of(scalar('Int'), { kind: 'value', path: ['a', 'b'] }),
      record('k', '{"a":5}'),
      'TYPE: column `c`: expected an object with a field `b`, got a number',
    ],
    [
      'a header that is no UTF-8',
      of(scalar('String'), { kind: 'header', name: 'h' }),
      record('k', '{}', headers({ h: Buffer.from([0xff]) })),
      'UTF8: column `c`: the header is not valid UTF-8',
    ],
    [
      'a header of another type',
      of(scalar('Int'), { kind: 'header', name: 'h' }),
      record('k', '{}', headers({ h: 'x' })),
      'TYPE: column `c`: expected Int, got text that is none',
    ],
    [
      'OFFSET beyond Int',
      of(scalar('Int'), meta('OFFSET')),
      record('k', '{}', { offset: 2 ** 40 }),
      'RANGE: column `c`: beyond the 32 bits of Int',
    ],
  ])('refuses %s', (_, spec, from, expected) => {
    expect(decode(spec, from)).toBe(expected);
  });

  test('a value that no column reads may be anything', () => {
    expect(decode(of(scalar('String'), meta('KEY')), record('k', Buffer.from([0, 1, 0xff])))).toEqual({
      id: '"42"',
      c: '"k"',
    });
  });
});

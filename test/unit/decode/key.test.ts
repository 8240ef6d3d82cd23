import { describe, expect, test } from 'vitest';
import type { Column } from '../../../src/catalog/column.ts';
import { createDecoder } from '../../../src/decode/decode.ts';
import type { ColumnType } from '../../../src/model/value.ts';
import { encodeKey } from '../../../src/store/keys.ts';
import { enumOf, makeTable, scalar } from '../../support/make-table.ts';
import type { TableSpec } from '../../support/make-table.ts';
import { record } from './record.ts';
import { decode, id, told } from './told.ts';

describe('keys', () => {
  const one = (type: ColumnType, keyFormat: TableSpec['keyFormat'], path = ['id']): TableSpec => ({
    keyFormat: keyFormat ?? 'STRING',
    columns: [{ name: 'id', type, source: { kind: 'value', path } }],
  });
  const int64 = (value: bigint): Uint8Array => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return bytes;
  };

  test.each<[string, TableSpec, string | Uint8Array, unknown]>([
    ['text', one(scalar('ID'), 'STRING'), 'a/b é', '"a/b é"'],
    ['empty text', one(scalar('ID'), 'STRING'), '', '""'],
    ['an Int from digits', one(scalar('Int'), 'STRING'), '-12', '-12'],
    ['a BigInt from digits', one(scalar('BigInt'), 'STRING'), '9007199254740993', '"9007199254740993"'],
    ['a Decimal from text', one(scalar('Decimal'), 'STRING'), '1.10', '"1.10"'],
    ['a DateTime from text', one(scalar('DateTime'), 'STRING'), '2026-11-21T10:00:00Z', '"2026-11-21T10:00:00.000Z"'],
    ['a DateTime from milliseconds', one(scalar('DateTime'), 'STRING'), '1700000000123', '"2023-11-14T22:13:20.123Z"'],
    [
      'a UUID',
      one(scalar('UUID'), 'STRING'),
      'F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6',
      '"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"',
    ],
    ['an enum', one(enumOf('A', 'B'), 'STRING'), 'B', '"B"'],
    ['a Boolean', one(scalar('Boolean'), 'STRING'), 'true', 'true'],
    ['a Float', one(scalar('Float'), 'STRING'), '1.5e3', '1500'],
    ['a bare JSON string', one(scalar('ID'), 'JSON'), '"a"', '"a"'],
    ['a bare JSON number', one(scalar('ID'), 'JSON'), ' 12345678901234567890 ', '"12345678901234567890"'],
    ['a JSON member', one(scalar('BigInt'), 'JSON'), '{"id": 9007199254740993, "x": 1}', '"9007199254740993"'],
    ['a JSON member under its name in the value', one(scalar('ID'), 'JSON', ['song_id']), '{"song_id":"a"}', '"a"'],
    ['a long as BigInt', one(scalar('BigInt'), 'LONG'), int64(-(2n ** 63n)), '"-9223372036854775808"'],
    ['a long as ID', one(scalar('ID'), 'LONG'), int64(9007199254740993n), '"9007199254740993"'],
    ['a long as Int', one(scalar('Int'), 'LONG'), int64(-5n), '-5'],
    ['a long as DateTime', one(scalar('DateTime'), 'LONG'), int64(1_700_000_000_123n), '"2023-11-14T22:13:20.123Z"'],
  ])('reads %s', (_, spec, key, expected) => {
    expect(decode(spec, record(key, '{}'))).toEqual({ id: expected });
    const table = makeTable(spec);
    const [row, tombstone] = [createDecoder(table)(record(key, '{}')), createDecoder(table)(record(key, null))];
    expect(tombstone).toEqual({ kind: 'delete', key: row.kind === 'row' ? row.row.key : undefined });
  });

  test.each<[string, TableSpec, string | Uint8Array | null, string]>([
    [
      'null',
      one(scalar('ID'), 'STRING'),
      null,
      'KEY_NULL: column `id`: it is read from the record key, and the record has none',
    ],
    [
      'null for JSON',
      one(scalar('ID'), 'JSON'),
      null,
      'KEY_NULL: column `id`: it is read from the record key, and the record has none',
    ],
    ['JSON null', one(scalar('ID'), 'JSON'), 'null', 'KEY_NULL: column `id`: the record key has no value for it'],
    [
      'JSON without the member',
      one(scalar('ID'), 'JSON'),
      '{"x":1}',
      'KEY_NULL: column `id`: the record key has no value for it',
    ],
    [
      'JSON that is none',
      one(scalar('ID'), 'JSON'),
      'abc',
      'KEY_FORMAT: column `id`: the record key is not JSON (byte 0)',
    ],
    ['JSON of another type', one(scalar('ID'), 'JSON'), 'true', 'KEY_FORMAT: column `id`: expected ID, got a boolean'],
    [
      'text for Int',
      one(scalar('Int'), 'STRING'),
      'abc',
      'KEY_FORMAT: column `id`: expected Int, got text that is none',
    ],
    [
      'empty text for Int',
      one(scalar('Int'), 'STRING'),
      '',
      'KEY_FORMAT: column `id`: expected Int, got text that is none',
    ],
    [
      'hexadecimal for Int',
      one(scalar('Int'), 'STRING'),
      '0x10',
      'KEY_FORMAT: column `id`: expected Int, got text that is none',
    ],
    ['digits beyond Int', one(scalar('Int'), 'STRING'), '2147483648', 'RANGE: column `id`: beyond the 32 bits of Int'],
    [
      'bytes that are no UTF-8',
      one(scalar('ID'), 'STRING'),
      Buffer.from([0xff]),
      'UTF8: column `id`: the record key is not valid UTF-8',
    ],
    [
      '4 bytes for a long',
      one(scalar('Int'), 'LONG'),
      Buffer.alloc(4),
      'KEY_FORMAT: column `id`: the record key has 4 bytes; a LONG has 8',
    ],
    [
      'an unknown enum name',
      one(enumOf('A'), 'STRING'),
      'B',
      'ENUM: column `id`: expected a value of Genre, got a name that it does not have',
    ],
    [
      'a key that is too long',
      one(scalar('ID'), 'STRING'),
      'x'.repeat(5_000),
      'KEY_TOO_LONG: The key takes 5002 bytes; at most 1024 are stored. Use a shorter key.',
    ],
  ])('refuses %s', (_, spec, key, expected) => {
    expect(decode(spec, record(key, '{}'))).toBe(expected);
    expect(decode(spec, record(key, null))).toBe(expected);
  });

  test.each<Column['source']>([
    { kind: 'key', path: [] },
    { kind: 'meta', meta: 'KEY' },
  ])('a key column that says %o is read from the key', (source) => {
    const spec: TableSpec = { columns: [{ name: 'id', type: scalar('Int'), source }] };
    expect(decode(spec, record('12', '{"id":13}'))).toEqual({ id: '12' });
    expect(decode(spec, record('12', null))).toBe('delete');
    for (const value of ['{}', null]) {
      expect(decode(spec, record(null, value))).toBe(
        'KEY_NULL: column `id`: it is read from the record key, and the record has none',
      );
    }
  });

  test('composite keys come from a JSON object', () => {
    const spec: TableSpec = {
      keyFormat: 'JSON',
      key: ['song', 'user'],
      columns: [
        { name: 'user', type: scalar('ID') },
        { name: 'song', type: scalar('BigInt') },
        { name: 'n', type: scalar('Int') },
      ],
    };
    const table = makeTable(spec);
    const decoded = createDecoder(table)(record('{"user":7,"song":9007199254740993}', '{"n":1,"user":"7"}'));
    expect(told(table, decoded)).toEqual({ user: '"7"', song: '"9007199254740993"', n: '1' });
    expect(decoded).toMatchObject({
      row: {
        key: encodeKey(table.key, [9007199254740993n, '7']),
        partition: 3,
        offset: 42,
        timestampMs: 1_700_000_000_123,
      },
    });
    expect(decode(spec, record('{"user":7}', '{}'))).toBe(
      'KEY_NULL: column `song`: the record key has no value for it',
    );
    expect(decode(spec, record('7', '{}'))).toMatch(/^KEY_FORMAT: column `user`: expected a JSON object/);
  });

  test.each<[ColumnType, string, string, boolean]>([
    [scalar('ID'), '1', '1', true],
    [scalar('ID'), '1', '"1"', true],
    [scalar('ID'), '1', '"01"', false],
    [scalar('Decimal'), '1.10', '1.1', true],
    [scalar('BigInt'), '7', '"7"', true],
    [scalar('DateTime'), '1000', '"1970-01-01T00:00:01Z"', true],
    [scalar('ID'), 'a', 'null', true],
    [scalar('ID'), 'a', '"b"', false],
  ])('%o with the key %s and the value %s: the same is %s', (type, key, json, same) => {
    const said = decode(one(type, 'STRING'), record(key, `{"id":${json}}`));
    expect(said === 'KEY_MISMATCH: column `id`: the value says something else than the record key').toBe(!same);
  });

  test('with keyFormat NONE the value has the key, and a tombstone cannot say which row', () => {
    const spec = one(scalar('ID'), 'NONE');
    expect(decode(spec, record(null, '{"id":"a"}'))).toEqual({ id: '"a"' });
    expect(decode(spec, record('other', '{"id":"a"}'))).toEqual({ id: '"a"' });
    expect(decode(spec, record(null, '{}'))).toBe(
      'REQUIRED_MISSING: column `id`: a value is required, and the record has none',
    );
    expect(decode(spec, record('a', null))).toMatch(/^VALUE_ABSENT: column `id`: the key is read from the value/);
  });

  test.each(['APPEND', 'STREAM'] as const)('%s: coordinates are a key, a tombstone is a bad record', (mode) => {
    const spec: TableSpec = {
      mode,
      columns: [
        { ...id, source: { kind: 'meta', meta: 'COORDINATES' } },
        { name: 'n', type: scalar('Int') },
      ],
    };
    expect(decode(spec, record(null, '{"n":1}'))).toEqual({ id: '"3-0000000000000042"', n: '1' });
    expect(decode(spec, record('k', null))).toMatch(/^TOMBSTONE_IN_APPEND: /);
  });
});

import { expect, test } from 'vitest';
import { answer, object, type Expected } from './answer.ts';
import { Coverage } from './coverage.ts';
import { difference, printExpected, Tokens } from './difference.ts';
import { generateOperation } from './generate-query.ts';
import { parseJson, printJson } from './json.ts';
import { Meanings, World, type LogRecord } from './naive.ts';
import type { OrderTerm, PageArguments, RootSelection, Selection } from './plan.ts';
import { Random } from './random.ts';
import type { SchemaSpec, TableSpec, TypeSpec } from './spec.ts';
import { compareDecimal, compareText, parseInstant, printInstant } from './values.ts';
import { holds, type Where } from './where.ts';

const text: TypeSpec = { kind: 'scalar', scalar: 'String' };
const int: TypeSpec = { kind: 'scalar', scalar: 'Int' };
const song: TableSpec = {
  name: 'Song',
  singular: 'song',
  plural: 'songs',
  topic: 'songs',
  partitions: 1,
  mode: 'UPSERT',
  keyFormat: 'STRING',
  keyFormatWritten: false,
  key: ['id'],
  columns: [
    { name: 'id', type: { kind: 'scalar', scalar: 'ID' }, required: true },
    { name: 'title', type: text, required: true },
    { name: 'plays', type: int, required: false },
    { name: 'coverOf', type: { kind: 'scalar', scalar: 'ID' }, required: false },
  ],
  relations: [
    { name: 'original', target: 'Song', many: false, columns: ['coverOf'], references: ['id'] },
    { name: 'covers', target: 'Song', many: true, columns: ['id'], references: ['coverOf'] },
  ],
  indexes: [{ columns: ['coverOf'], unique: false }],
  retentionMs: 1000,
  limit: { default: 50, max: 1000 },
};
const schema: SchemaSpec = { tables: [song], enums: [], objects: [] };

function log(...records: (readonly [key: string | null, value: string | null, timestampMs?: number])[]): LogRecord[] {
  return records.map(([key, value, timestampMs = 0], offset) => ({
    topic: 'songs',
    partition: 0,
    offset,
    timestampMs,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: new Map(),
  }));
}

function world(records: readonly LogRecord[], next = records.length): World {
  return new World(schema, records, new Map([['songs/0', next]]), new Meanings(schema));
}

function ids(world: World): string {
  return world
    .rows(song)
    .map((row) => String(row.key[0]))
    .join();
}

test('the fold upserts, deletes, passes over bad records and stops at the next offset', () => {
  const records = log(
    ['b', '{"title":"B"}'],
    ['a', '{"title":"A"}'],
    ['a', '{"title":5}'],
    ['a', '{"id":"other","title":"A"}'],
    ['c', '{"plays":1}'],
    [null, '{"title":"?"}'],
    ['b', null],
    ['b', '{"title":"B again"}'],
  );
  expect(ids(world(records))).toBe('a,b');
  expect(ids(world(records, 7))).toBe('a');
  expect(ids(world(records, 2))).toBe('a,b');
});

test('retention looks at the record that wrote the row last', () => {
  const records = log(
    ['a', '{"title":"A"}', 5000],
    ['b', '{"title":"B"}', 5500],
    ['a', '{"title":"A"}', 6000],
    ['c', '{"title":"C"}', 6501],
  );
  expect(ids(world(records, 3))).toBe('a,b');
  expect(ids(world(records))).toBe('a,c');
});

test('a filter that compares null is unknown, and so is its negation', () => {
  const one = world(log(['a', '{"title":"A"}']));
  const row = one.rows(song)[0];
  const positive: Where = {
    members: [
      {
        kind: 'column',
        column: 'plays',
        path: [],
        insensitive: false,
        conditions: [{ op: 'gt', operand: 1, written: { t: 'num', text: '1' } }],
      },
    ],
  };
  expect(holds(one, song, positive, row)).toBe(null);
  expect(holds(one, song, { members: [{ kind: 'not', of: positive }] }, row)).toBe(null);
  expect(holds(one, song, { members: [{ kind: 'or', of: [positive, { members: [] }] }] }, row)).toBe(true);
  const related = (quantifier: 'one' | 'some' | 'every' | 'none'): Where => ({
    members: [{ kind: 'related', relation: quantifier === 'one' ? 'original' : 'covers', quantifier, of: positive }],
  });
  expect(['one', 'some', 'every', 'none'].map((q) => holds(one, song, related(q as 'one'), row))).toEqual([
    null,
    false,
    true,
    true,
  ]);
});

test('order puts nulls last upwards and first downwards, and ends with the key', () => {
  const many = world(
    log(
      ['c', '{"title":"x"}'],
      ['b', '{"title":"x","plays":2}'],
      ['a', '{"title":"x","plays":2}'],
      ['d', '{"title":"x","plays":1}'],
    ),
  );
  const select: Selection[] = [{ kind: 'column', name: 'id' }];
  const ask = (root: Partial<Extract<RootSelection, { kind: 'list' }>>): string =>
    print(answer(many, { roots: [{ kind: 'list', table: 'Song', args: {}, select, ...root }] }));
  const order = (direction: 'ASC' | 'DESC'): string => ask({ args: { orderBy: [{ column: 'plays', direction }] } });
  expect(order('ASC')).toBe('{"songs":[{"id":"d"},{"id":"a"},{"id":"b"},{"id":"c"}]}');
  expect(order('DESC')).toBe('{"songs":[{"id":"c"},{"id":"a"},{"id":"b"},{"id":"d"}]}');
  expect(ask({ args: { offset: 1, limit: 2 } })).toBe('{"songs":[{"id":"b"},{"id":"c"}]}');
});

test('a page after a cursor goes on behind its row, also where the order names columns behind the whole key', () => {
  const many = world(log(['a', '{"title":"A"}'], ['b', '{"title":"B"}'], ['c', '{"title":"C"}']));
  const orderBy: OrderTerm[] = [
    { column: 'id', direction: 'DESC' },
    { column: 'title', direction: 'DESC' },
  ];
  const page = (args: PageArguments): Expected =>
    answer(many, {
      roots: [
        {
          kind: 'connection',
          table: 'Song',
          args: { orderBy, ...args },
          parts: ['edges'],
          select: [{ kind: 'column', name: 'id' }],
        },
      ],
    });
  // A gateway's cursors, learned from its answer as from a real one.
  const tokens = new Tokens();
  const all = parseJson(
    '{"songsConnection":{"edges":[{"cursor":"at c","node":{"id":"c"}},{"cursor":"at b","node":{"id":"b"}},{"cursor":"at a","node":{"id":"a"}}]}}',
  );
  expect(difference(page({}), all, tokens)).toBe(undefined);
  const cursors = tokens.cursors(JSON.stringify(['Song', orderBy]));
  const [, atB] = cursors.map(([text, place]) => ({ text, place }));
  expect(atB).toEqual({ text: 'at b', place: { values: ['b'], key: ['b'] } });
  const edges = (id: string) => `{"songsConnection":{"edges":[{"cursor":<cursor>,"node":{"id":"${id}"}}]}}`;
  expect(print(page({ after: atB }))).toBe(edges('a'));
  expect(print(page({ before: atB }))).toBe(edges('c'));
});

test('a relation follows values and finds nothing for null', () => {
  const many = world(
    log(['a', '{"title":"A","coverOf":"b"}'], ['c', '{"title":"C","coverOf":"missing"}'], ['b', '{"title":"B"}']),
  );
  const id: Selection = { kind: 'column', name: 'id' };
  const select: Selection[] = [
    id,
    { kind: 'one', relation: 'original', select: [id] },
    { kind: 'many', relation: 'covers', args: {}, select: [id] },
  ];
  expect(print(answer(many, { roots: [{ kind: 'list', table: 'Song', args: {}, select }] }))).toBe(
    '{"songs":[{"id":"a","original":{"id":"b"},"covers":[]},{"id":"b","original":null,"covers":[{"id":"a"}]},{"id":"c","original":null,"covers":[]}]}',
  );
});

test('values keep their digits and compare by what they mean', () => {
  const json = '{"a":1.10,"b":[12345678901234567890,-0],"a":"\\u00e9"}';
  expect(printJson(parseJson(` ${json} `))).toBe(json.replace('\\u00e9', 'é'));
  expect(compareDecimal('1.50', '1.5')).toBe(0);
  expect(compareDecimal('-0.0', '0')).toBe(0);
  expect(compareDecimal('1e2', '99.999')).toBe(1);
  expect(compareText('\uffee', '😀')).toBeLessThan(0);
  expect(printInstant(parseInstant('2026-01-01T01:00:00.5+01:00') ?? 0n)).toBe('2026-01-01T00:00:00.500Z');
  expect(printInstant(-1n)).toBe('1969-12-31T23:59:59.999999Z');
});

test('ids are learned from what cannot be another row, whatever the order of a message', () => {
  const tokens = new Tokens();
  const rowId = (key: string): Expected => ({ t: 'token', kind: 'id', table: song, key: [key] });
  const anyOrder = (...items: Expected[]): Expected => ({ t: 'arr', anyOrder: true, items });
  const deleted = (title: Expected, key: string): Expected =>
    object([
      ['title', title],
      ['rowId', rowId(key)],
    ]);
  const same: Expected = { t: 'str', value: 'same' };
  const check = (expected: Expected, got: string) => difference(expected, parseJson(got), tokens);
  // Which of the two is which is not known yet.
  expect(check(anyOrder(rowId('a'), rowId('b')), '["B","A"]')).toBe(undefined);
  expect(check(anyOrder(rowId('a')), '["A"]')).toBe(undefined);
  expect(check(anyOrder(rowId('b'), rowId('a')), '["A","B"]')).toBe(undefined);
  expect(check(anyOrder(rowId('b')), '["A"]')).toMatch(/^data: expected/);
  expect(check(rowId('b'), '"B"')).toBe(undefined);
  // The first could have either, the second one alone.
  const pair = anyOrder(deleted({ t: 'text' }, 'c'), deleted(same, 'd'));
  expect(check(pair, '[{"title":"same","rowId":"D"},{"title":"other","rowId":"C"}]')).toBe(undefined);
  expect(check(anyOrder(rowId('d'), rowId('c')), '["C","C"]')).toMatch(/^data: expected/);
  // Three that look alike cannot be two.
  const both = anyOrder(deleted(same, 'e'), deleted(same, 'f'), deleted({ t: 'text' }, 'g'));
  const one = '{"title":"same","rowId":"E"},{"title":"same","rowId":"F"}';
  expect(check(both, `[${one},{"title":"other","rowId":"G"}]`)).toBe(undefined);
  expect(check(both, `[${one},{"title":5,"rowId":"G"}]`)).toMatch(/^data: expected/);
});

test('the smallest schema has an operation for every draw', () => {
  const small: SchemaSpec = {
    ...schema,
    tables: [{ ...song, columns: song.columns.slice(0, 2), relations: [], indexes: [], retentionMs: undefined }],
  };
  for (let seed = 0; seed < 200; seed += 1) {
    expect(() => generateOperation(new Random(seed), small, new Coverage())).not.toThrow();
  }
});

function print(expected: Expected): string {
  return printExpected(expected);
}

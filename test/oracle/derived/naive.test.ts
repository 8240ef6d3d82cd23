import { describe, expect, test } from 'vitest';
import { printJson } from '../json.ts';
import { Meanings, type LogRecord } from '../naive.ts';
import type { ColumnSpec, ScalarKind, TypeSpec } from '../spec.ts';
import { toJson } from '../values.ts';
import { aggregate, exactly, type Input } from './functions.ts';
import { DerivedWorld } from './naive.ts';
import { fromDouble, over, rootToDouble, toDecimal, toDigits, toDouble } from './numbers.ts';
import type { AggregateSpec, AnyTable, BaseTable, DerivedSchema, DerivedTable, Expr, WindowSpec } from './spec.ts';

/** The evaluator that everything else is compared with, on cases that are worked out by hand. */

const scalar = (kind: ScalarKind): TypeSpec => ({ kind: 'scalar', scalar: kind });
const column = (name: string, kind: ScalarKind, required = true): ColumnSpec => ({
  name,
  type: scalar(kind),
  required,
});
const expr = (name: string, kind: ScalarKind): Expr => ({ kind: 'column', name, type: scalar(kind), nullable: false });

const common = {
  topic: '',
  partitions: 2,
  mode: 'UPSERT',
  keyFormat: 'STRING',
  keyFormatWritten: false,
  relations: [],
  indexes: [],
  limit: { default: 50, max: 1000 },
} as const;

const plays: BaseTable = {
  ...common,
  name: 'Play',
  singular: 'play',
  plural: 'plays',
  topic: 'plays',
  stream: false,
  key: ['id'],
  columns: [column('id', 'ID'), column('song', 'ID', false), column('at', 'DateTime'), column('n', 'Int')],
  relations: [{ name: 'songRow', target: 'Song', many: false, columns: ['song'], references: ['id'] }],
};
const songs: BaseTable = {
  ...plays,
  name: 'Song',
  singular: 'song',
  plural: 'songs',
  topic: 'songs',
  columns: [column('id', 'ID'), column('genre', 'String')],
  relations: [],
};
const genre: Expr = { kind: 'path', relations: ['songRow'], column: 'genre', type: scalar('String'), nullable: true };

function aggregation(dimensions: ReadonlyMap<string, Expr>, window?: WindowSpec, retentionMs?: number): DerivedTable {
  const names = [...dimensions.keys()];
  const buckets =
    window === undefined ? [] : window.sessionGap === undefined ? ['interval', 'timestamp'] : ['timestamp'];
  const types = (name: string): ColumnSpec => column(name, name === 'timestamp' ? 'DateTime' : 'String', false);
  const more = window === undefined ? [] : [column('closed', 'Boolean'), column('end', 'DateTime', false)];
  return {
    ...common,
    name: 'Sum',
    singular: 'sum',
    plural: 'sums',
    keyWritten: false,
    key: [...buckets, ...names],
    columns: [...[...buckets, ...names].map(types), column('rows', 'Int'), ...more],
    retentionMs,
    derivation: {
      kind: 'aggregation',
      source: 'Play',
      dimensions,
      aggregates: [{ column: 'rows', fn: 'COUNT' }],
      timestamp: { kind: 'column', name: 'at', type: scalar('DateTime'), nullable: false },
      window,
    },
  };
}

let offset = 0;
const record = (topic: string, key: string, value: object | null, partition = 0, timestampMs = 1e12): LogRecord => ({
  topic,
  partition,
  offset: (offset += 1),
  timestampMs,
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(JSON.stringify(value)),
  headers: new Map(),
});
const play = (key: string, at: number, song: string | null = null, partition = 0): LogRecord =>
  record('plays', key, { at, song, n: 1 }, partition);

/** The rows as lines of their values; all partitions are known. */
function rowsOf(table: AnyTable, log: readonly LogRecord[]): readonly string[] {
  const schema: DerivedSchema = { enums: [], objects: [], tables: [plays, songs, table] };
  const partitions = ['plays/0', 'plays/1', 'songs/0', 'songs/1'];
  const ends = new Map(partitions.map((id) => [id, 1e9]));
  const world = new DerivedWorld(schema, log, ends, new Meanings(schema));
  return world.rows(table).map((row) =>
    table.columns
      .map(({ name, type }) => [name, row.values.get(name) ?? null, type] as const)
      .filter(([name]) => name !== 'end' || row.values.has('end'))
      .map(([, value, type]) => printJson(toJson(type, value)).replaceAll('"', '').replace('1970-01-01T00:', ''))
      .join(' '),
  );
}

const tenSeconds: WindowSpec = { sizes: [{ text: '10s', name: 'S10', sizeMs: 10_000 }] };

describe('groups', () => {
  test('a row that another record moves leaves its group; an empty group is gone; null is a group, the last', () => {
    const bySong = aggregation(new Map([['song', expr('song', 'ID')]]));
    const log = [play('1', 0, 'a'), play('2', 0, 'a'), play('3', 0)];
    expect(rowsOf(bySong, log)).toEqual(['a 2', 'null 1']);
    expect(rowsOf(bySong, [...log, play('1', 0, 'b'), record('plays', '2', null)])).toEqual(['b 1', 'null 1']);
  });

  test('a dimension through a relation moves with the other row', () => {
    const byGenre = aggregation(new Map([['genre', genre]]));
    const log = [play('1', 0, 'a'), play('2', 0, 'b')];
    expect(rowsOf(byGenre, log)).toEqual(['null 2']);
    const told = [...log, record('songs', 'a', { genre: 'ROCK' })];
    expect(rowsOf(byGenre, told)).toEqual(['ROCK 1', 'null 1']);
    expect(rowsOf(byGenre, [...told, record('songs', 'a', { genre: 'JAZZ' })])).toEqual(['JAZZ 1', 'null 1']);
    expect(rowsOf(byGenre, [...told, record('songs', 'a', null)])).toEqual(['null 2']);
  });
});

describe('buckets', () => {
  test('hold their start and not their end, before 1970 too', () => {
    const table = aggregation(new Map(), tenSeconds);
    expect(rowsOf(table, [play('1', -1), play('2', 0), play('3', 9_999), play('4', 10_000)])).toEqual([
      'S10 1969-12-31T23:59:50.000Z 1 false',
      'S10 00:00.000Z 2 false',
      'S10 00:10.000Z 1 false',
    ]);
  });

  test('hopping ones overlap', () => {
    const table = aggregation(new Map(), { ...tenSeconds, hop: { text: '5s', ms: 5_000 } });
    expect(rowsOf(table, [play('1', 12_000)])).toEqual(['S10 00:05.000Z 1 false', 'S10 00:10.000Z 1 false']);
  });

  test('a record is late by its own partition, exactly when the bucket has been over for the grace', () => {
    const table = aggregation(new Map(), { ...tenSeconds, graceMs: 5_000 });
    const late = [play('1', 15_000), play('2', 9_000)];
    expect(rowsOf(table, late)).toEqual(['S10 00:10.000Z 1 false']);
    expect(rowsOf(table, [play('1', 14_999), play('2', 9_000)])).toHaveLength(2);
    expect(rowsOf(table, [play('1', 15_000), play('2', 9_000, null, 1)])).toHaveLength(2);
  });

  test('a row that is counted is corrected whenever; one that moves into a closed bucket leaves the old one', () => {
    const table = aggregation(new Map([['song', expr('song', 'ID')]]), { ...tenSeconds, graceMs: 5_000 });
    const log = [play('1', 3_000, 'a'), play('2', 40_000, 'a')];
    expect(rowsOf(table, [...log, play('1', 4_000, 'b')])).toEqual([
      'S10 00:00.000Z b 1 false',
      'S10 00:40.000Z a 1 false',
    ]);
    expect(rowsOf(table, [...log, play('1', 13_000, 'b')])).toEqual(['S10 00:40.000Z a 1 false']);
    // It came back too late for the bucket that it once was in.
    expect(rowsOf(table, [...log, play('1', 13_000), play('1', 3_000)])).toEqual(['S10 00:40.000Z a 1 false']);
  });

  test('are closed once every partition is past their end and the grace; times far ahead say nothing', () => {
    const table = aggregation(new Map(), { ...tenSeconds, graceMs: 5_000 });
    const one = [play('1', 15_000)];
    expect(rowsOf(table, [play('0', 0), ...one])[0]).toBe('S10 00:00.000Z 1 false');
    expect(rowsOf(table, [play('0', 0), ...one, play('2', 15_000, null, 1)])[0]).toBe('S10 00:00.000Z 1 true');
    const ahead = record('plays', '2', { at: 86_400_001 + 15_000, n: 1 }, 1, 15_000);
    expect(rowsOf(table, [play('0', 0), ...one, ahead])[0]).toBe('S10 00:00.000Z 1 false');
  });

  test('are gone once any partition is past their end and the retention', () => {
    const table = aggregation(new Map(), tenSeconds, 20_000);
    expect(rowsOf(table, [play('0', 0), play('1', 29_999, null, 1)])).toHaveLength(2);
    expect(rowsOf(table, [play('0', 0), play('1', 30_000, null, 1)])).toEqual(['S10 00:30.000Z 1 false']);
  });
});

describe('sessions', () => {
  const table = aggregation(new Map(), { sizes: [], sessionGap: { text: '10s', ms: 10_000 } });

  test('a row no further away than the gap belongs to them; one in between joins two; one that goes cuts one', () => {
    const apart = [play('1', 0), play('2', 20_000)];
    expect(rowsOf(table, apart)).toEqual(['00:00.000Z 1 false 00:00.000Z', '00:20.000Z 1 false 00:20.000Z']);
    const joined = [...apart, play('3', 10_000)];
    expect(rowsOf(table, joined)).toEqual(['00:00.000Z 3 false 00:20.000Z']);
    expect(rowsOf(table, [...joined, record('plays', '3', null)])).toHaveLength(2);
    expect(rowsOf(table, [play('1', 0), play('2', 10_001)])).toHaveLength(2);
  });
});

describe('functions', () => {
  const over = (
    spec: Partial<AggregateSpec>,
    type: TypeSpec,
    arg: ScalarKind,
    ...args: readonly Input['arg'][]
  ): unknown =>
    aggregate(
      { column: 'x', fn: 'COUNT', arg: expr('v', arg), ...spec },
      type,
      scalar(arg),
      undefined,
      args.map((each) => ({ arg: each, by: null })),
    );

  test('nulls count in none', () => {
    expect(over({ fn: 'COUNT' }, scalar('Int'), 'Int', 1, null, 1)).toBe(2);
    expect(over({ fn: 'COUNT_DISTINCT' }, scalar('Int'), 'Decimal', '1.5', null, '1.50')).toBe(1);
    expect(over({ fn: 'SUM' }, scalar('BigInt'), 'Int', null)).toBeNull();
    expect(over({ fn: 'FIRST' }, scalar('Int'), 'Int', null, 5, 6)).toBe(5);
    expect(over({ fn: 'LAST' }, scalar('Int'), 'Int', 5, 6, null)).toBe(6);
    expect(over({ fn: 'COLLECT_LIST', n: 2 }, scalar('Int'), 'Int', 3, null, 1, 2)).toEqual([3, 1]);
  });

  test('numbers are exact, and rounded once', () => {
    expect(over({ fn: 'SUM' }, scalar('Float'), 'Float', 0.1, 0.2, 1e100, -1e100)).toBe(0.30000000000000004);
    expect(over({ fn: 'SUM' }, scalar('Float'), 'Float', 1e100, 1, -1e100)).toBe(1);
    expect(over({ fn: 'SUM' }, scalar('BigInt'), 'Int', 2147483647, 2147483647)).toBe(4294967294n);
    expect(over({ fn: 'SUM' }, scalar('Decimal'), 'Decimal', '0.1', '0.20')).toBe('0.3');
    expect(over({ fn: 'AVG' }, scalar('Decimal'), 'Int', 1, 1, 2)).toBe(`1.${'3'.repeat(33)}`);
    expect(over({ fn: 'VARIANCE' }, scalar('Float'), 'Int', 1, 2, 3, 4)).toBe(5 / 3);
    expect(over({ fn: 'STDDEV' }, scalar('Float'), 'Int', 2, 4)).toBe(Math.SQRT2);
    expect(over({ fn: 'STDDEV' }, scalar('Float'), 'Int', 2)).toBeNull();
  });

  test('different values are in the order of their type, decimals without the choices of who wrote them', () => {
    expect(over({ fn: 'COLLECT_SET' }, scalar('Decimal'), 'Decimal', '10', '9.0', '9')).toEqual(['9', '10']);
    expect(over({ fn: 'TOP_K', n: 2 }, scalar('Int'), 'Int', 1, 3, 3, 2)).toEqual([3, 2]);
    expect(over({ fn: 'MIN' }, scalar('BigInt'), 'BigInt', 10n, 9n)).toBe(9n);
    const by = [
      { arg: 'b', by: 5 },
      { arg: 'a', by: 5 },
      { arg: 'c', by: 4 },
      { arg: 'd', by: null },
    ];
    const spec: AggregateSpec = { column: 'x', fn: 'TOP_K', n: 3 };
    expect(aggregate(spec, scalar('String'), scalar('String'), scalar('Int'), by)).toEqual(['a', 'b', 'c']);
  });
});

test('fractions become the nearest numbers', () => {
  for (const value of [0.1, -1.5, 5e-324, 1.7976931348623157e308, 2 ** 53, 2.2250738585072014e-308, 3e-310]) {
    expect(toDouble(fromDouble(value))).toBe(value);
  }
  expect(toDouble({ num: 1n, den: 3n })).toBe(1 / 3);
  // Just above the least normal one, where one bit more than it has is all there is to round by.
  expect(toDouble(over(fromDouble(10), fromDouble(Number.MAX_VALUE)))).toBe(10 / Number.MAX_VALUE);
  expect(toDouble({ num: 2n ** 53n + 1n, den: 1n })).toBe(2 ** 53);
  expect(toDouble({ num: 2n ** 54n + 3n, den: 1n })).toBe(2 ** 54 + 4);
  expect(rootToDouble({ num: 2n, den: 1n })).toBe(Math.SQRT2);
  expect(rootToDouble({ num: 9n, den: 4n })).toBe(1.5);
  expect(toDecimal({ num: -3n, den: 8n })).toBe('-0.375');
  expect(toDecimal(toDigits({ num: 20n, den: 3n }, 3))).toBe('6.67');
  expect(toDecimal(toDigits({ num: 25n, den: 2n }, 2))).toBe('12');
  expect(exactly(scalar('Decimal'), '1e-2')).toEqual({ num: 1n, den: 100n });
});

import { expect, test } from 'vitest';
import { answer } from './answer.ts';
import { changesOf, messageAnswer } from './changes.ts';
import { bindWhere, claimText, type Caller } from './claims.ts';
import { whyDenied } from './denial.ts';
import { printExpected } from './difference.ts';
import { jsonList, jsonNumber, jsonText, type Json } from './json.ts';
import { Meanings, World, type LogRecord, type Tables } from './naive.ts';
import type { ChangesPlan, RootSelection, Selection } from './plan.ts';
import { CallerTables, Rights } from './rights.ts';
import { compareRights } from './same-rights.ts';
import { printSchema } from './schema-text.ts';
import type { ReadKind, RuleSpec, SchemaSpec, TableSpec, TypeSpec } from './spec.ts';
import type { Op, Where } from './where.ts';

const id: TypeSpec = { kind: 'scalar', scalar: 'ID' };
const int: TypeSpec = { kind: 'scalar', scalar: 'Int' };
const ids: TypeSpec = { kind: 'list', element: id, elementRequired: true };
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
    { name: 'id', type: id, required: true },
    { name: 'owner', type: id, required: false },
    { name: 'plays', type: int, required: false },
    { name: 'tags', type: ids, required: false },
    { name: 'coverOf', type: id, required: false },
  ],
  relations: [
    { name: 'original', target: 'Song', many: false, columns: ['coverOf'], references: ['id'] },
    { name: 'covers', target: 'Song', many: true, columns: ['id'], references: ['coverOf'] },
  ],
  indexes: [{ columns: ['coverOf'], unique: false }],
  limit: { default: 50, max: 1000 },
};

const alice: Caller = { claims: { sub: 'alice', limit: 5 }, roles: ['viewer'] };
const own = column('owner', 'eq', claim('sub'));

function claim(...path: readonly string[]): Json {
  return jsonText(claimText(path));
}

function column(name: string, op: Op, written: Json): Where {
  const condition = { op, operand: null, written };
  return { members: [{ kind: 'column', column: name, path: [], insensitive: false, conditions: [condition] }] };
}

function withValue(name: string, op: Op, operand: number | boolean): Where {
  const written: Json = typeof operand === 'boolean' ? { t: 'bool', value: operand } : jsonNumber(String(operand));
  const condition = { op, operand, written };
  return { members: [{ kind: 'column', column: name, path: [], insensitive: false, conditions: [condition] }] };
}

const related = (relation: string, quantifier: 'one' | 'some' | 'every' | 'none', of: Where): Where => ({
  members: [{ kind: 'related', relation, quantifier, of }],
});

/** With these rules on the type and on fields. */
function schemaWith(
  rules: readonly RuleSpec[] | undefined,
  fields: Readonly<Record<string, readonly RuleSpec[]>> = {},
): SchemaSpec {
  const table: TableSpec = {
    ...song,
    auth: rules && { kind: 'rules', rules },
    columns: song.columns.map((each) => ({ ...each, auth: fields[each.name] })),
    relations: song.relations.map((each) => ({ ...each, auth: fields[each.name] })),
  };
  return { tables: [table], enums: [], objects: [] };
}

const tableIn = ({ tables }: SchemaSpec): TableSpec => tables[0] ?? song;

function worldOf(schema: SchemaSpec, rows: Readonly<Record<string, unknown>>): World {
  const log = Object.entries(rows).map(([key, value], offset): LogRecord => ({
    topic: 'songs',
    partition: 0,
    offset,
    timestampMs: offset,
    key: Buffer.from(key),
    value: Buffer.from(JSON.stringify(value)),
    headers: new Map(),
  }));
  return new World(schema, log, new Map([['songs/0', log.length]]), new Meanings(schema));
}

function see(world: World, caller: Caller | undefined, kind: ReadKind = 'QUERY'): CallerTables {
  return new CallerTables(world, new Rights(world.schema, caller, kind));
}

const select = (...names: readonly string[]): Selection[] => names.map((name) => ({ kind: 'column', name }));

function list(tables: Tables, root: Partial<Extract<RootSelection, { kind: 'list' }>> = {}): string {
  const whole: RootSelection = { kind: 'list', table: 'Song', args: {}, select: select('id'), ...root };
  return printExpected(answer(tables, { roots: [whole] }));
}

test('a claim that is missing, null or of another type makes its rule grant nothing, whatever surrounds it', () => {
  const schema = schemaWith(undefined);
  const bind = (where: Where, claims: Caller['claims']): boolean =>
    bindWhere(schema, tableIn(schema), where, claims) !== undefined;
  const not: Where = { members: [{ kind: 'not', of: own }] };
  const either: Where = { members: [{ kind: 'or', of: [{ members: [] }, own] }] };
  for (const where of [own, not, either, related('covers', 'none', own)]) {
    expect(bind(where, { sub: 'alice' })).toBe(true);
    for (const claims of [{}, { sub: null }, { sub: ['alice'] }, { sub: true }, { sub: { a: 1 } }]) {
      expect(bind(where, claims)).toBe(false);
    }
  }
  expect(bind(column('owner', 'eq', claim('sub', 'length')), { sub: 'alice' })).toBe(false);
  expect(bind(column('owner', 'eq', claim('constructor', 'name')), {})).toBe(false);
  expect(bind(column('owner', 'eq', claim('a.b', 'c')), { 'a.b': { c: 'x' } })).toBe(true);
  expect(bind(column('plays', 'eq', claim('sub')), { sub: 'alice' })).toBe(false);
  expect(bind(column('owner', 'eq', claim('sub')), { sub: 7 })).toBe(true);
});

test('where a list is wanted one value is a list of one, and an element of a list is one value', () => {
  const schema = schemaWith(undefined);
  const operand = (where: Where, claims: Caller['claims']): unknown => {
    const [member] = bindWhere(schema, tableIn(schema), where, claims)?.members ?? [];
    return member?.kind === 'column' ? member.conditions[0]?.operand : undefined;
  };
  expect(operand(column('owner', 'in', claim('who')), { who: 'a' })).toEqual(['a']);
  expect(operand(column('owner', 'in', claim('who')), { who: ['a', 1] })).toEqual(['a', '1']);
  expect(operand(column('owner', 'in', claim('who')), { who: [] })).toEqual([]);
  expect(operand(column('owner', 'in', claim('who')), { who: ['a', null] })).toBe(undefined);
  expect(operand(column('tags', 'hasSome', claim('who')), { who: ['a'] })).toEqual(['a']);
  expect(operand(column('tags', 'has', claim('who')), { who: ['a'] })).toBe(undefined);
  const mixed = column('owner', 'in', jsonList([jsonText('z'), claim('who')]));
  expect(operand(mixed, { who: 'a' })).toEqual(['z', 'a']);
  expect(operand(mixed, { who: ['a'] })).toBe(undefined);
});

test('rules are alternatives for identified callers with one of their roles, in operations of their kind', () => {
  const schema = schemaWith([{ roles: ['editor'] }, { where: own, operations: ['QUERY', 'LIVE'] }]);
  const world = worldOf(schema, { s1: { owner: 'alice' }, s2: { owner: 'bob' } });
  const editor: Caller = { claims: {}, roles: ['x', 'editor'] };
  expect(list(see(world, alice))).toBe('{"songs":[{"id":"s1"}]}');
  expect(list(see(world, editor))).toBe('{"songs":[{"id":"s1"},{"id":"s2"}]}');
  const plan = { roots: [{ kind: 'list', table: 'Song', args: {}, select: select('id') } as const] };
  const denied = (caller: Caller | undefined, kind: ReadKind): string | undefined => {
    const rights = new Rights(schema, caller, kind);
    return whyDenied(schema, rights, plan) === undefined ? undefined : rights.refusal;
  };
  expect(denied(alice, 'LIVE')).toBe(undefined);
  expect(denied(alice, 'CHANGES')).toBe('FORBIDDEN');
  expect(denied({ claims: {}, roles: [] }, 'QUERY')).toBe('FORBIDDEN');
  expect(denied(undefined, 'QUERY')).toBe('UNAUTHENTICATED');
});

test('a column that may not be read is null in filters, orders and joins, and refused where no rule can apply', () => {
  const readable: readonly RuleSpec[] = [{ where: own }];
  const schema = schemaWith(undefined, { plays: readable, coverOf: readable });
  const world = worldOf(schema, {
    s1: { owner: 'alice', plays: 2, coverOf: 's2' },
    s2: { owner: 'bob', plays: 1, coverOf: 's1' },
  });
  const tables = see(world, alice);
  expect(list(tables, { select: select('plays') })).toBe('{"songs":[{"plays":2},{"plays":null}]}');
  expect(list(tables, { args: { where: withValue('plays', 'isNull', true) } })).toBe('{"songs":[{"id":"s2"}]}');
  expect(list(tables, { args: { where: { members: [{ kind: 'not', of: withValue('plays', 'eq', 9) }] } } })).toBe(
    '{"songs":[{"id":"s1"}]}',
  );
  expect(list(tables, { args: { orderBy: [{ column: 'plays', direction: 'ASC' }] } })).toBe(
    '{"songs":[{"id":"s1"},{"id":"s2"}]}',
  );
  const relations: Selection[] = [
    { kind: 'one', relation: 'original', select: select('id') },
    { kind: 'many', relation: 'covers', args: {}, select: select('id') },
  ];
  expect(list(tables, { select: relations })).toBe(
    '{"songs":[{"original":{"id":"s2"},"covers":[]},{"original":null,"covers":[{"id":"s1"}]}]}',
  );
  const uses = (root: Partial<Extract<RootSelection, { kind: 'list' }>>): string | undefined => {
    const whole: RootSelection = { kind: 'list', table: 'Song', args: {}, select: select('plays'), ...root };
    return whyDenied(schema, new Rights(schema, undefined, 'QUERY'), { roots: [whole] });
  };
  expect(uses({})).toBe(undefined);
  expect(uses({ args: { where: withValue('plays', 'gt', 0) } })).toBe('Song.plays');
  expect(uses({ args: { orderBy: [{ column: 'plays', direction: 'ASC' }] } })).toBe('Song.plays');
  expect(uses({ args: { where: related('covers', 'some', withValue('plays', 'gt', 0)) } })).toBe('Song.plays');
});

test('related rows that may not be seen are missing, for data and for filters, while rules see them', () => {
  const rules: readonly RuleSpec[] = [
    { where: own },
    { where: related('original', 'one', withValue('plays', 'gt', 9)) },
  ];
  const schema = schemaWith(rules, { covers: [{ where: withValue('plays', 'isNull', false) }] });
  const world = worldOf(schema, {
    hidden: { owner: 'bob', plays: 10 },
    s1: { owner: 'alice', plays: 1, coverOf: 'hidden' },
    s2: { owner: 'alice', coverOf: 's1' },
    s3: { owner: 'bob', plays: 3, coverOf: 'hidden' },
    s4: { owner: 'bob', coverOf: 's1' },
  });
  const tables = see(world, alice);
  const relations: Selection[] = [
    ...select('id'),
    { kind: 'one', relation: 'original', select: select('id') },
    { kind: 'many', relation: 'covers', args: {}, select: select('id') },
  ];
  expect(list(tables, { select: relations })).toBe(
    '{"songs":[{"id":"s1","original":null,"covers":[{"id":"s2"}]},{"id":"s2","original":{"id":"s1"},"covers":[]},{"id":"s3","original":null,"covers":[]}]}',
  );
  const where = (filter: Where): string => list(tables, { args: { where: filter } });
  expect(where(related('original', 'one', withValue('plays', 'isNull', true)))).toBe(
    '{"songs":[{"id":"s1"},{"id":"s3"}]}',
  );
  expect(where(related('covers', 'every', withValue('plays', 'isNull', true)))).toBe(
    '{"songs":[{"id":"s1"},{"id":"s2"},{"id":"s3"}]}',
  );
  expect(where(related('covers', 'some', withValue('plays', 'isNull', true)))).toBe('{"songs":[{"id":"s1"}]}');
});

test('a commit does to a set what the caller may see of it, with the rights before and after', () => {
  const byOriginal = related('original', 'one', withValue('plays', 'gt', 9));
  const schema = schemaWith([{ where: own }, { where: byOriginal }], { tags: [{ where: byOriginal }] });
  const plan: ChangesPlan = { table: 'Song', select: select('tags'), previous: [{ kind: 'column', name: 'tags' }] };
  const rights = new Rights(schema, alice, 'CHANGES');
  const meanings = new Meanings(schema);
  const told = (before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] => {
    const commit = {
      before: worldOf(schema, before),
      after: worldOf(schema, after),
      records: [],
      committedMs: 0,
      rights,
    };
    const seen = (world: World): Tables => new CallerTables(world, rights);
    const changes = changesOf(plan, { ...commit, see: seen }, meanings);
    const flags = { live: true, reset: false, complete: true };
    const message = printExpected(messageAnswer(plan, seen(commit.after), changes, flags, rights));
    return [...message.matchAll(/\{"operation":"(\w+)",.*?"node":(.*?),"previous":(.*?),"changedFields"/g)].map(
      ([, operation, node, previous]) => `${operation} ${node} ${previous}`,
    );
  };
  const rows = {
    a: { owner: 'bob', plays: 1 },
    b: { owner: 'alice', tags: ['t'], coverOf: 'a' },
    c: { owner: 'bob', coverOf: 'a' },
  };
  const played = { ...rows, a: { owner: 'bob', plays: 10 } };
  expect(told(rows, { ...rows, b: { ...rows.b, tags: ['u'] } })).toEqual([]);
  expect(told(rows, { ...rows, a: { owner: 'bob', plays: 2 } })).toEqual([]);
  expect(told(rows, played)).toEqual(['UPDATE {"tags":["t"]} {"tags":null}', 'INSERT {"tags":null} null']);
  expect(told(played, rows)).toEqual(['UPDATE {"tags":null} {"tags":["t"]}', 'DELETE null null']);
});

test('a position goes on under rules of the same values, and not under others', () => {
  const schema = schemaWith([{ where: column('owner', 'in', claim('who')) }, { roles: ['editor'] }]);
  const plan: ChangesPlan = { table: 'Song', select: select('id'), previous: [] };
  const compared = (a: Caller | undefined, b: Caller | undefined): string =>
    compareRights(schema, plan, new Rights(schema, a, 'CHANGES'), new Rights(schema, b, 'CHANGES'));
  const who = (names: unknown, ...roles: readonly string[]): Caller => ({ claims: { who: names }, roles });
  expect(compared(who('a'), { claims: { who: 'a', jti: 1 }, roles: ['other'] })).toBe('same');
  expect(compared(who('a'), who(['a']))).toBe('same');
  expect(compared(who(['a', 'b']), who(['b', 'a']))).toBe('unclear');
  expect(compared(who('a', 'editor'), who('b', 'editor'))).toBe('unclear');
  expect(compared(who('a'), who('b'))).toBe('differ');
  expect(compared(who('a'), who('a', 'editor'))).toBe('differ');
  expect(compared(undefined, who('a'))).toBe('differ');
});

test('rules are written as a user would', () => {
  const schema = schemaWith([{ roles: ['editor'], operations: ['LIVE'] }, { where: own }]);
  expect(printSchema(schema)).toContain(
    '@auth(rules: [{ roles: ["editor"], operations: [LIVE] }, { where: { owner: { eq: "$jwt.sub" } } }])',
  );
});

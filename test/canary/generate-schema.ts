import type { Random } from '../support/random.ts';
import { generateRules } from './generate-rules.ts';
import type { ColumnSpec, OriginSpec, RelationSpec, SchemaSpec, TableSpec } from './spec.ts';
import type { SecretType } from './tokens.ts';

const secretTypes: readonly SecretType[] = ['String', 'Int', 'BigInt', 'Decimal', 'DateTime', 'Bytes', 'UUID', 'Box'];
const names = ['Doc', 'Team', 'Note', 'Pass'] as const;

/**
 * A few tables of topics that refer to each other, perhaps a stream, and views and aggregations of them; then rules for each of
 * them, its columns and its relations.
 */
export function generateSchema(random: Random): SchemaSpec {
  const topics: TableSpec[] = [];
  for (const name of names.slice(0, 2 + random.int(3))) topics.push(topicTable(random, name, topics));
  const tables = linkBack(topics);
  if (random.int(3) === 0) tables.push(streamTable(random, tables));
  if (random.int(2) === 0) tables.push(viewOf(random, random.pick(topicsOf(tables)), tables));
  if (random.int(2) === 0) tables.push(aggregationOf(random, random.pick(topicsOf(tables))));
  return withRules(random, { tables });
}

function topicsOf(tables: readonly TableSpec[]): readonly TableSpec[] {
  return tables.filter(({ origin }) => origin.kind === 'topic' && !origin.stream);
}

const plain = { required: false, hidden: false } as const;

function anyIndex(random: Random): 'index' | 'covering' {
  return random.int(3) === 0 ? 'covering' : 'index';
}

/** The words that rules go by. */
function labels(random: Random): readonly ColumnSpec[] {
  const label = (name: string, type: ColumnSpec['type']): ColumnSpec => {
    const index = type !== '[String!]' && random.int(3) === 0 ? anyIndex(random) : undefined;
    return { ...plain, name, type, role: 'label', required: random.int(4) === 0, index };
  };
  const all = [
    label('owner', 'ID'),
    label('tenant', 'String'),
    label('level', 'Int'),
    label('flag', 'Boolean'),
    label('tags', '[String!]'),
  ];
  return [
    ...all.filter(({ name }) => name === 'owner' || name === 'tenant' || random.int(3) > 0),
    { ...plain, name: 'region', type: 'String', role: 'label', hidden: true },
  ];
}

function secrets(random: Random): readonly ColumnSpec[] {
  const types = [...secretTypes.filter(() => random.int(3) === 0), random.pick(secretTypes)];
  const columns = types.map((type, i): ColumnSpec => {
    const index = type !== 'Bytes' && type !== 'Box' && random.int(3) === 0 ? anyIndex(random) : undefined;
    return { ...plain, name: `secret${i}`, type, role: 'secret', required: random.int(4) === 0, index };
  });
  return [
    { ...plain, name: 'code', type: 'String', role: 'secret', index: 'unique' },
    ...columns,
    { ...plain, name: 'buried', type: 'String', role: 'secret', hidden: true },
  ];
}

/** Refers to tables that are there already, or to itself. */
function topicTable(random: Random, name: string, others: readonly TableSpec[]): TableSpec {
  const targets = [...others.map((each) => each.name), ...(random.int(3) === 0 ? [name] : [])];
  const composite = others.length > 0 && random.int(4) === 0;
  const references = targets
    .filter((target) => target !== name || !composite)
    .map((target): ColumnSpec => {
      const column = `${target.toLowerCase()}Id`;
      // Where it is hidden, relations alone tell what it refers to.
      const hidden = random.int(4) === 0;
      return { ...plain, name: column, type: 'ID', role: 'reference', of: target, index: anyIndex(random), hidden };
    });
  const key: readonly ColumnSpec[] = composite
    ? [
        { ...plain, name: 'part', type: 'ID', role: 'key', required: true },
        { ...plain, name: 'no', type: 'Int', role: 'label', required: true },
      ]
    : [{ ...plain, name: 'id', type: 'ID', role: 'key', required: true }];
  // A composite key cannot be referred to by one column.
  const usable = references.filter(({ of }) => others.every((each) => each.name !== of || each.key.length === 1));
  return {
    name,
    hidden: others.length > 0 && random.int(6) === 0,
    auth: 'open',
    key: key.map((column) => column.name),
    columns: [...key, ...labels(random), ...usable, ...secrets(random)],
    relations: usable.map((column) => toOne(column)),
    indexes: random.int(3) === 0 ? ['tenant owner'] : [],
    expose: expose(random),
    origin: { kind: 'topic', stream: false },
  };
}

function toOne({ name, of = '' }: ColumnSpec): RelationSpec {
  return { name: of.toLowerCase(), target: of, many: false, columns: [name], references: ['id'] };
}

/** The same relations from their other end. */
function linkBack(tables: readonly TableSpec[]): TableSpec[] {
  return tables.map((table) => {
    const back = tables.flatMap(({ name, relations }) =>
      relations
        .filter(({ target }) => target === table.name)
        .map(({ columns: references }): RelationSpec => {
          return { name: `${name.toLowerCase()}s`, target: name, many: true, columns: ['id'], references };
        }),
    );
    return { ...table, relations: [...table.relations, ...back] };
  });
}

function streamTable(random: Random, others: readonly TableSpec[]): TableSpec {
  const target = others.find(({ key }) => key.length === 1);
  const reference: ColumnSpec = { ...plain, name: 'aboutId', type: 'ID', role: 'reference', of: target?.name };
  const about: RelationSpec = { ...toOne(reference), name: 'about', columns: ['aboutId'] };
  return {
    name: 'Ping',
    hidden: false,
    auth: 'open',
    key: ['id'],
    columns: [
      { ...plain, name: 'id', type: 'ID', role: 'derived', required: true, origin: '@from(meta: COORDINATES)' },
      ...labels(random).map((column): ColumnSpec => ({ ...column, index: undefined })),
      reference,
      { ...plain, name: 'secret0', type: 'String', role: 'secret' },
    ],
    relations: [about],
    indexes: [],
    expose: { query: false, live: false, changes: true },
    origin: { kind: 'topic', stream: true },
  };
}

/** Most of the columns, the relations to one row, and a secret of a related row. */
function viewOf(random: Random, source: TableSpec, tables: readonly TableSpec[]): TableSpec {
  const kept = source.columns.filter(
    ({ name, role }) => source.key.includes(name) || role === 'reference' || name === 'owner' || random.int(4) > 0,
  );
  const columns = kept.map((column): ColumnSpec => ({
    ...column,
    index: undefined,
    hidden: column.hidden && random.int(2) === 0,
  }));
  const relation = source.relations.find(({ many }) => !many);
  const target = relation && tables.find(({ name }) => name === relation.target);
  const other = target && random.pick(target.columns.filter(({ role }) => role === 'secret'));
  const paths = new Map<string, readonly [string, string]>();
  if (relation !== undefined && other !== undefined) {
    paths.set('joined', [relation.name, other.name]);
    columns.push({
      ...plain,
      name: 'joined',
      type: other.type,
      role: 'derived',
      origin: `@from(path: "${relation.name}.${other.name}")`,
    });
  }
  const where =
    random.int(2) === 0
      ? undefined
      : ({ kind: 'compare', column: 'tenant', op: 'isNull', operand: { kind: 'value', value: false } } as const);
  const origin: OriginSpec = { kind: 'view', source: source.name, where, paths };
  return {
    name: 'Glance',
    hidden: false,
    auth: 'open',
    key: source.key,
    columns,
    relations: source.relations.filter(({ many }) => !many),
    indexes: [],
    expose: expose(random),
    origin,
  };
}

/** By tenant, which may be null. */
function aggregationOf(random: Random, source: TableSpec): TableSpec {
  const number = source.columns.find(({ type, role }) => role === 'secret' && type === 'Int');
  const by = source.columns.find(({ name }) => name === 'tenant');
  const column = (name: string, type: string, origin: string): ColumnSpec => ({
    ...plain,
    name,
    type: type as ColumnSpec['type'],
    role: 'derived',
    required: name !== 'most',
    origin,
  });
  const columns: ColumnSpec[] = [
    { ...plain, name: 'tenant', type: 'String', role: 'label', required: by?.required === true },
    column('rows', 'Int', '@aggregate(fn: COUNT)'),
    column('codes', '[String!]', '@aggregate(fn: COLLECT_SET, arg: "code")'),
  ];
  const sums = new Map<string, { fn: 'COUNT' | 'MAX' | 'COLLECT_SET'; arg?: string }>([
    ['rows', { fn: 'COUNT' }],
    ['codes', { fn: 'COLLECT_SET', arg: 'code' }],
  ]);
  if (number !== undefined) {
    columns.push({ ...column('most', 'Int', `@aggregate(fn: MAX, arg: "${number.name}")`), required: number.required });
    sums.set('most', { fn: 'MAX', arg: number.name });
  }
  const origin: OriginSpec = { kind: 'aggregation', source: source.name, by: 'tenant', sums };
  return {
    name: 'Tally',
    hidden: false,
    auth: 'open',
    key: ['tenant'],
    columns,
    relations: [],
    indexes: [],
    expose: expose(random),
    origin,
  };
}

function expose(random: Random): TableSpec['expose'] {
  const some = (): boolean => random.int(12) > 0;
  return { query: some(), live: some(), changes: some() };
}

function withRules(random: Random, schema: SchemaSpec): SchemaSpec {
  const guarded = <Field extends ColumnSpec | RelationSpec>(table: TableSpec, field: Field, odds: number): Field =>
    random.next() < odds ? { ...field, rules: generateRules(random, schema, table) } : field;
  return {
    tables: schema.tables.map((table) => {
      if (table.hidden) return table;
      const dice = random.int(10);
      return {
        ...table,
        auth: dice === 0 ? 'open' : dice === 1 ? 'public' : generateRules(random, schema, table),
        columns: table.columns.map((column) =>
          column.hidden || table.key.includes(column.name) ? column : guarded(table, column, 0.25),
        ),
        relations: table.relations.map((relation) => guarded(table, relation, 0.4)),
      };
    }),
  };
}

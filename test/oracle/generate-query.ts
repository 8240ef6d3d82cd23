import { isPossible, axes, type Axis, type Coverage, type Vector } from './coverage.ts';
import { operandOf, generateWhere } from './generate-where.ts';
import { isIndexable } from './generate-schema.ts';
import type {
  ChangesPlan,
  Direction,
  FieldSelection,
  ListArguments,
  OrderTerm,
  PageArguments,
  RootSelection,
  Selection,
} from './plan.ts';
import type { Random } from './random.ts';
import { columnOf, hasSyntheticId, tableOf, type SchemaSpec, type TableSpec, type TypeSpec } from './spec.ts';
import type { Where } from './where.ts';

/** One operation that is to be asked, and what of the axes it is. */
export type Generated = { readonly vector: Vector } & (
  { readonly kind: 'query'; readonly root: RootSelection } | { readonly kind: 'changes'; readonly plan: ChangesPlan }
);

/** Operations drawn, of which the best is taken; a small schema may need more draws for any that it can have. */
const draws = 60;
const drawsAtMost = 100_000;

export interface OperationWish {
  /** Its main table. Default: any. */
  readonly of?: string;
  /** Default: all. */
  readonly kinds?: readonly Vector['kind'][];
}

/** An operation that this schema can have, of those drawn the one that meets the most new pairs. */
export function generateOperation(
  random: Random,
  schema: SchemaSpec,
  coverage: Coverage,
  { of, kinds = axes.kind }: OperationWish = {},
): Generated {
  let best: Generated | undefined;
  let bestWorth = -1;
  for (let attempt = 0; attempt < (best === undefined ? drawsAtMost : draws); attempt += 1) {
    const vector = drawVector(random);
    const worth = kinds.includes(vector.kind) && isPossible(vector) ? coverage.worth(vector) : -1;
    if (worth <= bestWorth) continue;
    const generated = generate(random, schema, vector, of);
    if (generated === undefined) continue;
    best = generated;
    bestWorth = worth;
  }
  if (best === undefined) throw new Error('no operation fits the schema');
  return best;
}

function drawVector(random: Random): Vector {
  const entries = (Object.keys(axes) as Axis[]).map((axis) => [axis, random.pick<string>(axes[axis])] as const);
  const vector = Object.fromEntries(entries) as unknown as { -readonly [A in Axis]: Vector[A] };
  if (vector.kind === 'changes') {
    vector.order = 'none';
    vector.limit = 'none';
  }
  if (vector.op === 'none') {
    vector.depth = '0';
    vector.nullness = 'nullable';
  }
  return vector;
}

function modesOf(table: TableSpec): ReadonlySet<string> {
  const modes = new Set<string>([table.mode === 'APPEND' ? 'append' : 'upsert']);
  if (table.key.length > 1) modes.add('composite');
  if (table.accept !== undefined) modes.add('accept');
  if (table.retentionMs !== undefined) modes.add('retention');
  return modes;
}

function generate(random: Random, schema: SchemaSpec, vector: Vector, of: string | undefined): Generated | undefined {
  const tables = schema.tables.filter((t) => modesOf(t).has(vector.mode) && (of === undefined || t.name === of));
  if (tables.length === 0) return undefined;
  const table = random.pick(tables);
  const relation = vector.relation === 'whereOne' ? 'one' : vector.relation === 'whereMany' ? 'many' : 'none';
  const where = generateWhere(random, schema, table, {
    op: vector.op,
    nullness: vector.nullness,
    depth: Number(vector.depth),
    relation,
  });
  const select = generateSelect(random, schema, table, vector.relation);
  if (where === undefined || select === undefined) return undefined;
  const given = where.members.length === 0 ? undefined : where;
  if (vector.kind === 'changes') {
    // `previous` has no field `id`, which normalized caches would take for the row.
    const previous = select.filter((s) => s.kind === 'column').filter(({ name }) => name !== 'id');
    const operations = random.chance(0.25) ? random.some(['INSERT', 'UPDATE', 'DELETE'] as const, 1, 2) : undefined;
    return { vector, kind: 'changes', plan: { table: table.name, where: given, operations, select, previous } };
  }
  const orderBy = orderFor(random, table, vector.order);
  if (vector.kind === 'connection') {
    const parts = random.some(['edges', 'nodes', 'pageInfo', 'totalCount'] as const, 1, 4);
    const args = pageFor(random, given, orderBy, vector.limit);
    return { vector, kind: 'query', root: { kind: 'connection', table: table.name, args, parts, select } };
  }
  const limits = limitFor(random, vector.limit);
  const args: ListArguments = { where: given, orderBy, ...limits };
  return { vector, kind: 'query', root: { kind: 'list', table: table.name, args, select } };
}

/** A change stream whose set depends on other rows: they move rows in and out that do not change themselves. */
export function generateCrossing(random: Random, schema: SchemaSpec): ChangesPlan | undefined {
  const table = random.pick(schema.tables.filter((t) => t.relations.length > 0).concat(schema.tables[0] ?? []));
  const relation = random.pick(['one', 'many'] as const);
  const where = generateWhere(random, schema, table, { op: 'none', nullness: 'nullable', depth: 0, relation });
  if (where === undefined) return undefined;
  const select = columnsOf(random, table);
  const previous = select.filter((s) => s.kind === 'column').filter(({ name }) => name !== 'id');
  return { table: table.name, where, select, previous };
}

/** One row by its key or a unique index. */
export function generateLookup(
  random: Random,
  schema: SchemaSpec,
  keyOf: (table: TableSpec) => readonly unknown[] | undefined,
): RootSelection {
  const table = random.pick(schema.tables);
  const select =
    generateSelect(random, schema, table, random.pick(['none', 'selectOne', 'selectMany'])) ?? columnsOf(random, table);
  const indexes = table.indexes.filter((i) => i.unique);
  const unique = indexes.length > 0 && random.chance(0.4);
  const by = unique ? random.pick(indexes).columns : table.key;
  const known = unique ? undefined : keyOf(table);
  const values = by.map(
    (name, i) => (known?.[i] as RootValue | undefined) ?? operandOf(random, columnOf(table, name).type).value,
  );
  return { kind: 'row', table: table.name, by, values, unique, select };
}

type RootValue = Extract<RootSelection, { kind: 'row' }>['values'][number];

function limitFor(random: Random, limit: Vector['limit']): { limit?: number; offset?: number } {
  switch (limit) {
    case 'none':
      return {};
    case 'small':
      return { limit: random.between(1, 3) };
    case 'zero':
      return { limit: 0 };
    case 'offset':
      return { offset: random.between(1, 3), ...(random.chance(0.6) ? { limit: random.between(1, 4) } : {}) };
    case 'large':
      return { limit: random.pick([100, 1000]) };
  }
}

function pageFor(
  random: Random,
  where: Where | undefined,
  orderBy: readonly OrderTerm[] | undefined,
  limit: Vector['limit'],
): PageArguments {
  const side = random.chance(0.7) ? 'first' : 'last';
  const size = limit === 'small' ? random.between(1, 3) : limit === 'zero' ? 0 : limit === 'large' ? 500 : undefined;
  return { where, orderBy, ...(size === undefined ? {} : { [side]: size }) };
}

function orderFor(random: Random, table: TableSpec, order: Vector['order']): readonly OrderTerm[] | undefined {
  if (order === 'none') return undefined;
  const columns = random.shuffled(table.columns.filter((c) => isOrderable(c.type)));
  // An order that an index serves is the interesting one as often as not.
  const index =
    random.chance(0.5) && table.indexes.length > 0
      ? random.pick(table.indexes).columns.filter((name) => isOrderable(columnOf(table, name).type))
      : undefined;
  const names = index !== undefined && index.length > 0 ? index : columns.map((c) => c.name);
  const direction = (): Direction => {
    switch (order) {
      case 'asc':
        return 'ASC';
      case 'desc':
        return 'DESC';
      case 'nullsFirst':
        return random.pick(['ASC_NULLS_FIRST', 'DESC_NULLS_FIRST']);
      case 'nullsLast':
        return random.pick(['ASC_NULLS_LAST', 'DESC_NULLS_LAST']);
      case 'several':
        return random.pick(['ASC', 'DESC', 'ASC', 'DESC', 'DESC_NULLS_LAST', 'ASC_NULLS_FIRST']);
    }
  };
  return names
    .slice(0, order === 'several' ? random.between(2, 3) : 1)
    .map((column) => ({ column, direction: direction() }));
}

/** Text of a duration has no order that means anything. */
function isOrderable(type: TypeSpec): boolean {
  return isIndexable(type) && !(type.kind === 'scalar' && type.scalar === 'Duration');
}

export function generateSelect(
  random: Random,
  schema: SchemaSpec,
  table: TableSpec,
  relation: Vector['relation'],
): readonly Selection[] | undefined {
  const select = columnsOf(random, table);
  const add = (many: boolean, inner: Vector['relation'], withArgs: boolean): boolean => {
    const relations = table.relations.filter((r) => r.many === many);
    if (relations.length === 0) return false;
    const { name, target } = random.pick(relations);
    const other = tableOf(schema, target);
    const nested = generateSelect(random, schema, other, inner) ?? columnsOf(random, other);
    if (!many) select.push({ kind: 'one', relation: name, select: nested, ...alias(random) });
    else {
      const args: ListArguments = withArgs
        ? {
            where: generateWhere(random, schema, other, {
              op: random.pick(['eq', 'isNull', 'lt', 'neq']),
              nullness: 'nullable',
              depth: random.int(2),
              relation: 'none',
            }),
            orderBy: orderFor(random, other, random.pick(['none', 'asc', 'desc', 'several'])),
            ...limitFor(random, random.pick(['none', 'small', 'offset', 'large'])),
          }
        : {};
      select.push({ kind: 'many', relation: name, args, select: nested, ...alias(random) });
    }
    return true;
  };
  switch (relation) {
    case 'none':
    case 'whereOne':
    case 'whereMany':
      return select;
    case 'selectOne':
      return add(false, 'none', false) ? select : undefined;
    case 'selectMany':
      return add(true, 'none', false) ? select : undefined;
    case 'selectManyArgs':
      return add(true, 'none', true) ? select : undefined;
    case 'chain':
      return add(random.chance(0.5), random.pick(['selectOne', 'selectManyArgs']), true) ? select : undefined;
  }
}

/** No two are the same: fields of one name must be one field. */
let aliases = 0;

function alias(random: Random): { alias?: string } {
  return random.chance(0.25) ? { alias: `alias${(aliases += 1)}` } : {};
}

export function columnsOf(random: Random, table: TableSpec): Selection[] {
  const all = random.chance(0.2);
  const columns = all ? table.columns : random.some(table.columns, 1, 4);
  const select: Selection[] = columns.map((column) => {
    const fields = fieldsOf(random, column.type);
    return { kind: 'column', name: column.name, ...alias(random), ...(fields === undefined ? {} : { fields }) };
  });
  if (random.chance(0.2)) select.push({ kind: 'typename' });
  if (random.chance(0.2)) select.push({ kind: 'nodeId' });
  if (hasSyntheticId(table) && random.chance(0.4)) select.unshift({ kind: 'id' });
  return select;
}

function fieldsOf(random: Random, type: TypeSpec): readonly FieldSelection[] | undefined {
  if (type.kind !== 'object') return undefined;
  return random
    .some(type.fields, 1, type.fields.length)
    .map((field) => ({ name: field.name, fields: fieldsOf(random, field.type) }));
}

import { jsonText, parseJson, type Json } from './json.ts';
import type { Random } from './random.ts';
import { sampleText } from './samples.ts';
import { tableOf, type SchemaSpec, type TableSpec, type TypeSpec } from './spec.ts';
import { fromRecord, isBad, toJson, type NaiveValue } from './values.ts';
import type { Condition, Op, Where, WhereMember } from './where.ts';

const sameness: readonly Op[] = ['eq', 'neq', 'in', 'notIn'];
const order: readonly Op[] = ['gt', 'gte', 'lt', 'lte'];

/** The operators that the reference manual gives a type. */
export function opsOf(type: TypeSpec): readonly Op[] {
  if (type.kind === 'enum') return [...sameness, 'isNull'];
  if (type.kind === 'object') return ['isNull'];
  if (type.kind === 'list') return ['has', 'hasSome', 'hasEvery', 'isEmpty', 'isNull'];
  switch (type.scalar) {
    case 'String':
      return [...sameness, ...order, 'contains', 'startsWith', 'endsWith', 'isNull'];
    case 'ID':
      return [...sameness, ...order, 'startsWith', 'isNull'];
    case 'Boolean':
      return ['eq', 'neq', 'isNull'];
    case 'Duration':
    case 'Bytes':
      return [...sameness, 'isNull'];
    case 'JSON':
      return ['isNull'];
    case 'Int':
    case 'Float':
    case 'BigInt':
    case 'Decimal':
    case 'DateTime':
    case 'Date':
    case 'UUID':
      return [...sameness, ...order, 'isNull'];
  }
}

export interface Leaf {
  readonly column: string;
  readonly path: readonly string[];
  readonly type: TypeSpec;
  readonly nullable: boolean;
}

/** Every column and every field inside an embedded object that a filter can name. */
export function leavesOf(table: TableSpec): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const add = (column: string, path: readonly string[], type: TypeSpec, nullable: boolean): void => {
    leaves.push({ column, path, type, nullable });
    if (type.kind !== 'object') return;
    for (const field of type.fields) add(column, [...path, field.name], field.type, nullable || !field.required);
  };
  for (const column of table.columns) add(column.name, [], column.type, !column.required);
  return leaves;
}

/** A condition with this operator on a column that is nullable or not; undefined where the table has none. */
export function leafWith(
  random: Random,
  table: TableSpec,
  op: Op,
  nullness: 'nullable' | 'required',
): WhereMember | undefined {
  const leaves = leavesOf(table).filter(
    (leaf) => leaf.nullable === (nullness === 'nullable') && opsOf(leaf.type).includes(op),
  );
  if (leaves.length === 0) return undefined;
  const found = leaves.filter(({ column, path }) => path.length === 0 && isFirstOfPath(table, column));
  return member(random, random.pick(found.length > 0 && random.chance(0.4) ? found : leaves), op);
}

/** What rows are found by: the key and the indexes. */
const pathsOf = ({ key, indexes }: TableSpec): readonly (readonly string[])[] => [
  key,
  ...indexes.map((i) => i.columns),
];

function isFirstOfPath(table: TableSpec, column: string): boolean {
  return pathsOf(table).some(([first]) => first === column);
}

/** Conditions on the first columns of an index of several: equal to one or some values, the last of them in a range. */
function alongPath(random: Random, table: TableSpec): readonly WhereMember[] {
  const paths = pathsOf(table).filter(({ length }) => length > 1);
  if (paths.length === 0) return [];
  const path = random.pick(paths);
  const columns = path.slice(0, random.between(1, path.length));
  return columns.flatMap((name, i): readonly WhereMember[] => {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined) return [];
    const wished: readonly Op[] =
      i < columns.length - 1 ? ['eq', 'eq', 'in'] : [...order, 'in', 'eq', 'isNull', 'startsWith'];
    const ops = wished.filter((op) => opsOf(column.type).includes(op));
    const conditions = [condition(random, column.type, random.pick(ops), 'few')];
    return [{ kind: 'column', column: name, path: [], conditions, insensitive: false }];
  });
}

export function anyLeaf(random: Random, table: TableSpec): WhereMember {
  const leaf = random.pick(leavesOf(table));
  return member(random, leaf, random.pick(opsOf(leaf.type)));
}

function member(random: Random, leaf: Leaf, op: Op): WhereMember {
  const insensitive =
    leaf.type.kind === 'scalar' &&
    leaf.type.scalar === 'String' &&
    !order.includes(op) &&
    op !== 'isNull' &&
    random.chance(0.25);
  const conditions = [condition(random, leaf.type, op)];
  const others = opsOf(leaf.type).filter((other) => other !== op && !(insensitive && order.includes(other)));
  if (random.chance(0.15) && others.length > 0) conditions.push(condition(random, leaf.type, random.pick(others)));
  return { kind: 'column', column: leaf.column, path: leaf.path, conditions, insensitive };
}

function condition(random: Random, type: TypeSpec, op: Op, size: 'few' | 'any' = 'any'): Condition {
  const element = type.kind === 'list' ? type.element : type;
  switch (op) {
    case 'isNull':
    case 'isEmpty': {
      const operand = random.chance(0.5);
      return { op, operand, written: { t: 'bool', value: operand } };
    }
    case 'in':
    case 'notIn':
    case 'hasSome':
    case 'hasEvery': {
      const items = Array.from({ length: random.pick([0, 1, 2, 2, 3, 4]) }, () => operandOf(random, element, size));
      return { op, operand: items.map((i) => i.value), written: { t: 'arr', items: items.map((i) => i.written) } };
    }
    case 'contains':
    case 'startsWith':
    case 'endsWith': {
      const points = [...String(operandOf(random, element, size).value)];
      const count = Math.min(points.length, random.pick([0, 1, 2, 510, 512, 600]));
      const operand = (op === 'endsWith' ? points.slice(points.length - count) : points.slice(0, count)).join('');
      return { op, operand, written: jsonText(operand) };
    }
    default: {
      const { value, written } = operandOf(random, element, size);
      return { op, operand: value, written };
    }
  }
}

/** A value and how a client writes it: text wherever a JavaScript number could lose digits. */
export function operandOf(
  random: Random,
  type: TypeSpec,
  size: 'few' | 'any' = 'any',
): { readonly value: NaiveValue; readonly written: Json } {
  const json = parseJson(sampleText(random, type, size));
  const value = fromRecord(type, json);
  if (isBad(value)) throw new Error('a sample is no value');
  const exact = type.kind === 'scalar' && (type.scalar === 'BigInt' || type.scalar === 'Decimal');
  const written = exact && json.t === 'num' ? (json.text.length > 15 ? toJson(type, value) : json) : json;
  return { value, written };
}

export interface WhereWish {
  readonly op: Op | 'none';
  readonly nullness: 'nullable' | 'required';
  /** How many and, or and not surround the condition. */
  readonly depth: number;
  readonly relation: 'one' | 'many' | 'none';
}

/** A filter as wished for; undefined where the table cannot have it. */
export function generateWhere(
  random: Random,
  schema: SchemaSpec,
  table: TableSpec,
  wish: WhereWish,
): Where | undefined {
  const members: WhereMember[] = [];
  if (wish.op !== 'none') {
    const leaf = leafWith(random, table, wish.op, wish.nullness);
    if (leaf === undefined) return undefined;
    let where: Where = { members: [leaf] };
    if (random.chance(0.2)) {
      const others = alongPath(random, table).filter(
        (other) => other.kind !== 'column' || other.column !== nameIn(leaf),
      );
      where = { members: [leaf, ...others] };
    }
    for (let level = 0; level < wish.depth; level += 1) where = { members: [surround(random, table, where)] };
    members.push(...where.members);
  }
  if (wish.relation !== 'none') {
    const related = relatedMember(random, schema, table, wish.relation);
    if (related === undefined) return undefined;
    members.push(related);
  }
  const names = members.map(nameIn);
  // An object has a member once.
  if (new Set(names).size < names.length) {
    return { members: [{ kind: 'and', of: members.map((member) => ({ members: [member] })) }] };
  }
  return { members };
}

const nameIn = (member: WhereMember): string => (member.kind === 'column' ? member.column : member.kind);

function surround(random: Random, table: TableSpec, where: Where): WhereMember {
  const kind = random.pick(['and', 'or', 'not', 'not'] as const);
  if (kind === 'not') return { kind, of: where };
  const others = Array.from({ length: random.int(3) }, (): Where => ({ members: [anyLeaf(random, table)] }));
  return { kind, of: random.shuffled([where, ...others]) };
}

function relatedMember(
  random: Random,
  schema: SchemaSpec,
  table: TableSpec,
  wish: 'one' | 'many',
): WhereMember | undefined {
  const relations = table.relations.filter((relation) => relation.many === (wish === 'many'));
  if (relations.length === 0) return undefined;
  const relation = random.pick(relations);
  const target = tableOf(schema, relation.target);
  // What often changes when the related row does: whether it is there, whether a column of it is null or unlike another.
  const op = random.pick(['isNull', 'isNull', 'neq', 'gte', 'lte', undefined, undefined] as const);
  const leaf = op === undefined ? undefined : leafWith(random, target, op, 'nullable');
  let of: Where = { members: wish === 'many' && random.chance(0.15) ? [] : [leaf ?? anyLeaf(random, target)] };
  if (random.chance(0.2)) of = { members: [surround(random, target, of)] };
  if (random.chance(0.2)) {
    const further = relatedMember(random, schema, target, random.pick(['one', 'many']));
    if (further !== undefined) of = { members: [further] };
  }
  const quantifier = wish === 'one' ? 'one' : random.pick(['some', 'every', 'none'] as const);
  const found: WhereMember = { kind: 'related', relation: relation.name, quantifier, of };
  return random.chance(0.2) ? { kind: 'not', of: { members: [found] } } : found;
}

import { anyLeaf, leafWith } from '../generate-where.ts';
import { isIndexable } from '../generate-schema.ts';
import type { Random } from '../random.ts';
import { columnOf, type ColumnSpec, type IndexSpec, type RelationSpec } from '../spec.ts';
import type { Where, WhereMember } from '../where.ts';
import { calculation, columnExpr, pathsFrom, referencesOf } from './generate-expr.ts';
import { isKept, tableNamed, type AnyTable, type DerivedSchema, type DerivedTable, type Expr } from './spec.ts';

export interface Name {
  readonly name: string;
  readonly singular: string;
  readonly plural: string;
}

/** Filter, rename, compute, enrich: some of each. */
export function generateView(random: Random, schema: DerivedSchema, name: Name, source: AnyTable): DerivedTable {
  const columns = new Map<string, Expr>();
  const renamed = new Map<string, string>();
  const add = (wanted: string, expr: Expr): string => {
    let free = wanted;
    while (columns.has(free) || reserved.has(free)) free += 'X';
    columns.set(free, expr);
    return free;
  };
  const take = (column: string, mayRename: boolean): string => {
    const known = renamed.get(column);
    if (known !== undefined) return known;
    const wanted = mayRename && random.chance(0.25) ? `${column}Of` : column;
    const taken = add(wanted, columnExpr(columnOf(source, column)));
    renamed.set(column, taken);
    return taken;
  };
  const key = source.key.map((column) => take(column, true));
  const relations: RelationSpec[] = [];
  for (const relation of source.relations) {
    if (relation.many || !random.chance(0.7)) continue;
    const own = relation.columns.map((column) => take(column, true));
    relations.push({ ...relation, name: freeName(relation.name, columns, relations), columns: own });
  }
  if (source.columns.some((c) => c.name === 'at') && random.chance(0.85)) take('at', true);
  for (const column of random.some(source.columns, 1, 5)) take(column.name, true);
  const kept = isKept(schema, source);
  const paths = kept ? pathsFrom(schema, source) : [];
  for (let n = random.int(paths.length > 0 ? 4 : 1); n > 0; n -= 1) {
    const path = random.pick(paths);
    if (path.kind === 'path') add(`${path.column}Via${path.relations.length}`, path);
  }
  const references = referencesOf(schema, source, kept);
  for (let n = random.int(3); n > 0; n -= 1) {
    const expr = calculation(random, references);
    if (expr !== undefined) add(`made${n}`, expr);
  }
  const specs = [...columns].map(([column, expr]): ColumnSpec => ({
    name: column,
    type: expr.type,
    required: !expr.nullable,
  }));
  return {
    ...name,
    topic: '',
    partitions: 0,
    mode: 'UPSERT',
    keyFormat: 'NONE',
    keyFormatWritten: false,
    keyWritten: !(key.length === 1 && key[0] === 'id'),
    key,
    columns: specs,
    relations: kept ? relations : [],
    indexes: kept ? indexesOf(random, specs, key) : [],
    limit: { default: 50, max: 1000 },
    derivation: {
      kind: 'view',
      source: source.name,
      columns,
      where: random.chance(0.4) ? conditions(random, schema, source, kept) : undefined,
    },
  };
}

/** The API's own on some types. */
const reserved = new Set(['nodeId', 'interval', 'timestamp', 'closed', 'end']);

function freeName(name: string, columns: ReadonlyMap<string, Expr>, relations: readonly RelationSpec[]): string {
  let free = name;
  while (columns.has(free) || relations.some((r) => r.name === free)) free += 'R';
  return free;
}

export function indexesOf(
  random: Random,
  columns: readonly ColumnSpec[],
  key: readonly string[],
): readonly IndexSpec[] {
  const possible = columns.filter(({ name, type }) => isIndexable(type) && !key.includes(name));
  const found = possible
    .filter(() => random.chance(0.25))
    .map(({ name }): IndexSpec => ({ columns: [name], unique: false, covering: random.chance(0.3) }));
  const several = random.shuffled(possible).slice(0, 2);
  if (several.length === 2 && random.chance(0.4)) {
    found.push({ columns: several.map(({ name }) => name), unique: false, covering: random.chance(0.3) });
  }
  return found;
}

/** A filter over the table's own columns, now and then also through a relation to one row. */
export function conditions(random: Random, schema: DerivedSchema, table: AnyTable, related: boolean): Where {
  const members: WhereMember[] = [ownCondition(random, table)];
  const relations = related ? table.relations.filter((r) => !r.many) : [];
  if (relations.length > 0 && random.chance(0.6)) members.push(throughRelation(random, schema, table, 2));
  if (members.length > 1 && random.chance(0.4)) members.shift();
  if (members.length === 1 && !random.chance(0.3)) return { members };
  const parts = members.map((member): Where => ({ members: [member] }));
  const kind = random.pick(['and', 'or', 'or'] as const);
  const joined: WhereMember = { kind, of: [...parts, { members: [ownCondition(random, table)] }] };
  return { members: [joined] };
}

/** Mostly one that keeps many rows: a filter that keeps none shows nothing. */
function ownCondition(random: Random, table: AnyTable): WhereMember {
  if (random.chance(0.3)) return anyLeaf(random, table);
  const unlike = leafWith(random, table, random.pick(['neq', 'notIn'] as const), 'required');
  const like = leafWith(random, table, 'eq', random.pick(['required', 'nullable'] as const));
  if (random.chance(0.6) || like === undefined) return unlike ?? anyLeaf(random, table);
  return { kind: 'not', of: { members: [like] } };
}

function throughRelation(random: Random, schema: DerivedSchema, table: AnyTable, hops: number): WhereMember {
  const relation = random.pick(table.relations.filter((r) => !r.many));
  const target = tableNamed(schema, relation.target);
  const goOn = hops > 1 && target.relations.some((r) => !r.many) && random.chance(0.4);
  const of = goOn ? throughRelation(random, schema, target, hops - 1) : anyLeaf(random, target);
  const found: WhereMember = { kind: 'related', relation: relation.name, quantifier: 'one', of: { members: [of] } };
  return random.chance(0.3) ? { kind: 'not', of: { members: [found] } } : found;
}

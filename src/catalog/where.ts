import { didYouMean } from '../common/did-you-mean.ts';
import { must, unreachable } from '../common/errors.ts';
import type { CompareOp, Predicate } from '../model/predicate.ts';
import type { ColumnType, ScalarName } from '../model/value.ts';
import type { Catalog, Table } from './catalog.ts';
import type { Column, Relation } from './column.ts';
import { nullMessage, readClaims, readOperand, WhereError } from './where-operand.ts';
import type { Path } from './where-operand.ts';

export interface WhereOptions {
  /**
   * False: a relation is an error, because only the record at hand is known (`accept`). One: relations to one row alone, as in
   * the filters of derived tables. Default true.
   */
  readonly relations?: boolean | 'one' | undefined;
  /** True: a text `$jwt.…` is a claim of the caller instead of a value (`model/claims.ts` puts it in). Default false. */
  readonly claims?: boolean | undefined;
}

/**
 * A filter of the API, as a plain object, to a predicate; undefined where it constrains nothing. Used for directive
 * literals and for coerced GraphQL arguments alike: a leaf may be a Value already.
 *
 * An absent (or undefined) operator is no constraint, so `{}` holds for every row, in `or` and `not` too; an empty `or`
 * holds for none. Throws WhereError at the first mistake; an explicit null is one, which `isNull` is for.
 */
export function compileWhere(
  catalog: Catalog,
  table: Table,
  input: unknown,
  options: WhereOptions = {},
): Predicate | undefined {
  const context = { catalog, relations: options.relations ?? true, claims: options.claims ?? false };
  const predicate = compileTable(context, table, input, []);
  return isAlwaysTrue(predicate) ? undefined : predicate;
}

/** The operators that a column of this type has, in the order in which the API lists them. */
export function filterOps(type: ColumnType): readonly CompareOp[] {
  switch (type.kind) {
    case 'scalar':
      return scalarOps[type.scalar];
    case 'enum':
      return [...sameness, 'isNull'];
    case 'object':
      return ['isNull'];
    case 'list':
      return filterOps(type.element).includes('eq')
        ? ['has', 'hasSome', 'hasEvery', 'isEmpty', 'isNull']
        : ['isEmpty', 'isNull'];
    default:
      return unreachable(type);
  }
}

/** Whether a filter of this type takes `mode: INSENSITIVE` beside its operators. */
export function filterHasMode(type: ColumnType): boolean {
  return type.kind === 'scalar' && type.scalar === 'String';
}

const sameness = ['eq', 'neq', 'in', 'notIn'] as const;
const order = ['gt', 'gte', 'lt', 'lte'] as const;
const ordered: readonly CompareOp[] = [...sameness, ...order, 'isNull'];

const scalarOps: Readonly<Record<ScalarName, readonly CompareOp[]>> = {
  ID: [...sameness, ...order, 'startsWith', 'isNull'],
  String: [...sameness, ...order, 'contains', 'startsWith', 'endsWith', 'isNull'],
  Int: ordered,
  Float: ordered,
  Boolean: ['eq', 'neq', 'isNull'],
  BigInt: ordered,
  Decimal: ordered,
  DateTime: ordered,
  Date: ordered,
  UUID: ordered,
  // As text, PT9M would come after PT10M.
  Duration: [...sameness, 'isNull'],
  Bytes: [...sameness, 'isNull'],
  JSON: ['isNull'],
};

/** Operators that `mode: INSENSITIVE` changes. */
const foldable: ReadonlySet<CompareOp> = new Set([...sameness, 'contains', 'startsWith', 'endsWith'] as const);

/** Deeper filters would overflow the stack of whoever evaluates them. */
const maxDepth = 50;

interface Context {
  readonly catalog: Catalog;
  readonly relations: boolean | 'one';
  readonly claims: boolean;
}

function compileTable(context: Context, table: Table, input: unknown, path: Path): Predicate {
  if (path.length > maxDepth) throw new WhereError(`A filter may be nested at most ${maxDepth} deep.`, path);
  const parts: Predicate[] = [];
  for (const [name, member] of membersOf(input, `a filter of ${table.name}`, path)) {
    parts.push(compileMember(context, table, name, member, [...path, name]));
  }
  return all(parts);
}

function compileMember(context: Context, table: Table, name: string, member: unknown, path: Path): Predicate {
  if (name === 'and' || name === 'or') {
    if (!Array.isArray(member)) throw new WhereError(`"${name}" takes a list of filters.`, path);
    const parts = member.map((part: unknown, i) => compileTable(context, table, part, [...path, i]));
    return name === 'and' ? all(parts) : any(parts);
  }
  if (name === 'not') return { kind: 'not', part: compileTable(context, table, member, path) };
  const column = table.columnsByName.get(name);
  if (column !== undefined) return compileColumn(context, column, column.type, [], member, path);
  const relation = table.relationsByName.get(name);
  if (relation === undefined) {
    const known = [...table.columnsByName.keys(), ...table.relationsByName.keys(), 'and', 'or', 'not'];
    throw new WhereError(`${table.name} has no column "${name}" to filter by.${didYouMean(name, known)}`, path);
  }
  if (!context.relations) {
    throw new WhereError(`"${name}" is a relation; only columns of ${table.name} itself can be used here.`, path);
  }
  if (context.relations === 'one' && relation.many) {
    throw new WhereError(
      `"${name}" leads to many rows; columns of ${table.name}, and relations to one row, can be used here.`,
      path,
    );
  }
  return compileRelation(context, relation, member, path);
}

function compileRelation(context: Context, relation: Relation, member: unknown, path: Path): Predicate {
  const target = must(context.catalog.tablesByName.get(relation.target), `no table ${relation.target}`);
  if (!relation.many) {
    const part = compileTable(context, target, member, path);
    return isAlwaysTrue(part) ? part : { kind: 'related', relation, quantifier: 'one', part };
  }
  const parts: Predicate[] = [];
  for (const [name, filter] of membersOf(member, `a filter of ${relation.name}`, path)) {
    if (name !== 'some' && name !== 'every' && name !== 'none') {
      throw new WhereError(
        `"${relation.name}" leads to many rows: say which with some, every or none, not "${name}".`,
        [...path, name],
      );
    }
    parts.push({
      kind: 'related',
      relation,
      quantifier: name,
      part: compileTable(context, target, filter, [...path, name]),
    });
  }
  return all(parts);
}

/** `type` is that of `at` inside the column: the column's own where `at` is empty. */
function compileColumn(
  context: Context,
  column: Column,
  type: ColumnType,
  at: readonly string[],
  input: unknown,
  path: Path,
): Predicate {
  const name = [column.name, ...at].join('.');
  if (input === null) throw new WhereError(nullMessage(`{ ${name}: { isNull: true } }`), path);
  const ops = filterOps(type);
  const members = membersOf(input, `a filter of "${name}", such as { ${ops[0]}: … }`, path);
  const insensitive = readMode(type, members, path);
  const parts: Predicate[] = [];
  for (const [member, operand] of members) {
    if (member === 'mode' && filterHasMode(type)) continue;
    const memberPath = [...path, member];
    const op = ops.find((known) => known === member);
    if (op !== undefined) {
      if (insensitive && !foldable.has(op) && op !== 'isNull') {
        throw new WhereError(`mode: INSENSITIVE has no meaning for "${op}".`, memberPath);
      }
      const claims = context.claims ? readClaims(type, op, operand, memberPath) : undefined;
      const value = claims === undefined ? readOperand(type, op, operand, memberPath) : null;
      parts.push({
        kind: 'compare',
        column,
        path: at,
        type,
        op,
        operand: value,
        insensitive: insensitive && foldable.has(op),
        ...(claims === undefined ? {} : { claims }),
      });
      continue;
    }
    const field = type.kind === 'object' ? type.fields.find((known) => known.name === member) : undefined;
    if (field !== undefined) {
      parts.push(compileColumn(context, column, field.type, [...at, field.name], operand, memberPath));
      continue;
    }
    const known = type.kind === 'object' ? [...type.fields.map((each) => each.name), ...ops] : ops;
    throw new WhereError(
      `"${name}" cannot be filtered by "${member}".${didYouMean(member, known) || ` It has ${known.join(', ')}.`}`,
      memberPath,
    );
  }
  return all(parts);
}

function readMode(type: ColumnType, members: readonly (readonly [string, unknown])[], path: Path): boolean {
  if (!filterHasMode(type)) return false;
  const mode = members.find(([name]) => name === 'mode')?.[1] ?? 'SENSITIVE';
  if (mode === 'INSENSITIVE' || mode === 'SENSITIVE') return mode === 'INSENSITIVE';
  throw new WhereError('"mode" is SENSITIVE or INSENSITIVE.', [...path, 'mode']);
}

/** The members that are there; an undefined member counts as absent. */
function membersOf(input: unknown, expected: string, path: Path): readonly (readonly [string, unknown])[] {
  if (input === undefined) return [];
  if (input === null) throw new WhereError(`Expected ${expected}, got null. Leave it out for no constraint.`, path);
  if (typeof input !== 'object' || Array.isArray(input)) throw new WhereError(`Expected ${expected}.`, path);
  return Object.entries(input as Readonly<Record<string, unknown>>).filter(([, member]) => member !== undefined);
}

function isAlwaysTrue(predicate: Predicate): boolean {
  return predicate.kind === 'and' && predicate.parts.length === 0;
}

function all(parts: readonly Predicate[]): Predicate {
  const flat = parts.flatMap((part) => (part.kind === 'and' ? part.parts : [part]));
  return flat.length === 1 && flat[0] !== undefined ? flat[0] : { kind: 'and', parts: flat };
}

function any(parts: readonly Predicate[]): Predicate {
  const always = parts.find(isAlwaysTrue);
  if (always !== undefined) return always;
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
}

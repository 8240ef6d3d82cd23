import type { Random } from '../random.ts';
import type { ColumnSpec, ScalarKind, TypeSpec } from '../spec.ts';
import { tableNamed, type AnyTable, type DerivedSchema, type Expr, type Reference } from './spec.ts';

export const scalar = (kind: ScalarKind): TypeSpec => ({ kind: 'scalar', scalar: kind });

const numbers: readonly ScalarKind[] = ['Int', 'BigInt', 'Decimal', 'Float'];

export function scalarOf(type: TypeSpec): ScalarKind | undefined {
  return type.kind === 'scalar' ? type.scalar : undefined;
}

export function isNumber(type: TypeSpec): boolean {
  const kind = scalarOf(type);
  return kind !== undefined && numbers.includes(kind);
}

export function columnExpr({ name, type, required }: ColumnSpec): Reference {
  return { kind: 'column', name, type, nullable: !required };
}

/** Columns of other rows, up to three relations away. */
export function pathsFrom(schema: DerivedSchema, table: AnyTable, hops = 3): readonly Reference[] {
  if (hops === 0) return [];
  return table.relations.flatMap((relation): readonly Reference[] => {
    if (relation.many) return [];
    const target = tableNamed(schema, relation.target);
    const own = target.columns.map((column): Reference => {
      const relations = [relation.name];
      return { kind: 'path', relations, column: column.name, type: column.type, nullable: true };
    });
    const further = pathsFrom(schema, target, hops - 1).flatMap((path): readonly Reference[] =>
      path.kind === 'path' ? [{ ...path, relations: [relation.name, ...path.relations] }] : [],
    );
    return [...own, ...further];
  });
}

/** What may stand in an expression over the table. */
export function referencesOf(schema: DerivedSchema, table: AnyTable, withPaths: boolean): readonly Expr[] {
  return [...table.columns.map(columnExpr), ...(withPaths ? pathsFrom(schema, table) : [])];
}

/** A calculation with numbers among these; undefined where there are none. */
export function calculation(random: Random, references: readonly Expr[]): Expr | undefined {
  const operands = references.filter(({ type }) => isNumber(type));
  if (operands.length === 0) return undefined;
  const left = random.pick(operands);
  const right = random.pick(operands);
  const expr = random.chance(0.25) ? coalesced(left, right) : combined(random, left, right);
  return random.chance(0.25) ? combined(random, expr, random.pick(operands)) : expr;
}

function combined(random: Random, left: Expr, right: Expr): Expr {
  const op = random.pick(['+', '-', '*', '+', '/'] as const);
  const kind = widest(left.type, right.type);
  const type = scalar(op === '/' && kind === 'BigInt' ? 'Decimal' : kind);
  return { kind: 'binary', op, left, right, type, nullable: left.nullable || right.nullable };
}

function coalesced(left: Expr, right: Expr): Expr {
  const same = scalarOf(left.type) === scalarOf(right.type);
  const type = same ? left.type : scalar(widest(left.type, right.type));
  return { kind: 'coalesce', of: [left, right], type, nullable: left.nullable && right.nullable };
}

function widest(a: TypeSpec, b: TypeSpec): ScalarKind {
  const kinds = [scalarOf(a), scalarOf(b)];
  return kinds.includes('Float') ? 'Float' : kinds.includes('Decimal') ? 'Decimal' : 'BigInt';
}

import { related, type Row, type State } from './rows.ts';
import {
  columnOf,
  relationOf,
  tableOf,
  type ColumnSpec,
  type Condition,
  type Op,
  type Operand,
  type SchemaSpec,
  type TableSpec,
} from './spec.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** As the literal that `@auth(rules: [{ where: … }])` takes. */
export function printCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `{ ${condition.kind}: [${condition.parts.map(printCondition).join(', ')}] }`;
    case 'not':
      return `{ not: ${printCondition(condition.part)} }`;
    case 'compare': {
      const mode = condition.insensitive === true ? ', mode: INSENSITIVE' : '';
      return `{ ${condition.column}: { ${condition.op}: ${printOperand(condition.operand)}${mode} } }`;
    }
    case 'related': {
      const part = printCondition(condition.part);
      return `{ ${condition.relation}: ${condition.quantifier === 'one' ? part : `{ ${condition.quantifier}: ${part} }`} }`;
    }
  }
}

function printOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'value':
      return JSON.stringify(operand.value);
    case 'claim':
      return JSON.stringify(`$jwt.${operand.path.map((name) => name.replaceAll('.', '\\.')).join('.')}`);
    case 'list':
      return `[${operand.items.map(printOperand).join(', ')}]`;
  }
}

/** With a caller's claims in place; undefined where one is missing or is none that the column can have: then nothing is granted. */
export function bindClaims(
  schema: SchemaSpec,
  table: TableSpec,
  condition: Condition,
  claims: Claims,
): Condition | undefined {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => bindClaims(schema, table, part, claims));
      return parts.every((part) => part !== undefined) ? { kind: condition.kind, parts } : undefined;
    }
    case 'not': {
      const part = bindClaims(schema, table, condition.part, claims);
      return part && { kind: 'not', part };
    }
    case 'related': {
      const { target } = relationOf(table, condition.relation);
      const part = bindClaims(schema, tableOf(schema, target), condition.part, claims);
      return part && { ...condition, part };
    }
    case 'compare': {
      const operand = bindOperand(columnOf(table, condition.column), condition.op, condition.operand, claims);
      return operand && { ...condition, operand };
    }
  }
}

const listOps: ReadonlySet<Op> = new Set(['in', 'notIn', 'hasSome', 'hasEvery']);

function bindOperand(column: ColumnSpec, op: Op, operand: Operand, claims: Claims): Operand | undefined {
  switch (operand.kind) {
    case 'value':
      return operand;
    case 'list': {
      const items = operand.items.map((item) => bindOperand(column, 'eq', item, claims));
      return items.every((item) => item !== undefined) ? { kind: 'list', items } : undefined;
    }
    case 'claim': {
      const claim = claimAt(claims, operand.path);
      if (!listOps.has(op)) return fits(column, claim) ? { kind: 'value', value: claim } : undefined;
      const list: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
      const items = list.map((value): Operand => ({ kind: 'value', value }));
      return list.every((each) => fits(column, each)) ? { kind: 'list', items } : undefined;
    }
  }
}

function claimAt(claims: Claims, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Claims)[name] : undefined,
    claims,
  );
}

/** Whether a column (or element of a list) can have it; the claims here leave no doubt. */
function fits({ type }: ColumnSpec, claim: unknown): boolean {
  switch (type) {
    case 'Int':
      return Number.isInteger(claim);
    case 'Boolean':
      return typeof claim === 'boolean';
    default:
      return typeof claim === 'string';
  }
}

/** SQL's logic: null is unknown. An undefined row stands for one that is missing: all of its columns are null. */
export function holds(
  schema: SchemaSpec,
  state: State,
  table: TableSpec,
  condition: Condition,
  row: Row | undefined,
): boolean | null {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const answers = condition.parts.map((part) => holds(schema, state, table, part, row));
      const decisive = condition.kind === 'or';
      if (answers.includes(decisive)) return decisive;
      return answers.includes(null) ? null : !decisive;
    }
    case 'not': {
      const answer = holds(schema, state, table, condition.part, row);
      return answer === null ? null : !answer;
    }
    case 'compare':
      return compare(condition, row?.values[condition.column] ?? null);
    case 'related': {
      const relation = relationOf(table, condition.relation);
      const target = tableOf(schema, relation.target);
      const rows = row === undefined ? [] : related(state, relation, row);
      const answer = (each: Row | undefined) => holds(schema, state, target, condition.part, each);
      switch (condition.quantifier) {
        case 'one':
          return answer(rows[0]);
        case 'some':
          return rows.some((each) => answer(each) === true);
        case 'every':
          return rows.every((each) => answer(each) === true);
        case 'none':
          return !rows.some((each) => answer(each) === true);
      }
    }
  }
}

function compare(
  { op, operand, insensitive }: Extract<Condition, { kind: 'compare' }>,
  value: unknown,
): boolean | null {
  if (op === 'isNull') return (value === null) === valueOf(operand);
  if (value === null) return null;
  const fold = (each: unknown) => (insensitive === true && typeof each === 'string' ? each.toLowerCase() : each);
  const a = fold(value);
  switch (op) {
    case 'eq':
      return a === fold(valueOf(operand));
    case 'neq':
      return a !== fold(valueOf(operand));
    case 'in':
      return listOf(operand).some((each) => fold(each) === a);
    case 'notIn':
      return !listOf(operand).some((each) => fold(each) === a);
    case 'gt':
      return (a as number) > (valueOf(operand) as number);
    case 'gte':
      return (a as number) >= (valueOf(operand) as number);
    case 'lt':
      return (a as number) < (valueOf(operand) as number);
    case 'lte':
      return (a as number) <= (valueOf(operand) as number);
    case 'startsWith':
      return (a as string).startsWith(valueOf(operand) as string);
    case 'has':
      return (a as readonly unknown[]).includes(valueOf(operand));
    case 'hasSome':
      return listOf(operand).some((each) => (a as readonly unknown[]).includes(each));
    case 'hasEvery':
      return listOf(operand).every((each) => (a as readonly unknown[]).includes(each));
  }
}

/** Of an operand whose claims are in place. */
function valueOf(operand: Operand): unknown {
  if (operand.kind !== 'value') throw new Error(`an operand that is no value: ${JSON.stringify(operand)}`);
  return operand.value;
}

function listOf(operand: Operand): readonly unknown[] {
  return operand.kind === 'list' ? operand.items.map(valueOf) : [valueOf(operand)];
}

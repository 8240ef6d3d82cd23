import type { Json } from './json.ts';
import { printJson } from './json.ts';
import type { NaiveRow, Tables } from './naive.ts';
import { columnOf, tableOf, type SchemaSpec, type TableSpec, type TypeSpec } from './spec.ts';
import { compare, same, type NaiveObject, type NaiveValue } from './values.ts';

/** The filter language as the oracle holds it: members of one object are ANDed. */
export interface Where {
  readonly members: readonly WhereMember[];
}

export type Op =
  | 'eq'
  | 'neq'
  | 'in'
  | 'notIn'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'isNull'
  | 'has'
  | 'hasSome'
  | 'hasEvery'
  | 'isEmpty';

export interface Condition {
  readonly op: Op;
  readonly operand: NaiveValue;
  /** The operand as the client writes it. */
  readonly written: Json;
}

export type WhereMember =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Where[] }
  | { readonly kind: 'not'; readonly of: Where }
  | {
      readonly kind: 'column';
      readonly column: string;
      /** Into an embedded object. */
      readonly path: readonly string[];
      readonly conditions: readonly Condition[];
      readonly insensitive: boolean;
    }
  | {
      readonly kind: 'related';
      readonly relation: string;
      readonly quantifier: 'one' | 'some' | 'every' | 'none';
      readonly of: Where;
    };

type Truth = true | false | null;

const and = (parts: readonly Truth[]): Truth => (parts.includes(false) ? false : parts.includes(null) ? null : true);
const or = (parts: readonly Truth[]): Truth => (parts.includes(true) ? true : parts.includes(null) ? null : false);
const not = (part: Truth): Truth => (part === null ? null : !part);

/** SQL's three values. `row` undefined: the other side of a to-one relation that is not there; its columns are null. */
export function holds(tables: Tables, table: TableSpec, where: Where, row: NaiveRow | undefined): Truth {
  return and(where.members.map((member) => memberHolds(tables, table, member, row)));
}

function memberHolds(tables: Tables, table: TableSpec, member: WhereMember, row: NaiveRow | undefined): Truth {
  switch (member.kind) {
    case 'and':
      return and(member.of.map((part) => holds(tables, table, part, row)));
    case 'or':
      return or(member.of.map((part) => holds(tables, table, part, row)));
    case 'not':
      return not(holds(tables, table, member.of, row));
    case 'column': {
      const { type, value } = valueAt(table, member.column, member.path, row);
      return and(member.conditions.map((condition) => conditionHolds(type, value, condition, member.insensitive)));
    }
    case 'related': {
      const relation = table.relations.find((r) => r.name === member.relation);
      if (relation === undefined) throw new Error(`no relation ${member.relation}`);
      const target = tableOf(tables.schema, relation.target);
      const rows = row === undefined ? [] : tables.related(table, relation, row);
      switch (member.quantifier) {
        case 'one':
          return holds(tables, target, member.of, rows[0]);
        case 'some':
          return rows.some((other) => holds(tables, target, member.of, other) === true);
        case 'every':
          return rows.every((other) => holds(tables, target, member.of, other) === true);
        case 'none':
          return !rows.some((other) => holds(tables, target, member.of, other) === true);
      }
    }
  }
}

/** The type and value of a column or of a field inside an embedded object. */
export function valueAt(
  table: TableSpec,
  name: string,
  path: readonly string[],
  row: NaiveRow | undefined,
): { type: TypeSpec; value: NaiveValue } {
  let type = columnOf(table, name).type;
  let value: NaiveValue = row?.values.get(name) ?? null;
  for (const step of path) {
    if (type.kind !== 'object') throw new Error(`${name} is not an object`);
    const field = type.fields.find((f) => f.name === step);
    if (field === undefined) throw new Error(`no field ${step}`);
    value = value === null ? null : ((value as NaiveObject).get(step) ?? null);
    type = field.type;
  }
  return { type, value };
}

function conditionHolds(type: TypeSpec, value: NaiveValue, condition: Condition, insensitive: boolean): Truth {
  const { op, operand } = condition;
  if (op === 'isNull') return (value === null) === operand;
  if (value === null) return null;
  const fold = (v: NaiveValue): NaiveValue => (insensitive && typeof v === 'string' ? v.toLowerCase() : v);
  const equal = (a: NaiveValue, b: NaiveValue): boolean => same(type, fold(a), fold(b));
  const list = operand as readonly NaiveValue[];
  switch (op) {
    case 'eq':
      return equal(value, operand);
    case 'neq':
      return !equal(value, operand);
    case 'in':
      return list.some((item) => equal(value, item));
    case 'notIn':
      return !list.some((item) => equal(value, item));
    case 'gt':
      return compare(type, value, operand) > 0;
    case 'gte':
      return compare(type, value, operand) >= 0;
    case 'lt':
      return compare(type, value, operand) < 0;
    case 'lte':
      return compare(type, value, operand) <= 0;
    case 'contains':
      return String(fold(value)).includes(String(fold(operand)));
    case 'startsWith':
      return String(fold(value)).startsWith(String(fold(operand)));
    case 'endsWith':
      return String(fold(value)).endsWith(String(fold(operand)));
    case 'has':
      return elementIn(type, value, operand);
    case 'hasSome':
      return list.some((item) => elementIn(type, value, item));
    case 'hasEvery':
      return list.every((item) => elementIn(type, value, item));
    case 'isEmpty':
      return ((value as readonly NaiveValue[]).length === 0) === operand;
  }
}

function elementIn(type: TypeSpec, list: NaiveValue, item: NaiveValue): boolean {
  if (type.kind !== 'list') throw new Error('not a list');
  return (list as readonly NaiveValue[]).some((element) => same(type.element, element, item));
}

/** As a GraphQL literal, for documents and directive arguments. */
export function printWhere(schema: SchemaSpec, table: TableSpec, where: Where): string {
  return write(schema, table, where, true);
}

/** As JSON text, for variables. */
export function printWhereJson(schema: SchemaSpec, table: TableSpec, where: Where): string {
  return write(schema, table, where, false);
}

function write(schema: SchemaSpec, table: TableSpec, where: Where, literal: boolean): string {
  const name = (text: string): string => (literal ? text : JSON.stringify(text));
  const members = where.members.map((member): string => {
    switch (member.kind) {
      case 'and':
      case 'or':
        return `${name(member.kind)}: [${member.of.map((part) => write(schema, table, part, literal)).join(', ')}]`;
      case 'not':
        return `${name('not')}: ${write(schema, table, member.of, literal)}`;
      case 'column': {
        const { type } = valueAt(table, member.column, member.path, undefined);
        const element = type.kind === 'list' ? type.element : type;
        const parts = member.conditions.map(
          ({ op, written }) =>
            `${name(op)}: ${literal ? printLiteral(written, element.kind === 'enum') : printJson(written)}`,
        );
        if (member.insensitive) parts.push(`${name('mode')}: ${name('INSENSITIVE')}`);
        let text = `{ ${parts.join(', ')} }`;
        for (const step of member.path.toReversed()) text = `{ ${name(step)}: ${text} }`;
        return `${name(member.column)}: ${text}`;
      }
      case 'related': {
        const relation = table.relations.find((r) => r.name === member.relation);
        if (relation === undefined) throw new Error(`no relation ${member.relation}`);
        const inner = write(schema, tableOf(schema, relation.target), member.of, literal);
        return `${name(member.relation)}: ${member.quantifier === 'one' ? inner : `{ ${name(member.quantifier)}: ${inner} }`}`;
      }
    }
  });
  return `{ ${members.join(', ')} }`;
}

/** JSON as a GraphQL value; strings are bare names where the type is an enum. */
export function printLiteral(json: Json, bareStrings: boolean): string {
  switch (json.t) {
    case 'str':
      // A claim in the place of an enum's name is text all the same.
      return bareStrings && !json.value.startsWith('$') ? json.value : printString(json.value);
    case 'arr':
      return `[${json.items.map((item) => printLiteral(item, bareStrings)).join(', ')}]`;
    case 'obj':
      return `{ ${json.entries.map(([n, v]) => `${n}: ${printLiteral(v, bareStrings)}`).join(', ')} }`;
    case 'null':
    case 'bool':
    case 'num':
      return printJson(json);
  }
}

/** JSON's escapes are GraphQL's too. */
function printString(text: string): string {
  return JSON.stringify(text);
}

import type { ChangesPlan } from './plan.ts';
import { rulesOf, type Grant, type Rights } from './rights.ts';
import type { SchemaSpec, TableSpec } from './spec.ts';
import { deciding, tablesOf } from './tables-of.ts';
import { canonicalDecimal, type NaiveValue } from './values.ts';
import type { Where, WhereMember } from './where.ts';

/**
 * Whether a change stream whose position was taken under some rights may go on under others: `same` must, `differ` must not.
 * `unclear`: the rules are written or bound in another way, and come to the same as far as this can tell; either is right.
 */
export function compareRights(
  schema: SchemaSpec,
  plan: ChangesPlan,
  before: Rights,
  now: Rights,
): 'same' | 'differ' | 'unclear' {
  const named = [...tablesOf(schema, plan)];
  if (named.every((table) => exactly(table, before) === exactly(table, now))) return 'same';
  const decide = [...deciding(schema, plan)];
  return decide.every((table) => inEffect(table, before) === inEffect(table, now)) ? 'unclear' : 'differ';
}

/** Which rules apply, and with which values. */
function exactly(table: TableSpec, rights: Rights): string {
  const lists = [
    table.auth?.kind === 'rules' ? table.auth.rules : undefined,
    ...[...table.columns, ...table.relations].map(({ name }) => rulesOf(table, name)),
  ];
  return text(lists.map((rules) => rules && rights.applied(table, rules)));
}

/** Which rows and columns they let see: equal where it cannot differ for any row. */
function inEffect(table: TableSpec, rights: Rights): string {
  const grants = [rights.rows(table), ...table.columns.map(({ name }) => rights.field(table, name))];
  return text(grants.map(effectOf));
}

function effectOf(grant: Grant): unknown {
  return grant.kind === 'rows' ? sorted(grant.any.map((where) => effectOfWhere(where))) : grant.kind;
}

function effectOfWhere(where: Where): unknown {
  return sorted(where.members.map(effectOfMember));
}

function effectOfMember(member: WhereMember): unknown {
  switch (member.kind) {
    case 'and':
    case 'or':
      return [member.kind, sorted(member.of.map(effectOfWhere))];
    case 'not':
      return ['not', effectOfWhere(member.of)];
    case 'related':
      return [member.quantifier, member.relation, effectOfWhere(member.of)];
    case 'column': {
      const conditions = member.conditions.map(({ op, operand }) => [op, effectOfOperand(operand)]);
      return [member.column, member.path, member.insensitive, conditions];
    }
  }
}

/** Decimals are equal by value; the order of a list and what is in it twice mean nothing. */
function effectOfOperand(operand: NaiveValue): unknown {
  if (Array.isArray(operand))
    return sorted([...new Set(operand.map((each) => text(effectOfOperand(each as NaiveValue))))]);
  if (typeof operand === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(operand)) return canonicalDecimal(operand);
  return operand;
}

function sorted(parts: readonly unknown[]): readonly string[] {
  return [...new Set(parts.map(text))].toSorted();
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));
}

import type { Random } from '../support/random.ts';
import {
  operations,
  tableOf,
  type ColumnSpec,
  type Condition,
  type Operand,
  type RuleSpec,
  type SchemaSpec,
  type TableSpec,
} from './spec.ts';

export const roles = ['editor', 'support', 'viewer'] as const;

/** What labels may be. */
export const words = {
  owner: ['u1', 'u2', 'u3'],
  tenant: ['north', 'south', 'west'],
  region: ['north', 'south', 'west'],
  level: [0, 1, 2, 3],
  no: [1, 2, 3],
  flag: [true, false],
  tags: ['north', 'south', 'red'],
} as const;

export function wordsOf(column: string): readonly unknown[] {
  const known = (words as Readonly<Record<string, readonly unknown[]>>)[column];
  if (known === undefined) throw new Error(`no words for ${column}`);
  return known;
}

/** One to three, each of which grants something to somebody. */
export function generateRules(random: Random, schema: SchemaSpec, table: TableSpec): readonly RuleSpec[] {
  return Array.from({ length: 1 + random.int(3) }, (): RuleSpec => {
    const byRole = random.int(3) === 0;
    return {
      ...(byRole ? { roles: roles.filter(() => random.int(2) === 0).slice(0, 2) } : {}),
      ...(byRole && random.int(3) > 0 ? {} : { where: generateCondition(random, schema, table, random.int(3)) }),
      ...(random.int(4) === 0 ? { operations: [...new Set([random.pick(operations), random.pick(operations)])] } : {}),
    };
  }).map((rule) => (rule.roles?.length === 0 ? { ...rule, roles: [random.pick(roles)] } : rule));
}

function generateCondition(random: Random, schema: SchemaSpec, table: TableSpec, depth: number): Condition {
  const dice = random.int(10);
  if (depth > 0 && dice < 4 && table.relations.length > 0) {
    const relation = random.pick(table.relations);
    const part = generateCondition(random, schema, tableOf(schema, relation.target), depth - 1);
    const quantifier = relation.many ? random.pick(['some', 'some', 'every', 'none'] as const) : 'one';
    return { kind: 'related', relation: relation.name, quantifier, part };
  }
  if (depth > 0 && dice < 6) {
    const parts = [1, 2].map(() => generateCondition(random, schema, table, depth - 1));
    return { kind: random.pick(['and', 'or'] as const), parts };
  }
  if (depth > 0 && dice === 6) return { kind: 'not', part: generateCondition(random, schema, table, depth - 1) };
  return leaf(random, table);
}

function leaf(random: Random, table: TableSpec): Condition {
  const usable = table.columns.filter(
    ({ name, role }) => role === 'label' || table.key.includes(name) || name === 'rows',
  );
  const column = random.pick(usable.filter(({ name, role }) => role !== 'derived' || name === 'rows'));
  if (!column.required && random.int(8) === 0) {
    return compare(column, 'isNull', { kind: 'value', value: random.int(2) === 0 });
  }
  if (column.role === 'key') return compare(column, 'in', claim('docs'));
  switch (column.name) {
    case 'owner':
      return random.int(5) === 0
        ? compare(column, 'in', { kind: 'list', items: [claim('sub'), word(random, column)] })
        : compare(column, 'eq', claim('sub'));
    case 'level':
    case 'no':
    case 'rows':
      return compare(
        column,
        random.pick(['lte', 'gte', 'lt', 'gt', 'eq', 'neq'] as const),
        random.int(2) === 0 ? claim('level') : { kind: 'value', value: random.int(4) },
      );
    case 'flag':
      return compare(column, 'eq', random.int(3) === 0 ? claim('admin') : word(random, column));
    case 'tags':
      return random.int(2) === 0
        ? compare(column, 'has', random.int(2) === 0 ? claim('org', 'tenant') : word(random, column))
        : compare(column, random.pick(['hasSome', 'hasEvery'] as const), claim('tenants'));
    default:
      return text(random, column);
  }
}

/** tenant and region */
function text(random: Random, column: ColumnSpec): Condition {
  switch (random.int(6)) {
    case 0:
      return compare(column, random.pick(['in', 'notIn'] as const), claim('tenants'));
    case 1:
      return compare(column, 'in', { kind: 'list', items: [word(random, column), claim('org', 'tenant')] });
    case 2:
      return compare(column, random.pick(['neq', 'startsWith'] as const), claim('org', 'tenant'));
    case 3:
      return { ...compare(column, 'eq', claim('org', 'Loud.tenant')), insensitive: true };
    case 4:
      return compare(column, 'eq', word(random, column));
    default:
      return compare(column, 'eq', claim('org', 'tenant'));
  }
}

function compare(
  column: ColumnSpec,
  op: Extract<Condition, { kind: 'compare' }>['op'],
  operand: Operand,
): Extract<Condition, { kind: 'compare' }> {
  return { kind: 'compare', column: column.name, op, operand };
}

function claim(...path: readonly string[]): Operand {
  return { kind: 'claim', path };
}

function word(random: Random, column: ColumnSpec): Operand {
  return { kind: 'value', value: random.pick(wordsOf(column.name)) };
}

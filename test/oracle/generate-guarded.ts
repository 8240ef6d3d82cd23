import type { Generated } from './generate-query.ts';
import type { Random } from './random.ts';
import { tableOf, type SchemaSpec, type TableSpec } from './spec.ts';
import type { Where, WhereMember } from './where.ts';

/** The same operation, now and then with a look at whether a column that has rules is null: for whom it is tells them. */
export function askGuarded(random: Random, schema: SchemaSpec, generated: Generated): Generated {
  if (!random.chance(0.3)) return generated;
  if (generated.kind === 'changes') {
    const { plan } = generated;
    const where = withNull(random, tableOf(schema, plan.table), plan.where);
    return { ...generated, plan: { ...plan, where } };
  }
  const { root } = generated;
  const table = tableOf(schema, root.table);
  if (root.kind === 'list') {
    const where = withNull(random, table, root.args.where);
    return { ...generated, root: { ...root, args: { ...root.args, where } } };
  }
  if (root.kind !== 'connection') return generated;
  const where = withNull(random, table, root.args.where);
  return { ...generated, root: { ...root, args: { ...root.args, where } } };
}

/** Alone as often as not: what a filter of one column may find in an index. */
function withNull(random: Random, table: TableSpec, where: Where | undefined): Where | undefined {
  const guarded = table.columns.filter(({ auth }) => auth !== undefined);
  const indexed = guarded.filter(({ name }) => table.indexes.some(({ columns }) => columns[0] === name));
  const columns = indexed.length > 0 && random.chance(0.7) ? indexed : guarded;
  if (columns.length === 0) return where;
  const isNull = random.chance(0.7);
  const member: WhereMember = {
    kind: 'column',
    column: random.pick(columns).name,
    path: [],
    insensitive: false,
    conditions: [{ op: 'isNull', operand: isNull, written: { t: 'bool', value: isNull } }],
  };
  const others = random.chance(0.5) ? [] : (where?.members ?? []);
  if (others.some((other) => other.kind === 'column' && other.column === member.column)) return where;
  return { members: [...others, member] };
}

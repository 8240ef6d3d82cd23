import type { Applied } from '../config/arguments.ts';
import type { ValueNode } from 'graphql';
import type { Predicate } from '../model/predicate.ts';
import type { ReadOperation, Rule } from '../model/rule.ts';
import { compileFilter } from './compile.ts';
import type { Building, DraftTable } from './draft.ts';

const everything: readonly ReadOperation[] = ['QUERY', 'LIVE', 'CHANGES'];

/** Compiles the rules of every table and field; mistakes in their filters are reported. */
export function compileAuth(building: Building): void {
  for (const declared of building.schema.tables) {
    const draft = building.drafts.get(declared.name.value);
    if (draft === undefined) continue;
    const { auth } = declared;
    if (auth?.args.public === true) draft.auth = { kind: 'public' };
    else if (auth !== undefined) draft.auth = { kind: 'rules', rules: rulesOf(building, draft, auth, true) };
    for (const { name, auth: rules } of declared.columns) {
      const column = draft.columns.find((each) => each.name === name);
      if (column !== undefined && rules !== undefined) column.auth = rulesOf(building, draft, rules, false);
    }
    for (const { name, auth: rules } of declared.relations) {
      const relation = draft.relations.find((each) => each.name === name);
      if (relation !== undefined && rules !== undefined) relation.auth = rulesOf(building, draft, rules, false);
    }
  }
}

/** `ofRows`: of a type, and not of a field. A filter with a mistake leaves a rule that means more than it says: the catalog is not served then. */
function rulesOf(building: Building, table: DraftTable, auth: Applied<'auth'>, ofRows: boolean): readonly Rule[] {
  return (auth.args.rules ?? []).map(({ roles, operations, where }): Rule => {
    const unbound =
      where === undefined ? undefined : compileFilter(building, table, where, '@auth(rules:) where', { claims: true });
    if (where !== undefined) warnOfRule(building, table, where, ofRows ? unbound : undefined);
    return {
      roles,
      operations: operations ?? everything,
      where: unbound && { unbound },
    };
  });
}

/** A filter that keeps nobody out, or that every query would look at every row for. */
function warnOfRule({ report }: Building, table: DraftTable, where: ValueNode, unbound: Predicate | undefined): void {
  if (where.kind === 'ObjectValue' && where.fields.length === 0) {
    report.warn(
      where,
      `An empty "where" grants every row of ${table.name}. Write a filter, or leave it out to say so.`,
    );
    return;
  }
  if (unbound === undefined || !table.kept) return;
  const parts = unbound.kind === 'and' ? unbound.parts : [unbound];
  const compared = parts.flatMap((part) =>
    part.kind === 'compare' && (part.op === 'eq' || part.op === 'in') && part.path.length === 0 ? [part.column] : [],
  );
  const [first] = compared;
  if (first === undefined || parts.some((part) => part.kind === 'related')) return;
  const leading = [table.key, ...table.indexes.map(({ columns }) => columns)].flatMap(([column]) => column ?? []);
  if (compared.some((column) => leading.includes(column))) return;
  report.warn(
    where,
    `"${first.name}" has no index, so that every query of a caller of this rule looks at every row of ${table.name}. Add @index to it.`,
  );
}

import type { Applied } from '../config/arguments.ts';
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
    else if (auth !== undefined) draft.auth = { kind: 'rules', rules: rulesOf(building, draft, auth) };
    for (const { name, auth: rules } of declared.columns) {
      const column = draft.columns.find((each) => each.name === name);
      if (column !== undefined && rules !== undefined) column.auth = rulesOf(building, draft, rules);
    }
    for (const { name, auth: rules } of declared.relations) {
      const relation = draft.relations.find((each) => each.name === name);
      if (relation !== undefined && rules !== undefined) relation.auth = rulesOf(building, draft, rules);
    }
  }
}

/** A filter with a mistake leaves a rule that means more than it says: the catalog is not served then. */
function rulesOf(building: Building, table: DraftTable, auth: Applied<'auth'>): readonly Rule[] {
  return (auth.args.rules ?? []).map(({ roles, operations, where }): Rule => {
    const unbound =
      where === undefined ? undefined : compileFilter(building, table, where, '@auth(rules:) where', { claims: true });
    return {
      roles,
      operations: operations ?? everything,
      where: unbound && { unbound },
    };
  });
}

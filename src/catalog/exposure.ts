import type { DeclaredTable } from '../config/declared.ts';
import type { Rule } from '../model/rule.ts';
import type { Table } from './catalog.ts';
import type { Column } from './column.ts';
import { readTables } from './dependencies.ts';
import type { Building } from './draft.ts';
import { predicateText } from './fingerprint.ts';
import type { ColumnPath } from '../model/expression.ts';

/**
 * Warns where a view, an aggregation or a computed column lets somebody read what rules guard elsewhere. It may be meant: that an
 * average is for everybody, say, although the rows are not. Rules are compared as written, so that a doubt remains a warning.
 */
export function checkExposure(building: Building): void {
  for (const declared of building.schema.tables) {
    const table = building.drafts.get(declared.name.value);
    if (table === undefined || table.hidden) continue;
    if (table.derivation !== undefined) checkRows(building, declared, table);
    checkColumns(building, declared, table);
  }
}

function checkRows({ catalog, report }: Building, declared: DeclaredTable, table: Table): void {
  for (const source of guardedSources(catalog.tablesByName, table)) {
    const isSource = table.derivation?.source === source.name;
    if (source.auth?.kind !== 'rules' || grantsNoMore(rulesOf(table), source.auth.rules, isSource)) continue;
    report.warn(
      declared.auth?.node ?? declared.name,
      `${table.name} is made of ${source.name}, whose rules guard it, and may be read by callers who may not read all of that. ` +
        `Give ${table.name} rules that grant no more, or see that this is meant.`,
    );
  }
}

function checkColumns({ report }: Building, declared: DeclaredTable, table: Table): void {
  for (const column of table.columns) {
    if (column.hidden) continue;
    const guarded = readsOf(table, column).find((path) => path.column.auth !== undefined);
    const rules = guarded?.column.auth;
    if (guarded === undefined || rules === undefined) continue;
    const own = guarded.relations.length === 0;
    if (column.auth !== undefined && grantsNoMore(column.auth, rules, own)) continue;
    const node = declared.columns.find(({ name }) => name === column.name);
    report.warn(
      node?.auth?.node ?? node?.node.name ?? declared.name,
      `"${column.name}" shows "${[...guarded.relations.map(({ name }) => name), guarded.column.name].join('.')}", whose rules guard it, ` +
        'to callers who may not read that. Give it @auth with the same rules, or see that this is meant.',
    );
  }
}

/** The tables with rules that it is made of; through hidden ones, which have none. */
function guardedSources(tables: ReadonlyMap<string, Table>, table: Table): ReadonlySet<Table> {
  if (table.derivation === undefined) return new Set();
  return new Set(
    readTables(tables, table)
      .filter((read) => read !== table)
      .flatMap((read) => (read.hidden ? [...guardedSources(tables, read)] : [read])),
  );
}

function readsOf({ derivation }: Table, column: Column): readonly ColumnPath[] {
  const aggregate =
    derivation?.kind === 'aggregation' ? derivation.aggregates.find((each) => each.column === column) : undefined;
  return [column.expression, aggregate?.arg, aggregate?.by].flatMap((expression) => expression?.reads ?? []);
}

/** Undefined: everybody. */
function rulesOf({ auth }: Table): readonly Rule[] | undefined {
  return auth?.kind === 'rules' ? auth.rules : undefined;
}

/** Whether whoever the rules let in is let in by the others, too; `sameRows`: their filters are over rows that are alike. */
function grantsNoMore(rules: readonly Rule[] | undefined, others: readonly Rule[], sameRows: boolean): boolean {
  return (
    rules !== undefined &&
    rules.every((rule) =>
      others.some(
        ({ roles, operations, where }) =>
          (roles === undefined || rule.roles?.every((role) => roles.includes(role)) === true) &&
          rule.operations.every((operation) => operations.includes(operation)) &&
          (where === undefined ||
            (sameRows &&
              rule.where !== undefined &&
              predicateText(rule.where.unbound) === predicateText(where.unbound))),
      ),
    )
  );
}

import { didYouMean } from '../common/did-you-mean.ts';
import type { Applied } from './arguments.ts';
import type { DeclaredColumn, DeclaredTable } from './declared.ts';
import { columnsNamed } from './declare-keys.ts';
import type { TypeNode } from './definitions.ts';
import type { Report } from './report.ts';
import { typeText } from './rules.ts';

/**
 * Sets what tables have from their sources: the keys of views and aggregations, whether rows are kept, what can be exposed.
 * Reports sources that do not exist and keys that cannot be. Circles are found in `catalog/dependencies.ts`.
 */
export function resolveDerivedTables(
  tables: readonly DeclaredTable[],
  tablesByName: ReadonlyMap<string, DeclaredTable>,
  types: ReadonlyMap<string, TypeNode>,
  report: Report,
): void {
  const resolved = new Set<DeclaredTable>();
  function resolve(table: DeclaredTable): void {
    if (resolved.has(table)) return;
    resolved.add(table);
    const { origin } = table;
    if (origin.kind === 'topic') {
      table.kept = origin.directive.args.mode !== 'STREAM';
    } else {
      const source = tablesByName.get(origin.directive.args.source);
      if (source !== undefined) resolve(source);
      if (origin.kind === 'view') {
        table.kept = source?.kept ?? true;
        table.key = source?.key && keyOfView(table, source, source.key, report);
      } else {
        table.key = keyOfAggregation(table, report);
      }
    }
    if (!table.kept) table.expose = { ...table.expose, query: false, live: false };
  }
  for (const table of tables) {
    resolve(table);
    checkSource(table, tablesByName, types, report);
  }
}

/** The source of a view or an aggregation, where it exists. */
export function sourceOf(
  { origin }: DeclaredTable,
  tablesByName: ReadonlyMap<string, DeclaredTable>,
): DeclaredTable | undefined {
  return origin.kind === 'topic' ? undefined : tablesByName.get(origin.directive.args.source);
}

function checkSource(
  { origin }: DeclaredTable,
  tablesByName: ReadonlyMap<string, DeclaredTable>,
  types: ReadonlyMap<string, TypeNode>,
  report: Report,
): void {
  if (origin.kind === 'topic') return;
  const { source } = origin.directive.args;
  const at = origin.directive.at('source');
  // An argument with another mistake was reported where it was read; so was a type that should be a table and is none.
  if (at.kind !== 'StringValue' || tablesByName.has(source)) return;
  const what = `@${origin.directive.node.name.value}(source:)`;
  const type = types.get(source);
  if (type === undefined) {
    report.add(at, `${what}: there is no table ${source}.${didYouMean(source, tablesByName.keys())}`);
  } else if ((type.directives ?? []).length === 0) {
    report.add(at, `${what}: ${source} is no table. Name a type with @table, @view or @aggregation.`);
  }
}

/** The source's key columns, under the names that the view gives them. */
function keyOfView(
  table: DeclaredTable,
  source: DeclaredTable,
  sourceKey: readonly DeclaredColumn[],
  report: Report,
): readonly DeclaredColumn[] | undefined {
  const { keyDirective } = table;
  const named = keyDirective && columnsOf(table, keyDirective, report);
  if (keyDirective !== undefined && named === undefined) return undefined;
  const found = sourceKey.map((column, i) => {
    const candidates = table.columns.filter((each) => isCopyOf(each, column));
    const given = named?.[i];
    return given === undefined ? candidates[0] : candidates.find((each) => each === given);
  });
  const key = found.filter((column) => column !== undefined);
  if (key.length === sourceKey.length && (named === undefined || named.length === key.length)) return key;
  const missing = sourceKey.filter((column) => !table.columns.some((each) => isCopyOf(each, column)));
  const fields = missing.map(({ name, type, required }) => `"${name}: ${typeText(type)}${required ? '!' : ''}"`);
  if (missing.length > 0) {
    // A field that is there under that name and could not be read was reported.
    if (missing.every(({ name }) => table.fieldNames.includes(name) && !table.columns.some((c) => c.name === name))) {
      return undefined;
    }
    report.add(
      table.name,
      `The key of ${table.name.value} is that of its source ${source.name.value}. ` +
        `Add the field${fields.length === 1 ? '' : 's'} ${fields.join(' and ')}, or another name with @from(path: "${missing[0]?.name}").`,
    );
    return undefined;
  }
  const right = sourceKey.map((column) => table.columns.find((each) => isCopyOf(each, column))?.name).join(' ');
  report.add(
    keyDirective?.at('fields') ?? table.name,
    `The key of ${table.name.value} is that of its source ${source.name.value}, in the same order: ` +
      `write @key(fields: "${right}"), or remove it.`,
  );
  return undefined;
}

function isCopyOf({ name, from, computed }: DeclaredColumn, sourceColumn: DeclaredColumn): boolean {
  return computed === undefined && (from?.args.path ?? name) === sourceColumn.name;
}

function keyOfAggregation(table: DeclaredTable, report: Report): readonly DeclaredColumn[] | undefined {
  const { columns, keyDirective } = table;
  const roles = ['interval', 'timestamp', 'dimension'] as const;
  const key = roles.flatMap((role) => columns.filter((column) => column.role === role));
  if (keyDirective !== undefined) {
    const named = columnsOf(table, keyDirective, report);
    if (named === undefined) return undefined;
    if (named.length === key.length && key.every((column) => named.includes(column))) return named;
    report.add(
      keyDirective.at('fields'),
      `The key of ${table.name.value} is ${key.map(({ name }) => `"${name}"`).join(', ')}: all that say which group a row ` +
        'is. @key may put them in another order, no more.',
    );
    return undefined;
  }
  if (key.length > 0) return key;
  // A dimension that could not be read was reported.
  if (table.fieldNames.length === columns.length + table.relations.length) {
    report.add(
      table.name,
      `${table.name.value} has no field that says which group a row is. Add a column of the source to group by, or for one ` +
        `row over all @computed(expr: "'all'") on a field such as "id: ID!".`,
    );
  }
  return undefined;
}

function columnsOf(
  { node, columns, fieldNames }: DeclaredTable,
  key: Applied<'key'>,
  report: Report,
): readonly DeclaredColumn[] | undefined {
  return columnsNamed({ owner: node, columns, fieldNames, report }, '@key', key.args.fields, key.at('fields'));
}

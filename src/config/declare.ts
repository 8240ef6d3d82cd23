import type { ObjectTypeDefinitionNode } from 'graphql';
import { directiveDefaults, readDirectives, tableDirectives } from './arguments.ts';
import type { AppliedDirectives } from './arguments.ts';
import { createColumnTypes } from './column-types.ts';
import type { ColumnTypes } from './column-types.ts';
import { declareFields } from './declare-fields.ts';
import { declareIndexes, declareKey } from './declare-keys.ts';
import type { DeclaredEnum, DeclaredOrigin, DeclaredSchema, DeclaredTable } from './declared.ts';
import type { TypeNode } from './definitions.ts';
import { resolveDerivedTables } from './derived-tables.ts';
import { language } from './language.ts';
import type { Report } from './report.ts';
import { resolveSources } from './sources.ts';
import { declareWindow, intervalEnum } from './windows.ts';

/** A misspelt @table makes a type something that cannot be judged. */
function isPuzzling(directive: string): boolean {
  return !language.directives.has(directive);
}

/** Resolves the names of a schema: which types are tables, what their fields are, which columns a key or an index means. */
export function declareSchema(types: ReadonlyMap<string, TypeNode>, report: Report): DeclaredSchema {
  const tableNodes = new Map<string, ObjectTypeDefinitionNode>();
  const ignored = new Set<string>();
  const directives = new Map<string, AppliedDirectives>();
  for (const [name, node] of types) {
    if (node.kind !== 'ObjectTypeDefinition') continue;
    const written = (node.directives ?? []).map((directive) => directive.name.value);
    if (written.some((each) => tableDirectives.has(each))) tableNodes.set(name, node);
    else if (written.some(isPuzzling)) ignored.add(name);
    // What is neither is embedded in columns, and `column-types.ts` reads it.
    else continue;
    directives.set(name, readDirectives(node.directives, 'OBJECT', report));
  }
  const origins = new Map<string, DeclaredOrigin>();
  const intervalEnums: DeclaredEnum[] = [];
  for (const [name, node] of tableNodes) {
    const origin = originOf(directives.get(name), report);
    if (origin === undefined) continue;
    origins.set(name, origin);
    if (origin.kind !== 'aggregation' || origin.window === undefined) continue;
    const declared = intervalEnum(node.name, origin.window);
    if (declared !== undefined) intervalEnums.push(declared);
  }
  const columnTypes = createColumnTypes(types, new Set(tableNodes.keys()), ignored, intervalEnums, report);
  const tables = [...origins].flatMap(([name, origin]) => {
    const node = tableNodes.get(name);
    const applied = directives.get(name);
    return node === undefined || applied === undefined
      ? []
      : [declareTable(node, origin, applied, columnTypes, report)];
  });
  reportUnused(types, columnTypes, new Set([...tableNodes.keys(), ...ignored]), report);
  const tablesByName = new Map(tables.map((table) => [table.name.value, table]));
  resolveDerivedTables(tables, tablesByName, types, report);
  return { tables, tablesByName, ...columnTypes.used() };
}

/** What a type's rows are built from; undefined where the directive that says so has a mistake. */
function originOf(directives: AppliedDirectives | undefined, report: Report): DeclaredOrigin | undefined {
  const origins: DeclaredOrigin[] = [];
  for (const directive of directives?.all('table') ?? []) origins.push({ kind: 'topic', directive });
  for (const directive of directives?.all('view') ?? []) origins.push({ kind: 'view', directive });
  for (const directive of directives?.all('aggregation') ?? []) {
    origins.push({ kind: 'aggregation', directive, window: declareWindow(directive, report) });
  }
  const [origin, ...others] = origins;
  for (const { directive } of others) {
    report.add(
      directive.node,
      'A type is one of @table, @view and @aggregation. Remove the others, or make another type.',
    );
  }
  return origin;
}

function declareTable(
  node: ObjectTypeDefinitionNode,
  origin: DeclaredOrigin,
  directives: AppliedDirectives,
  columnTypes: ColumnTypes,
  report: Report,
): DeclaredTable {
  for (const implemented of node.interfaces ?? []) {
    report.add(implemented, 'Interfaces are not supported. Remove "implements".');
  }
  const fields = declareFields(node, origin, columnTypes, report);
  const { columns, relations, fieldNames } = fields;
  const names = { owner: node, columns, fieldNames, report };
  const { indexes, unreadIndexes } = declareIndexes(names, directives);
  const key = origin.kind === 'topic' ? declareKey(names, directives) : undefined;
  return {
    name: node.name,
    node,
    description: node.description?.value,
    origin,
    limit: directives.one('limit')?.args ?? directiveDefaults('limit'),
    limitNode: directives.one('limit')?.node ?? node.name,
    exposed: directives.one('expose'),
    expose: directives.one('expose')?.args ?? directiveDefaults('expose'),
    changes: directives.one('changes')?.args ?? directiveDefaults('changes'),
    sink: directives.one('sink'),
    hidden: directives.has('hidden'),
    auth: directives.one('auth'),
    kept: true,
    fieldNames,
    columns,
    relations,
    keyDirective: directives.one('key'),
    key,
    indexes: [...fields.indexes, ...indexes],
    unreadIndexes: [...fields.unreadIndexes, ...unreadIndexes],
    keyFormat:
      origin.kind === 'topic' ? resolveSources(node.name.value, origin.directive, columns, key ?? [], report) : 'NONE',
  };
}

/** A type that is neither a table nor in a column is most often a table whose @table was forgotten. */
function reportUnused(
  types: ReadonlyMap<string, TypeNode>,
  columnTypes: ColumnTypes,
  tables: ReadonlySet<string>,
  report: Report,
): void {
  const { enums, objects } = columnTypes.used();
  const used = new Set([...enums, ...objects].map((each) => each.name.value));
  for (const [name, node] of types) {
    if (used.has(name) || tables.has(name)) continue;
    report.add(
      node.name,
      node.kind === 'EnumTypeDefinition'
        ? `No column has the type ${name}. Use it or remove it.`
        : `${name} is no table, and no column has this type. Add @table(topic: "…") to make it a table, or remove it.`,
    );
  }
}

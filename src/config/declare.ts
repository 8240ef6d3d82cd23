import type { FieldDefinitionNode, ObjectTypeDefinitionNode } from 'graphql';
import { didYouMean } from '../common/did-you-mean.ts';
import { directiveDefaults, readDirectives } from './arguments.ts';
import type { AppliedDirectives } from './arguments.ts';
import { createColumnTypes, reportTwice } from './column-types.ts';
import type { ColumnTypes } from './column-types.ts';
import type { DeclaredColumn, DeclaredIndex, DeclaredRelation, DeclaredSchema, DeclaredTable } from './declared.ts';
import type { TypeNode } from './definitions.ts';
import { language, plannedDirectives } from './language.ts';
import type { Report } from './report.ts';
import { resolveSources } from './sources.ts';

/** Makes a type something that cannot be judged: a kind of table that is not supported yet, or a misspelt @table. */
function isPuzzling(directive: string): boolean {
  if (plannedDirectives.has(directive)) return directive === 'view' || directive === 'aggregation';
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
    if (written.includes('table')) tableNodes.set(name, node);
    else if (written.some(isPuzzling)) ignored.add(name);
    // What is neither is embedded in columns, and `column-types.ts` reads it.
    else continue;
    directives.set(name, readDirectives(node.directives, 'OBJECT', report));
  }
  const columnTypes = createColumnTypes(types, new Set(tableNodes.keys()), ignored, report);
  const tables = [...tableNodes.values()].flatMap((node) => {
    const applied = directives.get(node.name.value);
    return applied === undefined ? [] : (declareTable(node, applied, columnTypes, report) ?? []);
  });
  reportUnused(types, columnTypes, new Set([...tableNodes.keys(), ...ignored]), report);
  const tablesByName = new Map(tables.map((table) => [table.name.value, table]));
  return { tables, tablesByName, ...columnTypes.used() };
}

function declareTable(
  node: ObjectTypeDefinitionNode,
  directives: AppliedDirectives,
  columnTypes: ColumnTypes,
  report: Report,
): DeclaredTable | undefined {
  const table = directives.one('table');
  if (table === undefined) return undefined;
  for (const implemented of node.interfaces ?? []) {
    report.add(implemented, 'Interfaces are not supported. Remove "implements".');
  }
  const fields = node.fields ?? [];
  if (fields.length === 0) report.add(node.name, `${node.name.value} has no fields.`);
  reportTwice(fields, 'field', node.name.value, report);
  const columns: DeclaredColumn[] = [];
  const relations: DeclaredRelation[] = [];
  const fieldIndexes: DeclaredIndex[] = [];
  for (const field of fields) {
    const applied = readDirectives(field.directives, 'FIELD_DEFINITION', report);
    if (applied.planned || columns.some((column) => column.name === field.name.value)) continue;
    if ((field.arguments ?? []).length > 0) {
      report.add(field.name, `Fields take no arguments in a schema; remove those of "${field.name.value}".`);
    }
    const type = columnTypes.resolve(field.type);
    if (type === undefined) continue;
    if (type.kind === 'rows') {
      const relation = declareRelation(field, applied, type, report);
      if (relation !== undefined) relations.push(relation);
      continue;
    }
    const relation = applied.one('relation');
    if (relation !== undefined) {
      report.add(relation.node, `@relation leads to a table; the type of "${field.name.value}" is not one.`);
      continue;
    }
    const column: DeclaredColumn = {
      name: field.name.value,
      node: field,
      type: type.type,
      required: type.required,
      hidden: applied.one('hidden'),
      from: applied.one('from'),
      default: applied.one('default'),
      description: field.description?.value,
      deprecationReason: applied.one('deprecated')?.args.reason,
      source: { kind: 'value', path: [field.name.value] },
    };
    columns.push(column);
    for (const index of applied.all('index')) {
      if (index.args.fields === undefined) {
        fieldIndexes.push({ columns: [column], unique: index.args.unique, node: index.node });
      } else {
        report.add(
          index.at('fields'),
          `On a field @index means that field. For several columns write @index(fields: …) on ${node.name.value}.`,
        );
      }
    }
  }
  const fieldNames = fields.map((field) => field.name.value);
  const names = { owner: node, columns, fieldNames, report };
  const key = declareKey(names, directives);
  return {
    name: node.name,
    description: node.description?.value,
    table,
    limit: directives.one('limit')?.args ?? directiveDefaults('limit'),
    limitNode: directives.one('limit')?.node ?? node.name,
    expose: directives.one('expose')?.args ?? directiveDefaults('expose'),
    changes: directives.one('changes')?.args ?? directiveDefaults('changes'),
    hidden: directives.has('hidden'),
    fieldNames,
    columns,
    relations,
    key,
    indexes: [...fieldIndexes, ...declareIndexes(names, directives)],
    keyFormat: resolveSources(node.name.value, table, columns, key ?? [], report),
  };
}

function declareRelation(
  field: FieldDefinitionNode,
  applied: AppliedDirectives,
  type: { readonly target: string; readonly shape: 'one' | 'many' | 'wrong' },
  report: Report,
): DeclaredRelation | undefined {
  const name = field.name.value;
  const { target, shape } = type;
  const directive = applied.one('relation');
  if (directive === undefined) {
    if (!applied.has('relation')) {
      const example =
        shape === 'one'
          ? `@relation(fields: ["${name}Id"])`
          : '@relation(references: [the columns of it that hold this key])';
      report.add(field, `"${name}" leads to rows of ${target}: say which, with ${example}.`);
    }
    return undefined;
  }
  for (const other of ['index', 'from', 'default', 'hidden'] as const) {
    const misplaced = applied.one(other);
    if (misplaced === undefined) continue;
    const instead =
      other === 'hidden' ? 'Leave the field out instead.' : 'Put it on the column that the relation uses.';
    report.add(misplaced.node, `@${other} works on columns, and "${name}" is a relation. ${instead}`);
  }
  if (shape === 'wrong') {
    report.add(
      field.type,
      field.type.kind === 'NonNullType' && field.type.type.kind === 'NamedType'
        ? `A relation to one row is nullable, because that row may not have arrived yet. Write ${target}.`
        : `A relation to many rows is a list that is never null, of rows that are never null. Write [${target}!]!.`,
    );
    return undefined;
  }
  return {
    name,
    node: field,
    directive,
    target,
    many: shape === 'many',
    description: field.description?.value,
    deprecationReason: applied.one('deprecated')?.args.reason,
    columns: [],
    references: [],
  };
}

interface Names {
  readonly owner: ObjectTypeDefinitionNode;
  readonly columns: readonly DeclaredColumn[];
  readonly fieldNames: readonly string[];
  readonly report: Report;
}

function declareKey(names: Names, directives: AppliedDirectives): readonly DeclaredColumn[] | undefined {
  const directive = directives.one('key');
  if (directive !== undefined) return columnsNamed(names, '@key', directive.args.fields, directive.at('fields'));
  if (directives.has('key')) return undefined;
  const id = names.columns.find((column) => column.name === 'id');
  if (id !== undefined) return [id];
  if (names.fieldNames.length > 0 && !names.fieldNames.includes('id')) {
    names.report.add(
      names.owner.name,
      `${names.owner.name.value} has no key. Add a field "id: ID!", or name the columns of its key with @key(fields: "…").`,
    );
  }
  return undefined;
}

function declareIndexes(names: Names, directives: AppliedDirectives): readonly DeclaredIndex[] {
  return directives.all('index').flatMap((directive) => {
    const { fields, unique } = directive.args;
    if (fields === undefined) {
      names.report.add(directive.node, 'On a type @index needs the columns: @index(fields: "customerId createdAt").');
      return [];
    }
    const columns = columnsNamed(names, '@index', fields, directive.at('fields'));
    return columns === undefined ? [] : [{ columns, unique, node: directive.node }];
  });
}

function columnsNamed(
  { owner, columns, fieldNames, report }: Names,
  what: string,
  names: readonly string[],
  at: Parameters<Report['add']>[0],
): readonly DeclaredColumn[] | undefined {
  const found: DeclaredColumn[] = [];
  let wrong = false;
  for (const name of names) {
    const column = columns.find((each) => each.name === name);
    if (column === undefined) wrong = true;
    else if (found.includes(column)) {
      wrong = true;
      report.add(at, `${what} names "${name}" twice.`);
    } else found.push(column);
    if (column === undefined) reportNoColumn(owner.name.value, name, { columns, fieldNames }, what, at, report);
  }
  return wrong ? undefined : found;
}

/** Nothing where the field exists and has a mistake of its own. */
export function reportNoColumn(
  owner: string,
  name: string,
  table: {
    readonly columns: readonly DeclaredColumn[];
    readonly fieldNames: readonly string[];
    readonly relations?: readonly DeclaredRelation[];
  },
  what: string,
  at: Parameters<Report['add']>[0],
  report: Report,
): void {
  const known = table.columns.map((column) => column.name);
  if (!table.fieldNames.includes(name)) {
    report.add(at, `${what}: ${owner} has no column "${name}".${didYouMean(name, known)}`);
  }
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

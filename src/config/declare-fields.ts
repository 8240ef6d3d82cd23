import type { FieldDefinitionNode, ObjectTypeDefinitionNode } from 'graphql';
import { readDirectives } from './arguments.ts';
import type { AppliedDirectives } from './arguments.ts';
import { reportTwice } from './column-types.ts';
import type { ColumnTypes } from './column-types.ts';
import type {
  DeclaredColumn,
  DeclaredIndex,
  DeclaredOrigin,
  DeclaredRelation,
  DeclaredRole,
  UnreadIndex,
} from './declared.ts';
import { checkFieldDirectives, checkTimestamp } from './field-rules.ts';
import type { Report } from './report.ts';
import { generatedColumns, generatedNames, isWindowed } from './windows.ts';

export interface DeclaredFields {
  readonly columns: readonly DeclaredColumn[];
  readonly relations: readonly DeclaredRelation[];
  readonly indexes: readonly DeclaredIndex[];
  readonly unreadIndexes: readonly UnreadIndex[];
  readonly fieldNames: readonly string[];
}

/** What the fields of a table are: columns, those that are generated included, relations, and indexes of one column. */
export function declareFields(
  node: ObjectTypeDefinitionNode,
  origin: DeclaredOrigin,
  columnTypes: ColumnTypes,
  report: Report,
): DeclaredFields {
  const owner = node.name.value;
  const fields = node.fields ?? [];
  if (fields.length === 0) report.add(node.name, `${owner} has no fields.`);
  reportTwice(fields, 'field', owner, report);
  const columns: DeclaredColumn[] = [];
  const relations: DeclaredRelation[] = [];
  const indexes: DeclaredIndex[] = [];
  const unreadIndexes: UnreadIndex[] = [];
  const taken = origin.kind === 'aggregation' ? generatedNames(origin.directive) : [];
  for (const field of fields) {
    const applied = readDirectives(field.directives, 'FIELD_DEFINITION', report);
    const name = field.name.value;
    if (columns.some((column) => column.name === name)) continue;
    if (taken.includes(name)) {
      report.add(
        field.name,
        `"${name}" is a field that every aggregation with such buckets has. Rename or remove this one.`,
      );
      continue;
    }
    if ((field.arguments ?? []).length > 0) {
      report.add(field.name, `Fields take no arguments in a schema; remove those of "${name}".`);
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
      report.add(relation.node, `@relation leads to a table; the type of "${name}" is not one.`);
      continue;
    }
    const known = checkFieldDirectives(owner, origin, field, applied, report);
    const computed = applied.one('computed');
    const column: DeclaredColumn = {
      name,
      node: field,
      type: type.type,
      required: type.required,
      hidden: applied.one('hidden'),
      auth: applied.one('auth'),
      from: applied.one('from'),
      default: applied.one('default'),
      computed,
      aggregate: applied.one('aggregate'),
      unread: !known,
      role: roleOf(origin, name, applied),
      description: field.description?.value,
      deprecationReason: applied.one('deprecated')?.args.reason,
      source:
        origin.kind !== 'topic'
          ? { kind: 'derived' }
          : computed === undefined
            ? { kind: 'value', path: [name] }
            : { kind: 'computed' },
    };
    columns.push(column);
    unreadIndexes.push(...applied.unread('index').map(() => [column]));
    for (const index of applied.all('index')) {
      if (index.args.fields === undefined) {
        const { unique, covering } = index.args;
        indexes.push({ columns: [column], unique, covering, node: index.node });
      } else {
        unreadIndexes.push(undefined);
        report.add(
          index.at('fields'),
          `On a field @index means that field. For several columns write @index(fields: …) on ${owner}.`,
        );
      }
    }
  }
  if (origin.kind === 'aggregation') checkTimestamp(node, origin, columns, report);
  return {
    columns: withGenerated(node, origin, columns),
    relations,
    indexes,
    unreadIndexes,
    fieldNames: [...fields.map((field) => field.name.value), ...taken],
  };
}

function withGenerated(
  node: ObjectTypeDefinitionNode,
  origin: DeclaredOrigin,
  columns: readonly DeclaredColumn[],
): readonly DeclaredColumn[] {
  if (origin.kind !== 'aggregation' || origin.window === undefined) return columns;
  const { first, last } = generatedColumns(node.name, origin.directive, origin.window);
  return [...first, ...columns, ...last];
}

function roleOf(origin: DeclaredOrigin, name: string, applied: AppliedDirectives): DeclaredRole | undefined {
  if (origin.kind !== 'aggregation') return undefined;
  if (name === 'timestamp' && isWindowed(origin.directive)) return 'timestamp';
  return applied.has('aggregate') ? 'aggregate' : 'dimension';
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
  for (const other of ['index', 'from', 'default', 'hidden', 'computed', 'aggregate'] as const) {
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
    auth: applied.one('auth'),
    target,
    many: shape === 'many',
    description: field.description?.value,
    deprecationReason: applied.one('deprecated')?.args.reason,
    columns: [],
    references: [],
  };
}

import { didYouMean } from '../common/did-you-mean.ts';
import type { ColumnType } from '../model/value.ts';
import type { DeclaredColumn, DeclaredRelation, DeclaredSchema, DeclaredTable } from './declared.ts';
import { reportNoColumn } from './declare-keys.ts';
import type { Report } from './report.ts';
import { typeText } from './rules.ts';

/** Fills in what relations leave out, and reports those that cannot be followed by key or index. */
export function checkRelations(schema: DeclaredSchema, report: Report): void {
  for (const table of schema.tables) {
    for (const relation of table.relations) {
      const target = schema.tablesByName.get(relation.target);
      if (target !== undefined) checkRelation(table, relation, target, report);
    }
  }
}

function checkRelation(table: DeclaredTable, relation: DeclaredRelation, target: DeclaredTable, report: Report): void {
  const { args } = relation.directive;
  if (!target.kept) {
    report.add(
      relation.node.type,
      `"${relation.name}" would lead to no row: those of ${relation.target} are not kept. Relate to a table with mode: APPEND.`,
    );
    return;
  }
  if (relation.many && args.references === undefined) {
    report.add(
      relation.directive.node,
      `"${relation.name}" leads to many rows: name the columns of ${relation.target} that hold this row's key, ` +
        `${suggestReferences(table, target)}.`,
    );
    return;
  }
  const own = named(relation, 'fields', args.fields, table, report);
  const theirs = named(relation, 'references', args.references, target, report);
  if (own === undefined || theirs === undefined) return;
  if (own.length !== theirs.length) {
    report.add(
      relation.directive.node,
      `A relation pairs columns, and ${list(own)} of ${table.name.value} ${are(own)} ${own.length} and ` +
        `${list(theirs)} of ${relation.target} ${are(theirs)} ${theirs.length}. Name them with "fields" and "references".`,
    );
    return;
  }
  const pairs = own.flatMap((column, i) => {
    const reference = theirs[i];
    return reference === undefined ? [] : [{ column, reference }];
  });
  const wrong = pairs.find(({ column, reference }) => !sameType(column.type, reference.type));
  if (wrong !== undefined) {
    const { column, reference } = wrong;
    report.add(
      relation.directive.node,
      `"${column.name}" is ${typeText(column.type)} and ${relation.target}.${reference.name} is ${typeText(reference.type)}; ` +
        'a relation needs the same type on both sides.',
    );
    return;
  }
  const path = reachedBy(target, theirs, relation.many);
  if (path === undefined) {
    if (!mayBeReached(target, theirs)) report.add(relation.directive.node, unreached(relation, target, theirs));
    return;
  }
  // In the order of the key or index, whatever the order of the declaration.
  const ordered = path.flatMap((reference) => pairs.filter((pair) => pair.reference === reference));
  relation.columns = ordered.map(({ column }) => column.name);
  relation.references = ordered.map(({ reference }) => reference.name);
}

/** Undefined where a name is wrong, which is reported, or where the key that stands for absent names is. */
function named(
  relation: DeclaredRelation,
  argument: 'fields' | 'references',
  names: readonly string[] | undefined,
  table: DeclaredTable,
  report: Report,
): readonly DeclaredColumn[] | undefined {
  if (names === undefined) return table.key;
  const at = relation.directive.at(argument);
  if (names.length === 0) {
    report.add(at, `@relation(${argument}:) is empty. Leave it out for the key of ${table.name.value}.`);
    return undefined;
  }
  const columns: DeclaredColumn[] = [];
  for (const [i, name] of names.entries()) {
    const column = table.columns.find((each) => each.name === name);
    const place = at.kind === 'ListValue' ? (at.values[i] ?? at) : at;
    if (column === undefined) {
      if (table.relations.some((each) => each.name === name)) {
        report.add(place, `@relation(${argument}:): "${name}" is a relation itself. Name the columns that it uses.`);
      } else reportNoColumn(table.name.value, name, table, `@relation(${argument}:)`, place, report);
    } else if (columns.includes(column)) {
      report.add(place, `@relation(${argument}:) names "${name}" twice.`);
    } else columns.push(column);
  }
  return columns.length === names.length ? columns : undefined;
}

/**
 * The first columns of the key or of an index that are exactly these, in its order. To reach one row they have to be the
 * whole key, or a whole unique index.
 */
function reachedBy(
  target: DeclaredTable,
  references: readonly DeclaredColumn[],
  many: boolean,
): readonly DeclaredColumn[] | undefined {
  const paths = [{ columns: target.key ?? [], unique: true }, ...target.indexes];
  return paths
    .filter(({ columns, unique }) => many || (unique && columns.length === references.length))
    .map(({ columns }) => firstOf(columns, references))
    .find((first) => first !== undefined);
}

/** By a key or an index that has a mistake of its own, once that is mended. */
function mayBeReached({ key, unreadIndexes }: DeclaredTable, references: readonly DeclaredColumn[]): boolean {
  if (key === undefined) return true;
  return unreadIndexes.some((columns) => columns === undefined || firstOf(columns, references) !== undefined);
}

function firstOf(
  columns: readonly DeclaredColumn[],
  references: readonly DeclaredColumn[],
): readonly DeclaredColumn[] | undefined {
  const first = columns.slice(0, references.length);
  return first.length === references.length && first.every((column) => references.includes(column)) ? first : undefined;
}

function unreached(relation: DeclaredRelation, target: DeclaredTable, references: readonly DeclaredColumn[]): string {
  const unique = relation.many ? '' : 'unique: true';
  const [only, ...others] = references;
  const names = references.map((column) => column.name).join(' ');
  const index =
    others.length === 0
      ? `@index${unique === '' ? '' : `(${unique})`} to ${relation.target}.${only?.name}`
      : `@index(fields: "${names}"${unique === '' ? '' : `, ${unique}`}) to ${relation.target}`;
  const reason = relation.many
    ? `${are(references)} neither first in its key nor first in an index`
    : `${are(references)} neither its key nor a unique index, so there may be several such rows`;
  const key = target.key === undefined || relation.many ? '' : ` Or refer to its key, ${list(target.key)}.`;
  return `${list(references)} of ${relation.target} ${reason}. Add ${index}.${key}`;
}

function suggestReferences(table: DeclaredTable, target: DeclaredTable): string {
  const guess = `${table.name.value.charAt(0).toLowerCase()}${table.name.value.slice(1)}Id`;
  const columns = target.columns.map((column) => column.name);
  const name = columns.includes(guess) ? guess : undefined;
  const near = name === undefined ? didYouMean(guess, columns).match(/"([^"]+)"/)?.[1] : name;
  return `@relation(references: ["${near ?? guess}"])`;
}

function list(columns: readonly DeclaredColumn[]): string {
  return columns.map((column) => `"${column.name}"`).join(', ');
}

function are(columns: readonly DeclaredColumn[]): string {
  return columns.length === 1 ? 'is' : 'are';
}

function sameType(a: ColumnType, b: ColumnType): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.scalar === b.scalar && a.scalar !== 'JSON';
  return a.kind === 'enum' && b.kind === 'enum' && a.name === b.name;
}

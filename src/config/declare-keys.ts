import type { ASTNode, ObjectTypeDefinitionNode } from 'graphql';
import { didYouMean } from '../common/did-you-mean.ts';
import type { AppliedDirectives } from './arguments.ts';
import type { DeclaredColumn, DeclaredIndex, DeclaredRelation, DeclaredTable, UnreadIndex } from './declared.ts';
import type { Report } from './report.ts';

/** What the names in a type's directives may mean. */
export interface Names {
  readonly owner: ObjectTypeDefinitionNode;
  readonly columns: readonly DeclaredColumn[];
  readonly fieldNames: readonly string[];
  readonly report: Report;
}

/** The key of a topic's table. */
export function declareKey(names: Names, directives: AppliedDirectives): readonly DeclaredColumn[] | undefined {
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

/** Those of a type. */
export function declareIndexes(
  names: Names,
  directives: AppliedDirectives,
): Pick<DeclaredTable, 'indexes' | 'unreadIndexes'> {
  const indexes: DeclaredIndex[] = [];
  const unreadIndexes: UnreadIndex[] = directives.unread('index').map(({ args }) => {
    const columns = args.fields?.flatMap((name) => names.columns.find((column) => column.name === name) ?? []);
    return columns?.length === args.fields?.length ? columns : undefined;
  });
  for (const directive of directives.all('index')) {
    const { fields, unique, covering } = directive.args;
    if (fields === undefined) {
      names.report.add(directive.node, 'On a type @index needs the columns: @index(fields: "customerId createdAt").');
    }
    const columns = fields && columnsNamed(names, '@index', fields, directive.at('fields'));
    if (columns === undefined) unreadIndexes.push(undefined);
    else indexes.push({ columns, unique, covering, node: directive.node });
  }
  return { indexes, unreadIndexes };
}

/** Undefined where a name is wrong, which is reported. */
export function columnsNamed(
  { owner, columns, fieldNames, report }: Names,
  what: string,
  names: readonly string[],
  at: ASTNode,
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
  at: ASTNode,
  report: Report,
): void {
  const known = table.columns.map((column) => column.name);
  if (!table.fieldNames.includes(name)) {
    report.add(at, `${what}: ${owner} has no column "${name}".${didYouMean(name, known)}`);
  }
}

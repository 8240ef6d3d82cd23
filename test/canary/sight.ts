import { bindClaims, holds, type Claims } from './condition.ts';
import { related, type Row, type State } from './rows.ts';
import {
  columnOf,
  shownColumns,
  shownRelations,
  tableOf,
  type Operation,
  type RuleSpec,
  type SchemaSpec,
  type TableSpec,
} from './spec.ts';
import type { Mint } from './tokens.ts';

/** A caller; without claims and roles one that has no identity. */
export interface Principal {
  readonly name: string;
  readonly identity?: { readonly claims: Claims; readonly roles: readonly string[] } | undefined;
}

/** A row as a principal sees it. */
export interface SeenRow {
  readonly key: string;
  /** Of the columns that the API shows; null where the principal may not read it. */
  readonly cells: Cells;
  /** Of the relations that lead to tables that it may read: the keys of the rows that it sees there. */
  readonly links: Readonly<Record<string, readonly string[]>>;
}

type Cells = Readonly<Record<string, unknown>>;

/** All that a principal may know with one kind of operation at one commit; tables that it is refused are absent. */
export type Sight = ReadonlyMap<string, ReadonlyMap<string, SeenRow>>;

/** The answer of `@auth`, worked out from its description in `schema/headgate.graphql` alone. */
export function sightOf(schema: SchemaSpec, state: State, principal: Principal, operation: Operation): Sight {
  const tables = schema.tables.filter((table) => mayRead(schema, table, principal, operation));
  const cells = new Map(tables.map((table) => [table.name, cellsOf(schema, state, table, principal, operation)]));
  return new Map(
    tables.map((table) => {
      const linksOf = linker(schema, state, table, cells, principal, operation);
      const rows = [...(cells.get(table.name) ?? [])].map(([key, seen]): [string, SeenRow] => {
        return [key, { key, cells: seen, links: linksOf(key) }];
      });
      return [table.name, new Map(rows)];
    }),
  );
}

type CellsByKey = ReadonlyMap<string, Cells>;

function cellsOf(
  schema: SchemaSpec,
  state: State,
  table: TableSpec,
  principal: Principal,
  operation: Operation,
): CellsByKey {
  const granted = (rules: readonly RuleSpec[] | undefined) => granting(schema, table, rules, principal, operation);
  const isSeen = granted(typeof table.auth === 'string' ? undefined : table.auth);
  const columns = shownColumns(table).map(({ name, rules }) => ({ name, isRead: granted(rules) }));
  const rows = [...(state.get(table.name)?.values() ?? [])].filter((row) => isSeen(state, row));
  return new Map(
    rows.map((row) => [
      row.key,
      Object.fromEntries(
        columns.map(({ name, isRead }) => [name, isRead(state, row) ? (row.values[name] ?? null) : null]),
      ),
    ]),
  );
}

/** Relations lead from what the principal reads, over what rules let it follow, to what it reads. */
function linker(
  schema: SchemaSpec,
  state: State,
  table: TableSpec,
  cells: ReadonlyMap<string, CellsByKey>,
  principal: Principal,
  operation: Operation,
): (key: string) => SeenRow['links'] {
  const relations = shownRelations(schema, table)
    .filter(({ target }) => cells.has(target))
    .map((relation) => ({ relation, isFollowed: granting(schema, table, relation.rules, principal, operation) }));
  const isRead = (owner: TableSpec, key: string, names: readonly string[]): boolean => {
    const seen = cells.get(owner.name)?.get(key);
    return seen !== undefined && names.every((name) => columnOf(owner, name).hidden || seen[name] !== null);
  };
  return (key) => {
    const row = state.get(table.name)?.get(key);
    const links = relations.map(({ relation, isFollowed }) => {
      const { columns, name, references, target } = relation;
      const leads = row !== undefined && isRead(table, key, columns) && isFollowed(state, row);
      const rows = leads ? related(state, relation, row) : [];
      const keys = rows.map((each) => each.key).filter((each) => isRead(tableOf(schema, target), each, references));
      return [name, keys.toSorted()];
    });
    return Object.fromEntries(links) as SeenRow['links'];
  };
}

/** Whether a rule can apply to the principal, whatever the data; no to hidden tables. */
export function mayRead(schema: SchemaSpec, table: TableSpec, principal: Principal, operation: Operation): boolean {
  if (table.hidden) return false;
  return typeof table.auth === 'string' || applying(schema, table, table.auth, principal, operation).length > 0;
}

/** Whether a rule of the column can apply; if none can, it is refused as a filter and an order. */
export function mayReadColumn(
  schema: SchemaSpec,
  table: TableSpec,
  rules: readonly RuleSpec[] | undefined,
  principal: Principal,
  operation: Operation,
): boolean {
  return rules === undefined || applying(schema, table, rules, principal, operation).length > 0;
}

/** Whether there are rows of the table, or fields in them, that the principal may not read. */
export function isRestricted(
  schema: SchemaSpec,
  table: TableSpec,
  principal: Principal,
  operation: Operation,
): boolean {
  const all = [
    typeof table.auth === 'string' ? undefined : table.auth,
    ...[...table.columns, ...table.relations].map(({ rules }) => rules),
  ];
  return all.some((rules) => rules !== undefined && !grantsAll(schema, table, rules, principal, operation));
}

/** Whether there are columns in it that the principal may not read in every row. */
export function hasGuardedColumns(
  schema: SchemaSpec,
  table: TableSpec,
  principal: Principal,
  operation: Operation,
): boolean {
  return table.columns.some(
    ({ rules }) => rules !== undefined && !grantsAll(schema, table, rules, principal, operation),
  );
}

function grantsAll(
  schema: SchemaSpec,
  table: TableSpec,
  rules: readonly RuleSpec[],
  principal: Principal,
  operation: Operation,
): boolean {
  return applying(schema, table, rules, principal, operation).some(({ where }) => where === undefined);
}

type Granting = (state: State, row: Row) => boolean;

function granting(
  schema: SchemaSpec,
  table: TableSpec,
  rules: readonly RuleSpec[] | undefined,
  principal: Principal,
  operation: Operation,
): Granting {
  if (rules === undefined) return () => true;
  const applied = applying(schema, table, rules, principal, operation);
  return (state, row) =>
    applied.some(({ where }) => where === undefined || holds(schema, state, table, where, row) === true);
}

/** The rules that can grant the principal something, with its claims in place. */
function applying(
  schema: SchemaSpec,
  table: TableSpec,
  rules: readonly RuleSpec[],
  { identity }: Principal,
  operation: Operation,
): readonly Pick<RuleSpec, 'where'>[] {
  if (identity === undefined) return [];
  return rules.flatMap(({ roles, where, operations }): readonly Pick<RuleSpec, 'where'>[] => {
    if (operations !== undefined && !operations.includes(operation)) return [];
    if (roles !== undefined && !roles.some((role) => identity.roles.includes(role))) return [];
    if (where === undefined) return [{}];
    const bound = bindClaims(schema, table, where, identity.claims);
    return bound === undefined ? [] : [{ where: bound }];
  });
}

/** The canaries that a sight shows. */
export function canariesIn(sight: Sight, mint: Mint): ReadonlySet<string> {
  const texts = [...sight.values()].flatMap((rows) =>
    [...rows.values()].flatMap(({ key, cells }) => [
      key,
      ...Object.values(cells).map((value) => JSON.stringify(value)),
    ]),
  );
  return mint.in(texts.join(' '));
}

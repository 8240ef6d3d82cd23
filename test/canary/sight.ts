import { bindClaims, holds, type Claims } from './condition.ts';
import type { Row, State } from './rows.ts';
import {
  shownColumns,
  shownRelations,
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
  readonly cells: Readonly<Record<string, unknown>>;
  /** Of the relations that the API shows: whether rules let the principal follow it. */
  readonly follows: Readonly<Record<string, boolean>>;
}

/** All that a principal may know with one kind of operation at one commit; tables that it is refused are absent. */
export type Sight = ReadonlyMap<string, ReadonlyMap<string, SeenRow>>;

/** The answer of `@auth`, worked out from its description in `schema/headgate.graphql` alone. */
export function sightOf(schema: SchemaSpec, state: State, principal: Principal, operation: Operation): Sight {
  const tables = schema.tables.filter((table) => mayRead(schema, table, principal, operation));
  return new Map(tables.map((table) => [table.name, new Map(seenRows(schema, state, table, principal, operation))]));
}

function* seenRows(
  schema: SchemaSpec,
  state: State,
  table: TableSpec,
  principal: Principal,
  operation: Operation,
): Iterable<[string, SeenRow]> {
  const rows = typeof table.auth === 'string' ? undefined : granting(schema, table, table.auth, principal, operation);
  const of = (rules: readonly RuleSpec[] | undefined): Granting | undefined =>
    rules && granting(schema, table, rules, principal, operation);
  const columns = shownColumns(table).map(({ name, rules }) => ({ name, granted: of(rules) }));
  const relations = shownRelations(schema, table).map(({ name, rules }) => ({ name, granted: of(rules) }));
  for (const row of state.get(table.name)?.values() ?? []) {
    const grants = (granted: Granting | undefined): boolean => granted === undefined || granted(state, row);
    if (!grants(rows)) continue;
    const cells = columns.map(({ name, granted }) => [name, grants(granted) ? (row.values[name] ?? null) : null]);
    const follows = relations.map(({ name, granted }) => [name, grants(granted)]);
    yield [row.key, { key: row.key, cells: Object.fromEntries(cells), follows: Object.fromEntries(follows) }];
  }
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
  rules: readonly RuleSpec[],
  principal: Principal,
  operation: Operation,
): Granting {
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

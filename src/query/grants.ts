import { createHash } from 'node:crypto';
import type { Table } from '../catalog/catalog.ts';
import type { Column, Relation } from '../catalog/column.ts';
import { predicateText } from '../catalog/fingerprint.ts';
import { GatewayError } from '../common/errors.ts';
import type { Caller } from '../model/caller.ts';
import { bindClaims, claimAt, claimPaths } from '../model/claims.ts';
import { anyOf, never } from '../model/predicate.ts';
import type { Predicate } from '../model/predicate.ts';
import type { ReadOperation, Rule } from '../model/rule.ts';

/** What a caller may read of a table: its rules with the caller's claims put in. */
export interface TableGrant {
  /** Which rows; undefined: all. */
  readonly rows: Predicate | undefined;
  /** Columns that it may not read in every row, and in which it may: `never` where in none. */
  readonly columns: ReadonlyMap<Column, Predicate>;
  /** The same of relations. */
  readonly relations: ReadonlyMap<Relation, Predicate>;
  /** Equal for equal grants; empty where everything may be read. Part of a shape's identity. */
  readonly id: string;
  /** The claims that were put in, by path. */
  readonly claims: ReadonlyMap<string, unknown>;
}

/** What one caller may read with one kind of operation. */
export interface Grants {
  /** Throws FORBIDDEN, or UNAUTHENTICATED, where no rule can apply to the caller. */
  of(table: Table): TableGrant;
  /** Undefined where no rule can apply. */
  find(table: Table): TableGrant | undefined;
  /** The error for what no rule lets the caller read: `Song`, or `Song.royalty`. */
  refused(what: string): GatewayError;
  /** Whether the caller may see what concerns operators. */
  isOperator(): boolean;
}

/** What planning looks at of a caller. Where all of that is equal, so is the plan. */
export interface Asked {
  /** By whose grants. */
  readonly tables: ReadonlySet<Table>;
  /** Whether it matters that the caller is an operator, or is none. */
  readonly operator: boolean;
}

export function asksTheSame({ tables, operator }: Asked, other: Asked): boolean {
  if (operator !== other.operator || tables.size !== other.tables.size) return false;
  for (const table of tables) if (!other.tables.has(table)) return false;
  return true;
}

/** The same grants, and what they are asked. */
export class AskedGrants implements Grants, Asked {
  readonly tables = new Set<Table>();
  operator = false;
  readonly #grants: Grants;

  constructor(grants: Grants) {
    this.#grants = grants;
  }

  of(table: Table): TableGrant {
    this.tables.add(table);
    return this.#grants.of(table);
  }

  find(table: Table): TableGrant | undefined {
    this.tables.add(table);
    return this.#grants.find(table);
  }

  refused(what: string): GatewayError {
    return this.#grants.refused(what);
  }

  isOperator(): boolean {
    this.operator = true;
    return this.#grants.isOperator();
  }
}

/** Tells grants apart in positions, which are sent to clients. Empty: everything. */
export function grantHash({ id }: TableGrant): string {
  return id === '' ? '' : createHash('sha256').update(id).digest('base64url').slice(0, 12);
}

/**
 * What a caller is granted of tables, by their names; null of those that it may not read. Callers for whom it is equal read the same:
 * it is part of a shape's identity.
 */
export function grantIds(
  granted: Iterable<readonly [Table, TableGrant | undefined]>,
): Readonly<Record<string, string | null>> {
  return Object.fromEntries(Array.from(granted, ([{ name }, grant]) => [name, grant?.id ?? null]));
}

export const everything: TableGrant = {
  rows: undefined,
  columns: new Map(),
  relations: new Map(),
  id: '',
  claims: new Map(),
};

/** The grants of callers, each bound once for as long as its caller is known. */
export function createGrants(
  isOperator: (caller: Caller) => boolean,
): (caller: Caller, operation: ReadOperation) => Grants {
  const known = new WeakMap<Caller, Map<ReadOperation, Grants>>();
  return (caller, operation) => {
    let byOperation = known.get(caller);
    if (byOperation === undefined) known.set(caller, (byOperation = new Map<ReadOperation, Grants>()));
    let grants = byOperation.get(operation);
    if (grants === undefined) byOperation.set(operation, (grants = grantsOf(caller, operation, isOperator)));
    return grants;
  };
}

function grantsOf(caller: Caller, operation: ReadOperation, isOperator: (caller: Caller) => boolean): Grants {
  const bound = new Map<Table, TableGrant | undefined>();

  function find(table: Table): TableGrant | undefined {
    if (!bound.has(table)) bound.set(table, bindTable(table, caller, operation));
    return bound.get(table);
  }

  function refused(what: string): GatewayError {
    return caller.identified
      ? new GatewayError('FORBIDDEN', `This caller may not read ${what}.`)
      : new GatewayError(
          'UNAUTHENTICATED',
          `${what} is for callers with an identity: send a token (authorization: Bearer …) or an API key (x-api-key: …).`,
        );
  }

  return {
    find,
    refused,
    isOperator: () => isOperator(caller),
    of(table) {
      const grant = find(table);
      if (grant === undefined) throw refused(table.name);
      return grant;
    },
  };
}

function bindTable(table: Table, caller: Caller, operation: ReadOperation): TableGrant | undefined {
  const claims = new Map<string, unknown>();
  const bind = (rules: readonly Rule[]): Predicate | undefined => bindRules(rules, caller, operation, claims);
  const rows = table.auth?.kind === 'rules' ? bind(table.auth.rules) : undefined;
  if (rows === never) return undefined;
  const columns = bindFields(table.columns, bind);
  const relations = bindFields(table.relations, bind);
  if (rows === undefined && columns.size + relations.size === 0) return everything;
  const texts = [
    rows && predicateText(rows),
    ...[...columns, ...relations].map(([{ name }, where]) => [name, predicateText(where)]),
  ];
  return { rows, columns, relations, id: JSON.stringify(texts), claims };
}

function bindFields<Field extends Column | Relation>(
  fields: readonly Field[],
  bind: (rules: readonly Rule[]) => Predicate | undefined,
): ReadonlyMap<Field, Predicate> {
  const restricted = new Map<Field, Predicate>();
  for (const field of fields) {
    const where = field.auth === undefined ? undefined : bind(field.auth);
    if (where !== undefined) restricted.set(field, where);
  }
  return restricted;
}

/** Undefined: everything; `never`: no rule can apply, whatever the data. Adds the claims that were put in. */
function bindRules(
  rules: readonly Rule[],
  caller: Caller,
  operation: ReadOperation,
  claims: Map<string, unknown>,
): Predicate | undefined {
  if (!caller.identified) return never;
  const granted: (Predicate | undefined)[] = [];
  for (const { roles, operations, where } of rules) {
    if (!operations.includes(operation)) continue;
    if (roles !== undefined && !roles.some((role) => caller.roles.has(role))) continue;
    if (where === undefined) return undefined;
    const bound = bindClaims(where, caller.claims);
    if (bound === undefined) continue;
    granted.push(bound);
    for (const path of claimPaths(where)) claims.set(path.join('.'), claimAt(caller.claims, path));
  }
  return anyOf(granted);
}

import type { Catalog, Table } from '../catalog/catalog.ts';
import { GatewayError, unreachable } from '../common/errors.ts';
import type { KeptLetter, Snapshot, TableState } from '../store/store.ts';
import type { Unavailable } from './query.ts';
import { inputsOf, isVisible } from './visible.ts';

/**
 * The state of a table as its readers must see it. A derived table is no further than the tables of topics that it is built from:
 * it fills, is halted and is recreated with the first of them that is.
 */
export function servingState(table: Table, snapshot: Snapshot): TableState {
  const own = snapshot.state(table);
  if (table.derivation === undefined) return own;
  const bases = table.bases.map((base) => ({ base, state: snapshot.state(base) }));
  for (const phase of ['recreated', 'filling', 'halted'] as const) {
    if (own.phase === phase) return own;
    const found = bases.find(({ state }) => state.phase === phase);
    if (found === undefined) continue;
    const { base, state } = found;
    const reason = state.reason === undefined ? undefined : `${base.name}, which it is built from: ${state.reason}`;
    return { ...own, phase, reason };
  }
  return own;
}

/** Bad records by reason code; of an aggregation those that its inputs met, too. */
export function badRecords(catalog: Catalog, table: Table, snapshot: Snapshot): ReadonlyMap<string, number> {
  const bad = new Map(Object.entries(snapshot.state(table).bad));
  const inputs = inputsOf(catalog, table);
  if (inputs === undefined) return bad;
  for (const [code, count] of Object.entries(snapshot.state(inputs).bad)) bad.set(code, (bad.get(code) ?? 0) + count);
  return bad;
}

/** The last that came first, whatever times the records tell; of an aggregation those of its inputs among its own. */
export function deadLettersOf(
  catalog: Catalog,
  table: Table,
  snapshot: Snapshot,
  limit: number,
): readonly KeptLetter[] {
  const letters = snapshot.deadLetters(table, limit);
  const inputs = inputsOf(catalog, table);
  if (inputs === undefined) return letters;
  return [...letters, ...snapshot.deadLetters(inputs, limit)].toSorted((a, b) => b.version - a.version).slice(0, limit);
}

/** Throws where a table of the operation cannot answer: TOPIC_RECREATED. */
export function checkServing(tables: readonly Table[], snapshot: Snapshot): void {
  for (const table of tables) {
    const why = unavailable(table, servingState(table, snapshot));
    if (why === undefined) continue;
    // What the API does not show is named nowhere: a table that rules go by, or that others are built from.
    const details = isVisible(table) ? { table: table.name } : {};
    const isNamed = [table, ...table.bases].every(isVisible);
    throw new GatewayError('TOPIC_RECREATED', isNamed ? why : unnamed, details);
  }
}

/**
 * Throws TABLE_UNAVAILABLE while a table that rules go by is being filled: who is kept out by a row that has not been read yet must not
 * be let in meanwhile. The table is not named: it may be none that the caller knows of.
 */
export function checkDeciding(tables: readonly Table[], snapshot: Snapshot): void {
  if (tables.every((table) => servingState(table, snapshot).phase !== 'filling')) return;
  throw new GatewayError(
    'TABLE_UNAVAILABLE',
    'What this caller may read is not known yet: a table that says so is still being filled. Try again shortly.',
    { retryable: true },
  );
}

const unnamed =
  'A topic of what this goes by was deleted and created again. Rebuild its tables: `headgate status` says which.';

const unavailable: Unavailable = (table, { phase, reason }) => {
  switch (phase) {
    case 'filling':
    case 'live':
    case 'halted':
      return undefined;
    case 'recreated': {
      const names = table.bases.map(({ name }) => name).join(',');
      return reason === undefined
        ? `A topic of ${table.name} was deleted and created again. Rebuild it with \`headgate serve --rebuild ${names}\`.`
        : `${table.name} cannot answer: ${reason}.`;
    }
    default:
      return unreachable(phase);
  }
};

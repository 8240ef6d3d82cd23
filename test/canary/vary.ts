import type { Random } from '../support/random.ts';
import type { HistoryGenerator } from './generate-history.ts';
import type { Row, State } from './rows.ts';
import { hasGuardedColumns, sightOf, type Principal } from './sight.ts';
import { columnOf, operations, tableOf, type SchemaSpec } from './spec.ts';
import { statesOf, type Commit, type RecordSpec } from './state.ts';

/** Another record in the place of one of the history. */
export interface Variation {
  readonly commit: number;
  readonly record: number;
  readonly instead: RecordSpec;
}

export function varied(commits: readonly Commit[], variations: readonly Variation[]): readonly Commit[] {
  return commits.map((commit, c) =>
    commit.map((record, r) => variations.findLast((each) => each.commit === c && each.record === r)?.instead ?? record),
  );
}

/**
 * Changes what the principal may not read, at any commit and with any kind of operation, and nothing that decides what it may: the
 * history that comes out looks the same to it. Values are replaced, rows removed, and rows put where tombstones were.
 */
export function findVariations(
  {
    random,
    schema,
    principal,
    generator,
  }: { random: Random; schema: SchemaSpec; principal: Principal; generator: HistoryGenerator },
  commits: readonly Commit[],
  attempts: number,
): readonly Variation[] {
  const wanted = [...looks(schema, principal, commits, 0)];
  const found: Variation[] = [];
  for (let i = 0; i < attempts; i += 1) {
    const before = varied(commits, found);
    const commit = random.int(commits.length);
    const record = random.int(before[commit]?.length ?? 0);
    const given = before[commit]?.[record];
    if (given === undefined || given.bad === true) continue;
    const variation = { commit, record, instead: another(random, schema, given, generator) };
    if (JSON.stringify(variation.instead) === JSON.stringify(given)) continue;
    const after = looks(schema, principal, varied(before, [variation]), commit);
    if (isSame(after, wanted.slice(commit))) found.push(variation);
  }
  return found;
}

function another(random: Random, schema: SchemaSpec, record: RecordSpec, generator: HistoryGenerator): RecordSpec {
  const table = tableOf(schema, record.table);
  if (record.value === null || (record.key.length > 0 && random.int(4) === 0)) {
    return { table: record.table, key: record.key, value: record.value === null ? generator.value(table) : null };
  }
  const value = { ...record.value };
  const names = Object.keys(value);
  for (let changes = 1 + random.int(3); changes > 0; changes -= 1) {
    const name = random.pick(names);
    value[name] = generator.cell(columnOf(table, name));
  }
  return { ...record, value };
}

function isSame(texts: Iterable<string>, wanted: readonly string[]): boolean {
  let at = 0;
  for (const text of texts) {
    if (text !== wanted[at]) return false;
    at += 1;
  }
  return true;
}

/** All that a principal may see behind each of the commits from one on, as texts. */
function* looks(schema: SchemaSpec, principal: Principal, commits: readonly Commit[], from: number): Iterable<string> {
  const states = statesOf(schema, commits);
  for (const [at, state] of states.entries()) {
    if (at <= from) continue;
    const looked = operations.map((operation) =>
      [...sightOf(schema, state, principal, operation)].map(([name, rows]) => {
        const table = tableOf(schema, name);
        const before = states[at - 1]?.get(name);
        const seen = [...rows.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
        // Of rows without guarded columns every write is told, were it of a hidden column alone.
        if (operation !== 'CHANGES' || hasGuardedColumns(schema, table, principal, operation)) return seen;
        const isWritten = (key: string) => JSON.stringify(before?.get(key)) !== JSON.stringify(rowIn(state, name, key));
        return seen.map((row) => ({ ...row, written: isWritten(row.key) }));
      }),
    );
    yield JSON.stringify(looked);
  }
}

function rowIn(state: State, table: string, key: string): Row | undefined {
  return state.get(table)?.get(key);
}

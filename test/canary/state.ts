import { holds } from './condition.ts';
import { related, type Row, type State } from './rows.ts';
import { isKept, relationOf, tableOf, type OriginSpec, type SchemaSpec, type TableSpec } from './spec.ts';

/** A record of the table's topic. `value` null: a tombstone. A bad one has a value that no row can have. */
export interface RecordSpec {
  readonly table: string;
  /** One value per key column; of a stream none. */
  readonly key: readonly unknown[];
  readonly value: Readonly<Record<string, unknown>> | null;
  readonly bad?: boolean;
}

/** Records that arrive together. */
export type Commit = readonly RecordSpec[];

/** After each of the commits; the first state is that before all of them. */
export function statesOf(schema: SchemaSpec, commits: readonly Commit[]): readonly State[] {
  const states: State[] = [];
  let topics: State = new Map(schema.tables.map(({ name }) => [name, new Map()]));
  states.push(topics);
  for (const commit of commits) {
    topics = applied(schema, topics, commit);
    states.push(derived(schema, topics));
  }
  return states;
}

function applied(schema: SchemaSpec, before: State, commit: Commit): State {
  const after = new Map<string, Map<string, Row>>();
  const written = (name: string): Map<string, Row> => {
    const rows = after.get(name) ?? new Map(before.get(name));
    after.set(name, rows);
    return rows;
  };
  for (const table of schema.tables) if (!isKept(table)) after.set(table.name, new Map());
  for (const [i, { table: name, key, value, bad }] of commit.entries()) {
    if (bad === true) continue;
    const table = tableOf(schema, name);
    const rows = written(name);
    const id = isKept(table) ? JSON.stringify(key) : JSON.stringify(i);
    if (value === null) rows.delete(id);
    else rows.set(id, rowOf(table, id, key, value));
  }
  return new Map([...before, ...after]);
}

function rowOf(table: TableSpec, id: string, key: readonly unknown[], value: Readonly<Record<string, unknown>>): Row {
  const values = Object.fromEntries(table.columns.map(({ name }) => [name, value[name] ?? null]));
  const keys = isKept(table) ? table.key.map((name, i) => [name, key[i]] as const) : [];
  return { key: id, values: { ...values, ...Object.fromEntries(keys) } };
}

/** Tables are declared behind what they are made of. */
function derived(schema: SchemaSpec, topics: State): State {
  const state = new Map(topics);
  for (const table of schema.tables) {
    const { origin } = table;
    if (origin.kind === 'topic') continue;
    const rows = origin.kind === 'view' ? viewed(schema, state, table, origin) : summed(state, origin);
    state.set(table.name, new Map(rows.map((row) => [row.key, row])));
  }
  return state;
}

function viewed(
  schema: SchemaSpec,
  state: State,
  table: TableSpec,
  { source, where, paths }: Extract<OriginSpec, { kind: 'view' }>,
): readonly Row[] {
  const from = tableOf(schema, source);
  return [...(state.get(source)?.values() ?? [])]
    .filter((row) => where === undefined || holds(schema, state, from, where, row) === true)
    .map(({ key, values }) => {
      const valueOf = (name: string): unknown => {
        const path = paths.get(name);
        if (path === undefined) return values[name] ?? null;
        const [other] = related(state, relationOf(from, path[0]), { key, values });
        return other?.values[path[1]] ?? null;
      };
      return { key, values: Object.fromEntries(table.columns.map(({ name }) => [name, valueOf(name)])) };
    });
}

function summed(state: State, { source, by, sums }: Extract<OriginSpec, { kind: 'aggregation' }>): readonly Row[] {
  const groups = new Map<unknown, Row[]>();
  for (const row of state.get(source)?.values() ?? []) {
    const group = row.values[by] ?? null;
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  return [...groups].map(([group, rows]) => {
    const values: Record<string, unknown> = { [by]: group };
    for (const [name, { fn, arg = '' }] of sums) {
      const given = rows.map((row) => row.values[arg] ?? null).filter((value) => value !== null);
      if (fn === 'COUNT') values[name] = rows.length;
      else if (fn === 'MAX') values[name] = given.length === 0 ? null : Math.max(...(given as number[]));
      else values[name] = [...new Set(given)].toSorted();
    }
    return { key: JSON.stringify([group]), values };
  });
}

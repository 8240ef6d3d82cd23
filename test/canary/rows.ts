import type { RelationSpec } from './spec.ts';

export interface Row {
  /** JSON of the key's values. Of a stream the place in the commit. */
  readonly key: string;
  /** As JSON has them; null where there is none. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** All tables as of a commit, derived and hidden ones too; of a stream the rows that came with it. */
export type State = ReadonlyMap<string, ReadonlyMap<string, Row>>;

/** The rows that a relation leads to; relations to one row go by its key. */
export function related(state: State, { target, columns, references }: RelationSpec, row: Row): readonly Row[] {
  const wanted = columns.map((name) => row.values[name] ?? null);
  if (wanted.includes(null)) return [];
  const rows = state.get(target);
  if (rows === undefined) return [];
  return byValues(rows, references).get(JSON.stringify(wanted)) ?? [];
}

type Rows = ReadonlyMap<string, Row>;

const known = new WeakMap<Rows, Map<string, ReadonlyMap<string, readonly Row[]>>>();

/** The rows of a table by their values in some columns. A state is asked often, and never changes. */
function byValues(rows: Rows, columns: readonly string[]): ReadonlyMap<string, readonly Row[]> {
  const ofRows = known.get(rows) ?? new Map<string, ReadonlyMap<string, readonly Row[]>>();
  known.set(rows, ofRows);
  const id = columns.join(' ');
  const found = ofRows.get(id) ?? grouped(rows, columns);
  ofRows.set(id, found);
  return found;
}

function grouped(rows: Rows, columns: readonly string[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows.values()) {
    const group = JSON.stringify(columns.map((name) => row.values[name]));
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [row]);
    else members.push(row);
  }
  return groups;
}

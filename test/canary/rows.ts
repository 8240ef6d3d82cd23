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
  return [...(state.get(target)?.values() ?? [])].filter(({ values }) =>
    references.every((name, i) => values[name] === wanted[i]),
  );
}

import { useLive } from '../page/use-live.ts';
import type { Live } from '../page/use-live.ts';
import type { TableDeadLetter } from './dead-letters-list.tsx';
import { deadLettersQuery } from './documents.ts';

export interface DeadLetters {
  /** The last that came first. */
  readonly letters: readonly TableDeadLetter[];
  /** Tables whose dead letters this caller may not see. */
  readonly hidden: readonly string[];
}

/** The newest of every table, or of one; `limit` of each. */
export function useDeadLetters(limit: number, table?: string): Live<DeadLetters> {
  const { state, data, error } = useLive(deadLettersQuery, { limit });
  if (data === undefined) return { state, error };
  const tables = data._meta.tables.filter(({ name }) => table === undefined || name === table);
  const letters = tables.flatMap(({ name, deadLetters }) =>
    (deadLetters ?? []).map((letter): TableDeadLetter => ({ ...letter, table: name })),
  );
  return {
    state,
    error,
    data: {
      letters: letters.toSorted((a, b) => Number(b.version) - Number(a.version)),
      hidden: tables.filter(({ deadLetters }) => deadLetters === null).map(({ name }) => name),
    },
  };
}

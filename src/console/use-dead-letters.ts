import { useLive } from '../page/use-live.ts';
import type { Live } from '../page/use-live.ts';
import type { TableDeadLetter } from './dead-letters-list.tsx';
import { deadLettersQuery } from './documents.ts';
import { useGateway } from './gateway-status.tsx';

/** Of each table so many at most, however many tables there are: an operation costs its fields times its rows, within `maxCost`. */
const mostFields = 60_000;
const fieldsOfOne = 7;

export interface DeadLetters {
  /** The last that came first. */
  readonly letters: readonly TableDeadLetter[];
  /** Tables whose dead letters this caller may not see. */
  readonly hidden: readonly string[];
}

/** The newest of every table, or of one; `limit` of each, or fewer where there are very many tables. */
export function useDeadLetters(limit: number, table?: string): Live<DeadLetters> {
  const tableCount = useGateway().live.data?.tables.length ?? 1;
  const most = Math.max(1, Math.floor(mostFields / (fieldsOfOne * Math.max(1, tableCount))));
  const { state, data, error } = useLive(deadLettersQuery, { limit: Math.min(limit, most) });
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

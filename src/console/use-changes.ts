import type { TypedDocumentNode } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import type { Row } from './rows-table.tsx';

export interface RowChange {
  readonly operation: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly rowId: string;
  readonly changedFields: readonly string[];
  readonly timestamp: string;
  readonly node: Row | null;
}

export interface ChangesData {
  readonly rows: { readonly changes: readonly RowChange[] };
}

/** A change, and its place among all that arrived. */
export interface Arrived {
  readonly number: number;
  readonly change: RowChange;
}

export interface Changes {
  /** The newest first, and no more than are asked for. */
  readonly newest: readonly Arrived[];
  /** How many have arrived. */
  readonly count: number;
  readonly error: Error | undefined;
}

/** What arrives from now on. `query` is the same in every render. */
export function useChanges(query: TypedDocumentNode<ChangesData>, where: object | undefined, most: number): Changes {
  const client = useApolloClient();
  const [changes, setChanges] = useState<Changes>({ newest: [], count: 0, error: undefined });
  const key = JSON.stringify(where ?? {});
  useEffect(() => {
    const variables = key === '{}' ? {} : { where: JSON.parse(key) as object };
    const subscription = client
      .subscribe({ query, variables, fetchPolicy: 'no-cache' })
      .subscribe(({ data, error }) => {
        setChanges((before) => {
          const arrived = (data as ChangesData | undefined)?.rows.changes ?? [];
          const numbered = arrived.map((change, index) => ({ number: before.count + index + 1, change }));
          return {
            newest: [...numbered.toReversed(), ...before.newest].slice(0, most),
            count: before.count + arrived.length,
            error,
          };
        });
      });
    return () => subscription.unsubscribe();
  }, [client, query, key, most]);
  return changes;
}

import { useApolloClient } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { definitionsQuery } from './documents.ts';
import type { TableDefinition } from './documents.ts';

export type Definitions =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly tables: readonly TableDefinition[] }
  | { readonly state: 'failed'; readonly reason: string };

/**
 * What the schema says of its tables: asked once for each start of the gateway; what was told before until then, and where it is
 * the same.
 */
export function useDefinitions(start: string): Definitions {
  const client = useApolloClient();
  const [definitions, setDefinitions] = useState<Definitions>({ state: 'loading' });
  useEffect(() => {
    let current = true;
    const tell = (told: Definitions): void => {
      if (current) setDefinitions((before) => (JSON.stringify(before) === JSON.stringify(told) ? before : told));
    };
    client.query({ query: definitionsQuery, fetchPolicy: 'no-cache' }).then(
      ({ data }) => tell({ state: 'ready', tables: data?._meta.tables ?? [] }),
      (cause: Error) => tell({ state: 'failed', reason: cause.message }),
    );
    return () => {
      current = false;
    };
  }, [client, start]);
  return definitions;
}

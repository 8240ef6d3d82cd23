import type { TypedDocumentNode } from '@apollo/client';
import { useSubscription } from '@apollo/client/react';
import { useConnectionStatus } from 'headgate/client/react';
import { connection } from './connection.tsx';

/** The newest answer of a live query, and how much it is worth. */
export interface Live<Data> {
  readonly state: 'loading' | 'live' | 'stale' | 'failed';
  /** Kept, and stale, while the gateway cannot be reached. */
  readonly data?: Data | undefined;
  readonly error?: Error | undefined;
}

/** Each answer of a live query is the whole result: there is nothing to merge. */
export function useLive<Data>(document: TypedDocumentNode<Data, Record<string, never>>): Live<Data> {
  const { data, error } = useSubscription(document);
  const { kind } = useConnectionStatus(connection);
  if (error !== undefined) return { state: 'failed', error };
  if (data === undefined) return { state: 'loading' };
  return { state: kind === 'live' ? 'live' : 'stale', data: data as Data };
}

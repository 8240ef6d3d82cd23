import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { live } from 'headgate/client';
import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { useConnectionKind } from './live-client.tsx';

/** The newest answer of a live query, and how much it is worth. */
export interface Live<Data> {
  readonly state: 'loading' | 'live' | 'stale' | 'failed';
  /** Absent until the first answer; kept, and stale, while the gateway cannot be reached. */
  readonly data?: Data | undefined;
  readonly error?: Error | undefined;
}

interface Answer<Data> {
  readonly key: string;
  readonly data?: Data | undefined;
  readonly error?: Error | undefined;
}

/**
 * A query, live: its text with `subscription` for `query`. However many answers come, the newest is rendered, and once a frame
 * of the screen: each of them is the whole truth, so nothing is missed by leaving out those between.
 */
export function useLive<Data, Variables extends OperationVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Live<Data> {
  const client = useApolloClient();
  const kind = useConnectionKind();
  const [answer, setAnswer] = useState<Answer<Data>>();
  const key = JSON.stringify(variables);

  useEffect(() => {
    let newest: Answer<Data> | undefined;
    let frame = 0;
    const subscription = client
      .subscribe({ query: live(query), variables: JSON.parse(key) as Variables, fetchPolicy: 'no-cache' })
      .subscribe(({ data, error }) => {
        newest = { key, data: data as Data | undefined, error };
        frame ||= requestAnimationFrame(() => {
          frame = 0;
          // Before this frame is painted, not in the next one.
          flushSync(() => setAnswer(newest));
        });
      });
    return () => {
      cancelAnimationFrame(frame);
      subscription.unsubscribe();
    };
  }, [client, query, key]);

  if (answer?.key !== key) return { state: 'loading' };
  const { data, error } = answer;
  if (error !== undefined || data === undefined) return { state: 'failed', error };
  return { state: kind === 'live' ? 'live' : 'stale', data };
}

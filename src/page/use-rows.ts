import type { TypedDocumentNode } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { foldChanges } from 'headgate/client';
import type { ChangesMessage } from 'headgate/client';
import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { useConnectionKind } from './live-client.tsx';
import type { Live } from './use-live.ts';

/**
 * All rows of a change stream: for many rows of which few change, as on a map. Its document asks for `snapshot: true` and passes
 * `after: $after`, so that it goes on without a gap after a reconnection. `document` and `messageOf` are the same in every render.
 */
export function useRows<Row extends { readonly id: string }, Data>(
  document: TypedDocumentNode<Data, Record<string, never>>,
  messageOf: (data: Data) => ChangesMessage<Row>,
): Live<readonly Row[]> {
  const client = useApolloClient();
  const kind = useConnectionKind();
  const [shown, setShown] = useState<Omit<Live<readonly Row[]>, 'state'>>();

  useEffect(() => {
    let rows: readonly Row[] = [];
    let error: Error | undefined;
    let frame = 0;
    const subscription = client.subscribe({ query: document, fetchPolicy: 'no-cache' }).subscribe((result) => {
      error = result.error;
      // Every message counts; they are folded at once, and shown once a frame of the screen.
      if (result.data !== undefined) rows = foldChanges(rows, messageOf(result.data as Data));
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        // Before this frame is painted, not in the next one.
        flushSync(() => setShown({ data: rows, error }));
      });
    });
    return () => {
      cancelAnimationFrame(frame);
      subscription.unsubscribe();
    };
  }, [client, document, messageOf]);

  if (shown === undefined) return { state: 'loading' };
  if (shown.error !== undefined) return { state: 'failed', error: shown.error };
  return { state: kind === 'live' ? 'live' : 'stale', data: shown.data };
}

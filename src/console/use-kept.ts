import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useState } from 'react';
import { useLive } from '../page/use-live.ts';
import type { Live } from '../page/use-live.ts';

/** As `useLive`, but while the answer to other variables is waited for, the answer to those of before is kept. */
export function useKept<Data>(
  query: TypedDocumentNode<Data, OperationVariables>,
  variables: OperationVariables,
): Live<Data> {
  const live = useLive(query, variables);
  const [kept, keep] = useState<Data>();
  if (live.data !== undefined && live.data !== kept) keep(live.data);
  if (live.state === 'failed' && kept !== undefined) keep(undefined);
  return live.state === 'loading' ? { ...live, data: kept } : live;
}

import { useMemo } from 'react';
import { useHashQuery } from './route.ts';
import { readRowView, writeRowView } from './row-view.ts';
import type { RowView } from './row-view.ts';

/** How rows are looked at, as the address says it; a reload and a link that was sent keep it. */
export function useRowView(): readonly [RowView, (change: Partial<RowView>) => void] {
  const [query, setQuery] = useHashQuery();
  const view = useMemo(() => readRowView(query), [query]);
  return [view, (change) => setQuery(writeRowView({ ...view, ...change }))];
}

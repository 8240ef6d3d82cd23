import { gql } from '@apollo/client';
import { useMemo } from 'react';
import { inWhole } from '../page/format.ts';
import { LiveNumber } from '../page/live-number.tsx';
import { useLive } from '../page/use-live.ts';
import { countText } from './row-query.ts';
import type { AskedTable } from './row-query.ts';

export interface MatchCountProps {
  readonly asked: AskedTable;
  readonly connection: string;
  readonly where: object;
}

/** How many rows match, live. */
export function MatchCount({ asked, connection, where }: MatchCountProps) {
  const query = useMemo(() => gql(countText(asked, connection)), [asked, connection]);
  const { state, data, error } = useLive<
    { readonly rows: { readonly totalCount: number } },
    { readonly where: object }
  >(query, { where });
  if (state === 'failed') return <span className="matches">not counted: {error?.message}</span>;
  if (data === undefined) return <span className="matches">counting…</span>;
  return (
    <span className="matches">
      <LiveNumber value={data.rows.totalCount} format={inWhole} /> match
    </span>
  );
}

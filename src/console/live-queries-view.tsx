import { useState } from 'react';
import { LiveSection } from '../page/live-section.tsx';
import { useLive } from '../page/use-live.ts';
import { liveQueriesQuery, ownPrefix } from './documents.ts';
import type { LiveQuery } from './documents.ts';
import { useGateway } from './gateway-status.tsx';
import { LiveQueriesList } from './live-queries-list.tsx';
import { useHistory } from './use-history.ts';

const limit = 100;

/** Who listens to what, and what it costs. */
export function LiveQueriesView() {
  const live = useLive(liveQueriesQuery, { limit });
  const { live: status, at } = useGateway();
  const meta = live.data?._meta;
  const history = useHistory(meta, Date.parse(meta?.now ?? ''), status.data?.startedAt ?? '', costs);
  const [own, setOwn] = useState(false);
  return (
    <LiveSection title="Open live queries" note="those that read the most rows first" live={live}>
      {({ _meta: { liveQueries, liveQueryCount } }) => {
        if (liveQueries === null) {
          return (
            <p className="notice">
              Which live queries are open is told to operators only: in <code>headgate dev</code> to everybody on this
              machine, else to callers with one of the roles of <code>consoleRoles</code>.
            </p>
          );
        }
        const ours = liveQueries.filter(isOwn);
        const shown = own ? liveQueries : liveQueries.filter((query) => !isOwn(query));
        return (
          <>
            {shown.length === 0 ? (
              <p className="notice">Nobody listens but this console.</p>
            ) : (
              <LiveQueriesList queries={shown} at={at} readRate={(id) => history.rate(id, at)} />
            )}
            <p className="hint">
              {(liveQueryCount ?? 0) > liveQueries.length && `Of ${liveQueryCount}, the first ${limit} are listed. `}
              {ours.length > 0 && (
                <label>
                  <input type="checkbox" checked={own} onChange={() => setOwn(!own)} /> Show what consoles ask, too (
                  {ours.length})
                </label>
              )}
            </p>
          </>
        );
      }}
    </LiveSection>
  );
}

/** Rows that they have read. */
function costs({ liveQueries }: { readonly liveQueries: readonly LiveQuery[] | null }): ReadonlyMap<string, number> {
  return new Map((liveQueries ?? []).map(({ id, rowsRead }) => [id, Number(rowsRead)]));
}

function isOwn({ operation }: LiveQuery): boolean {
  return operation?.startsWith(ownPrefix) ?? false;
}

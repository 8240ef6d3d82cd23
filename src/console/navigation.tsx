import { inWhole } from '../page/format.ts';
import { useGateway } from './gateway-status.tsx';
import { totalBadOf } from './measured.ts';
import { overviewHref, useRoute } from './route.ts';
import type { Route } from './route.ts';

const places: readonly { readonly name: string; readonly hash: string; readonly view: Route['view'] }[] = [
  { name: 'Overview', hash: overviewHref, view: 'overview' },
  { name: 'Live queries', hash: '#/live', view: 'live' },
  { name: 'Dead letters', hash: '#/dead-letters', view: 'dead-letters' },
  { name: 'Schema', hash: '#/schema', view: 'schema' },
];

export function Navigation() {
  const route = useRoute();
  const { live } = useGateway();
  const bad = totalBadOf(live.data?.tables ?? []);
  return (
    <nav aria-label="Console">
      {places.map(({ name, hash, view }) => (
        <a key={hash} href={hash} aria-current={view === route.view ? 'page' : undefined}>
          {name}
          {view === 'dead-letters' && bad.count > 0 && (
            <span className="count" title={bad.hidden > 0 ? 'without tables that hide theirs' : undefined}>
              {' '}
              {inWhole(bad.count)}
              {bad.hidden > 0 && '+'}
            </span>
          )}
        </a>
      ))}
      <a href="/graphql">GraphiQL</a>
    </nav>
  );
}

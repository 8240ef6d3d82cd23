import { ConnectionBadge } from '../page/connection-badge.tsx';
import { useConnection } from '../page/live-client.tsx';
import { SkipLink } from '../page/skip-link.tsx';
import { ThemeToggle } from '../page/theme-toggle.tsx';
import { Boundary } from './boundary.tsx';
import { DeadLettersView } from './dead-letters-view.tsx';
import { useGateway, WatchGateway } from './gateway-status.tsx';
import { LiveQueriesView } from './live-queries-view.tsx';
import { Navigation } from './navigation.tsx';
import { Overview } from './overview.tsx';
import { overviewHref, useRoute } from './route.ts';
import type { Route } from './route.ts';
import { SchemaView } from './schema-view.tsx';
import { SignIn } from './sign-in.tsx';
import { StatusLine } from './status-line.tsx';
import { TableView } from './table-view.tsx';
import { codeOf } from './error-code.ts';

/** The console: what the gateway holds, how far it is, and what is asked of it. All of it by its own API. */
export function ConsolePage() {
  return (
    <WatchGateway>
      <SkipLink />
      <header className="masthead console">
        <a className="brand" href={overviewHref}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M7 5v22M25 5v22M7 11h18M11.5 17v10M16 17v10M20.5 17v10" />
          </svg>
          <h1>Headgate</h1>
        </a>
        <Navigation />
        <ConnectionBadge />
        <ThemeToggle />
      </header>
      <main id="main" tabIndex={-1}>
        <Content />
      </main>
    </WatchGateway>
  );
}

function Content() {
  const { live } = useGateway();
  const connection = useConnection();
  const route = useRoute();
  if (connection.kind === 'refused') return <SignIn reason={connection.reason} />;
  if (live.error !== undefined && codeOf(live.error) === 'UNAUTHENTICATED')
    return <SignIn reason={live.error.message} />;
  return (
    <>
      <StatusLine compact={route.view !== 'overview'} />
      <Boundary key={JSON.stringify(route)}>
        <View route={route} start={live.data?.startedAt ?? ''} />
      </Boundary>
    </>
  );
}

/** `start`: of the gateway. Another one may serve another schema. */
function View({ route, start }: { readonly route: Route; readonly start: string }) {
  switch (route.view) {
    case 'overview':
      return <Overview />;
    case 'table':
      return <TableView key={route.name} name={route.name} start={start} />;
    case 'live':
      return <LiveQueriesView />;
    case 'dead-letters':
      return <DeadLettersView key={route.name} name={route.name} />;
    case 'schema':
      return <SchemaView key={route.name} start={start} name={route.name} />;
    case 'sign-in':
      return <SignIn />;
  }
}

import { createLiveClient } from 'headgate/client';
import { useConnectionStatus } from 'headgate/client/react';

/** Under the page's own address: vite passes /graphql on to the gateway. `token: () => …` is where credentials go. */
export const connection = createLiveClient({
  url: new URL('/graphql', location.href.replace(/^http/, 'ws')).href,
  maxRetryWaitMs: 2_000,
});

const names = {
  idle: 'Connecting',
  connecting: 'Connecting',
  live: 'Live',
  stale: 'No word from the gateway',
  reconnecting: 'Reconnecting',
  refused: 'Refused',
};

/** Whether what the page shows is true now; if not, since when. */
export function ConnectionBadge() {
  const { kind, text } = useConnectionStatus(connection);
  return (
    <p className="badge" data-state={kind} title={text}>
      <span className="dot" aria-hidden="true" />
      <span role="status">{names[kind]}</span>
      {/* Counts seconds, which nobody wants read out. */}
      {(kind === 'stale' || kind === 'reconnecting' || kind === 'refused') && (
        <span className="detail" aria-hidden="true">
          {text}
        </span>
      )}
    </p>
  );
}

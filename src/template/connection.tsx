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
  const isDetailed = kind === 'stale' || kind === 'reconnecting' || kind === 'refused';
  return (
    <p className="badge" data-state={kind} title={text}>
      <span className="dot" aria-hidden="true" />
      <span role="status" className={isDetailed ? 'unseen' : undefined}>
        {names[kind]}
      </span>
      {/* The same with seconds that count, which nobody wants read out. */}
      {isDetailed && <span aria-hidden="true">{text.replace(/^./, (letter) => letter.toUpperCase())}</span>}
    </p>
  );
}

import type { ConnectionStatus } from 'headgate/client';
import { asClock, asDuration } from './format.ts';
import { useConnection } from './live-client.tsx';
import { useNow } from './use-now.ts';

/** Whether what is on the page is true now, and if not, since when. Read out when that changes, but not every second. */
export function ConnectionBadge() {
  const status = useConnection();
  const since = exactUntil(status);
  const now = useNow(since !== undefined);
  return (
    <div className="badge" data-state={status.kind}>
      <span className="dot" aria-hidden="true" />
      <span role="status">{inWords(status)}</span>
      {since !== undefined && <span aria-hidden="true">· {asDuration(now - since)} ago</span>}
    </div>
  );
}

function inWords(status: ConnectionStatus): string {
  switch (status.kind) {
    case 'live':
      return 'Live';
    case 'idle':
    case 'connecting':
      return 'Connecting';
    case 'stale':
      return `No word from the gateway. Numbers of ${asClock(status.since)}`;
    case 'reconnecting':
      return status.since === undefined
        ? 'The gateway cannot be reached. Trying again'
        : `Reconnecting. Numbers of ${asClock(status.since)}`;
    case 'refused':
      return `Refused: ${status.reason}`;
  }
}

/** When the numbers were last known to be exact, ms, where that is not now. */
function exactUntil(status: ConnectionStatus): number | undefined {
  return status.kind === 'stale' || status.kind === 'reconnecting' ? status.since : undefined;
}

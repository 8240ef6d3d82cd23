import { useSyncExternalStore } from 'react';
import { describeStatus, type ConnectionStatus, type StatusStore } from './status.ts';

/**
 * `headgate/client/react`: the status of a connection, for a component. `text` says it in words, with seconds that count:
 *
 * ```tsx
 * const { kind, text } = useConnectionStatus(connection);
 * return <p className={kind}>{text}</p>;
 * ```
 */
export function useConnectionStatus({ status }: { readonly status: StatusStore }): ConnectionStatus & { text: string } {
  const now = useSyncExternalStore(everySecond, secondsNow, secondsNow) * 1_000;
  const current = useSyncExternalStore(status.subscribe, status.get, status.get);
  return { ...current, text: describeStatus(current, now) };
}

function everySecond(tick: () => void): () => void {
  const timer = setInterval(tick, 1_000);
  return () => clearInterval(timer);
}

function secondsNow(): number {
  return Math.floor(Date.now() / 1_000);
}

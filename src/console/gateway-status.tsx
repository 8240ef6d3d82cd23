import { createContext, useContext, useState } from 'react';
import type { ReactNode } from 'react';
import type { Live } from '../page/use-live.ts';
import { useLive } from '../page/use-live.ts';
import { useNow } from '../page/use-now.ts';
import { statusQuery } from './documents.ts';
import type { GatewayStatus } from './documents.ts';
import { History } from './history.ts';
import { measured } from './measured.ts';

/** The gateway as its newest frame tells it, and what the frames before told. */
export interface WatchedGateway {
  readonly live: Live<GatewayStatus>;
  readonly history: History;
  /** Now by the gateway's clock, ms; it stands still while nothing is heard. */
  readonly at: number;
}

const Context = createContext<WatchedGateway | undefined>(undefined);

/** One live query for the whole console, for everything below. */
export function WatchGateway({ children }: { readonly children: ReactNode }) {
  const { state, data, error } = useLive(statusQuery, {});
  const [history] = useState(() => new History());
  const [seen, setSeen] = useState<{ readonly status: GatewayStatus; readonly clockAhead: number }>();
  const now = useNow(state === 'live');
  const status = data?._meta;
  if (status !== undefined && status !== seen?.status) {
    const at = Date.parse(status.now);
    // Counters of another process begin anew.
    if (seen !== undefined && seen.status.startedAt !== status.startedAt) history.clear();
    history.add(at, measured(status));
    setSeen({ status, clockAhead: at - Date.now() });
  }
  const newest = status === undefined ? 0 : Date.parse(status.now);
  const at = Math.max(newest, now + (seen?.clockAhead ?? 0));
  return <Context value={{ live: { state, data: status, error }, history, at }}>{children}</Context>;
}

export function useGateway(): WatchedGateway {
  const watched = useContext(Context);
  if (watched === undefined) throw new Error('there is no WatchGateway around this');
  return watched;
}

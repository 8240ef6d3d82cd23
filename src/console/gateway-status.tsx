import { createContext, useContext, useState } from 'react';
import type { ReactNode } from 'react';
import type { Live } from '../page/use-live.ts';
import { useLive } from '../page/use-live.ts';
import { useNow } from '../page/use-now.ts';
import { statusQuery } from './documents.ts';
import type { GatewayStatus } from './documents.ts';
import type { History } from './history.ts';
import { measured } from './measured.ts';
import { useHistory } from './use-history.ts';

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
  const status = data?._meta;
  const frameAt = status === undefined ? 0 : Date.parse(status.now);
  const history = useHistory(status, frameAt, status?.startedAt ?? '', measured);
  const [clock, setClock] = useState({ frameAt: 0, aheadMs: 0 });
  if (clock.frameAt !== frameAt) setClock({ frameAt, aheadMs: frameAt - Date.now() });
  const now = useNow(state === 'live');
  const at = Math.max(frameAt, now + clock.aheadMs);
  return <Context value={{ live: { state, data: status, error }, history, at }}>{children}</Context>;
}

export function useGateway(): WatchedGateway {
  const watched = useContext(Context);
  if (watched === undefined) throw new Error('there is no WatchGateway around this');
  return watched;
}

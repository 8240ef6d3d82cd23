import { GatewayError } from '../common/errors.ts';
import type { ServerLimits } from '../config/limits.ts';
import type { Caller } from '../model/caller.ts';
import type { Refusals } from './refusals.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * What one caller may have and do, over all its connections; callers are told apart by `Caller.id`. Each question counts what it
 * allows, and answers what to tell a caller that has had enough.
 */
export interface CallerLimits {
  /** Before a request is read, or an operation of a WebSocket prepared. OVERLOADED, with `retryAfterMs`. */
  request(caller: Caller, nowMs: number): GatewayError | undefined;
  /** A WebSocket or an SSE response; `disconnected` once it is gone. OVERLOADED. */
  connection(caller: Caller): GatewayError | undefined;
  disconnected(caller: Caller): void;
  /** A subscription; `ended` once it is over. LIMIT_EXCEEDED. */
  subscription(caller: Caller): GatewayError | undefined;
  ended(caller: Caller): void;
  /** Every second or so: forgets callers of whom there is nothing to remember. */
  sweep(nowMs: number): void;
  /** Callers that are remembered. */
  readonly size: number;
}

type Limits = Pick<ServerLimits, 'maxSocketsPerCaller' | 'maxSubscriptionsPerCaller' | 'maxRequestsPerSecond'>;

/**
 * Callers remembered at once. Ids can be made up (addresses, say): beyond, some that have nothing open are forgotten, and have what
 * anybody has who comes anew.
 */
const maxRemembered = 100_000;
/** So many in one go: looking for them takes as long for one. */
const forgottenAtOnce = 1_000;

interface Usage {
  connections: number;
  subscriptions: number;
  bucket: TokenBucket | undefined;
}

export function createCallerLimits(limits: Limits, refusals: Refusals): CallerLimits {
  const usages = new Map<string, Usage>();
  let room = maxRemembered;

  function usageOf({ id }: Caller): Usage {
    let usage = usages.get(id);
    if (usage === undefined) {
      if (usages.size >= room) makeRoom();
      usage = { connections: 0, subscriptions: 0, bucket: undefined };
      usages.set(id, usage);
    }
    return usage;
  }

  function makeRoom(): void {
    let left = forgottenAtOnce;
    for (const [id, { connections, subscriptions }] of usages) {
      if (connections > 0 || subscriptions > 0) continue;
      usages.delete(id);
      if ((left -= 1) === 0) break;
    }
    // Nearly all may have something open: then they are as many as there are connections, which are limited elsewhere.
    room = Math.max(maxRemembered, usages.size + forgottenAtOnce);
  }

  function refuse(
    limit: keyof Limits,
    code: 'OVERLOADED' | 'LIMIT_EXCEEDED',
    message: string,
    details = {},
    where = `setting ${limit}`,
  ) {
    refusals.count(limit);
    return new GatewayError(code, `${message} (${where}).`, details);
  }

  return {
    request(caller, nowMs) {
      const perSecond = caller.requestsPerSecond ?? limits.maxRequestsPerSecond;
      if (perSecond <= 0) return undefined;
      const usage = usageOf(caller);
      usage.bucket ??= new TokenBucket(perSecond, 2 * perSecond, nowMs);
      const waitMs = usage.bucket.take(nowMs);
      if (waitMs === 0) return undefined;
      const message = `You ask for more than ${perSecond} operations a second. Try again in ${waitMs} ms`;
      const details = { retryable: true, retryAfterMs: waitMs };
      const where = caller.requestsPerSecond === undefined ? undefined : 'requestsPerSecond of your key or session';
      return refuse('maxRequestsPerSecond', 'OVERLOADED', message, details, where);
    },
    connection(caller) {
      const usage = usageOf(caller);
      if (usage.connections >= limits.maxSocketsPerCaller) {
        const message = `You have ${limits.maxSocketsPerCaller} connections open, as many as are allowed`;
        return refuse('maxSocketsPerCaller', 'OVERLOADED', message, { retryable: true });
      }
      usage.connections += 1;
      return undefined;
    },
    disconnected(caller) {
      usageOf(caller).connections -= 1;
    },
    subscription(caller) {
      const usage = usageOf(caller);
      if (usage.subscriptions >= limits.maxSubscriptionsPerCaller) {
        const message = `You have ${limits.maxSubscriptionsPerCaller} subscriptions open, as many as are allowed`;
        return refuse('maxSubscriptionsPerCaller', 'LIMIT_EXCEEDED', message);
      }
      usage.subscriptions += 1;
      return undefined;
    },
    ended(caller) {
      usageOf(caller).subscriptions -= 1;
    },
    sweep(nowMs) {
      for (const [id, { connections, subscriptions, bucket }] of usages) {
        if (connections === 0 && subscriptions === 0 && bucket?.isFull(nowMs) !== false) usages.delete(id);
      }
    },
    get size() {
      return usages.size;
    },
  };
}

/** Where nobody can say who one is, all callers look the same: a limit of one would be a limit of all. */
export const noCallerLimits: CallerLimits = {
  request: () => undefined,
  connection: () => undefined,
  disconnected: () => {},
  subscription: () => undefined,
  ended: () => {},
  sweep: () => {},
  size: 0,
};

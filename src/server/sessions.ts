import { GatewayError } from '../common/errors.ts';
import type { Caller } from '../model/caller.ts';

/** Why a session ends before its client goes. */
export type Ending = 'expired' | 'revoked';

/**
 * Connections that are open under a caller's identity: WebSockets and SSE responses. They last no longer than the identity does;
 * what is asked once and answered once is held to it by `operation.ts`.
 */
export interface Sessions {
  /**
   * `end` is called once, when the identity expires or is revoked, and not after `close`. It must see to it that nothing is sent
   * from then on.
   */
  open(caller: Caller, end: (ending: Ending) => void): Session;
  /** Ends those that it concerns; how many. */
  revoke(concerns: (caller: Caller) => boolean): number;
  readonly size: number;
}

export interface Session {
  readonly caller: Caller;
  /**
   * The identity has expired, by the clock, and `end` has not come in time: timers stand still while a machine sleeps, and come late
   * where something else has the thread. To be asked before anything is sent.
   */
  readonly overdue: boolean;
  /** The connection is gone. Idempotent. */
  close(): void;
}

/** setTimeout takes 31 bits; more, and it fires at once. */
const maxTimeoutMs = 2 ** 31 - 1;

/** A timer that comes so much later is not waited for, ms: identities end to the second. */
const lateMs = 500;

/** `now`: ms since 1970. */
export function createSessions(now: () => number): Sessions {
  const sessions = new Set<OpenSession>();
  return {
    open(caller, end) {
      const session = new OpenSession(caller, now, (ending) => {
        sessions.delete(session);
        if (ending !== undefined) end(ending);
      });
      sessions.add(session);
      return session;
    },
    revoke(concerns) {
      const concerned = [...sessions].filter(({ caller }) => concerns(caller));
      for (const session of concerned) session.finish('revoked');
      return concerned.length;
    },
    get size() {
      return sessions.size;
    },
  };
}

class OpenSession implements Session {
  readonly caller: Caller;
  readonly #now: () => number;
  readonly #onEnd: (ending: Ending | undefined) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(caller: Caller, now: () => number, onEnd: (ending: Ending | undefined) => void) {
    this.caller = caller;
    this.#now = now;
    this.#onEnd = onEnd;
    if (caller.expiresAtMs !== undefined) this.#wait(caller.expiresAtMs);
  }

  get overdue(): boolean {
    const { expiresAtMs } = this.caller;
    return expiresAtMs !== undefined && this.#now() >= expiresAtMs + lateMs;
  }

  close(): void {
    this.finish(undefined);
  }

  finish(ending: Ending | undefined): void {
    clearTimeout(this.#timer);
    this.#onEnd(ending);
  }

  /** By the clock, which may be set while the timer runs. Ends the session later than now, so whoever opens it is ready. */
  #wait(untilMs: number): void {
    const leftMs = Math.max(0, untilMs - this.#now());
    this.#timer = setTimeout(
      () => {
        if (this.#now() < untilMs) this.#wait(untilMs);
        else this.finish('expired');
      },
      Math.min(leftMs, maxTimeoutMs),
    );
    this.#timer.unref();
  }
}

/** What the client is told; with it, it knows that new credentials are what it takes. */
export function endingError(ending: Ending): GatewayError {
  const what = ending === 'expired' ? 'has expired' : 'was revoked';
  return new GatewayError('UNAUTHENTICATED', `Your identity ${what}. Ask again with new credentials.`, {
    retryable: true,
  });
}

/**
 * What a page may honestly say of the rows that it shows. Times are ms since 1970 by this machine's clock.
 *
 *   idle ─▶ connecting ─▶ live ◀──word──▶ stale        (connected, and no word from the gateway)
 *                          ▲ └──connection lost──▶ reconnecting ──▶ refused   (for good: until somebody subscribes again)
 *                          └──every operation has its first frame again──┘
 *
 * A gateway that cannot be reached from the start is `reconnecting` too, without `since`.
 */
export type ConnectionStatus =
  /** Nothing is subscribed to. */
  | { readonly kind: 'idle' }
  /** No rows have come yet. */
  | { readonly kind: 'connecting' }
  /** What every operation showed last was exact then; it is told anew every ten seconds or so. */
  | { readonly kind: 'live'; readonly exactAsOf: number }
  | { readonly kind: 'stale'; readonly since: number }
  /** `since`: when the rows were last known to be exact; undefined where none have come. `retryAt` may be past: it is being tried. */
  | {
      readonly kind: 'reconnecting';
      readonly since: number | undefined;
      readonly retryAt: number;
      readonly reason: string;
    }
  /** Credentials or requests that the gateway will never take: nothing is tried again by itself. */
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string };

/** What React's `useSyncExternalStore` takes, and anything else can. */
export interface StatusStore {
  /** The same object until something changes. */
  readonly get: () => ConnectionStatus;
  /** `listener` is called after each change, and at most once a second for `exactAsOf`. Returns how to stop. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** The status in words: `live, exact as of 3 s ago`. `now`: ms since 1970. */
export function describeStatus(status: ConnectionStatus, now: number = Date.now()): string {
  const seconds = (ms: number) => `${Math.max(0, Math.round(ms / 1_000))} s`;
  const ago = (since: number | undefined) => (since === undefined ? '' : `, exact as of ${seconds(now - since)} ago`);
  switch (status.kind) {
    case 'live':
      return `live${ago(status.exactAsOf)}`;
    case 'stale':
      return `no word from the gateway${ago(status.since)}`;
    case 'reconnecting': {
      const when = status.retryAt > now ? `in ${seconds(status.retryAt - now)}` : 'now';
      // Where no rows have come, nothing is made again.
      const what = status.since === undefined ? 'connecting' : 'reconnecting';
      return `${what} ${when}${ago(status.since)}: ${status.reason}`;
    }
    case 'refused':
      return `refused: ${status.reason}`;
    default:
      return status.kind;
  }
}

/** When an operation's rows were last known to be exact, and whether that was over the connection there is. */
export interface Heard {
  heardAt: number | undefined;
  fresh: boolean;
}

/** How often a change of `exactAsOf` alone is told, ms. */
const exactEveryMs = 1_000;

/** Written to by the client alone. */
export class Status implements StatusStore {
  readonly #operations: ReadonlySet<Heard>;
  readonly #staleAfterMs: number;
  readonly #listeners = new Set<() => void>();
  #status: ConnectionStatus = { kind: 'idle' };
  #refused: ConnectionStatus | undefined;
  #lost: { readonly retryAt: number; readonly reason: string } | undefined;
  /** Whether the newest socket got as far as the gateway. */
  #reached = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(operations: ReadonlySet<Heard>, staleAfterMs: number) {
    this.#operations = operations;
    this.#staleAfterMs = staleAfterMs;
  }

  /** Passed around without their object, as React does. */
  readonly get = (): ConnectionStatus => this.#status;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** It tries to connect. */
  connecting(): void {
    this.#refused = undefined;
    this.#reached = false;
    // A wait may have been cut short.
    if (this.#lost !== undefined) this.#lost = { ...this.#lost, retryAt: Date.now() };
    this.update();
  }

  /**
   * The connection is lost, or was not made; `reason` where the gateway gave one. A wait may have been told already: browsers tell of
   * an error, upon which it is decided how long to wait, before they tell of the close.
   */
  lost(reason: string): void {
    for (const operation of this.#operations) operation.fresh = false;
    this.#lost = {
      retryAt: Math.max(this.#lost?.retryAt ?? 0, Date.now()),
      reason: reason === '' ? this.#presumed() : reason,
    };
    this.update();
  }

  /** It will be tried again then. */
  waiting(retryAt: number, reason: string = this.#lost?.reason ?? this.#presumed()): void {
    this.#lost = { retryAt, reason };
    this.update();
  }

  connected(): void {
    this.#reached = true;
    this.#lost = undefined;
    this.update();
  }

  /** Why, where nobody says so. */
  #presumed(): string {
    return this.#reached ? 'the connection was lost' : 'the gateway cannot be reached';
  }

  refused(code: number, reason: string): void {
    this.#refused = { kind: 'refused', code, reason };
    this.update();
  }

  /** The operation's rows are exact now. */
  heard(operation: Heard): void {
    const now = Date.now();
    const known = operation.fresh;
    operation.heardAt = now;
    operation.fresh = true;
    const told = this.#status.kind === 'live' ? this.#status.exactAsOf : 0;
    if (!known || now - told >= exactEveryMs) this.update();
  }

  /** After operations have come or gone. */
  update(): void {
    const status = this.#evaluate();
    clearTimeout(this.#timer);
    if (status.kind === 'live') {
      const silentMs = Date.now() - status.exactAsOf;
      this.#timer = setTimeout(() => this.update(), this.#staleAfterMs - silentMs + 1);
    }
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return;
    this.#status = status;
    for (const listener of this.#listeners) listener();
  }

  #evaluate(): ConnectionStatus {
    if (this.#refused !== undefined) return this.#refused;
    if (this.#operations.size === 0) return { kind: 'idle' };
    let exact: number | undefined;
    let fresh = true;
    for (const { heardAt, fresh: isFresh } of this.#operations) {
      // One that never had a frame shows nothing that could be stale.
      if (heardAt === undefined) continue;
      exact = Math.min(exact ?? heardAt, heardAt);
      fresh &&= isFresh;
    }
    if (this.#lost !== undefined) return { kind: 'reconnecting', since: exact, ...this.#lost };
    if (exact === undefined) return { kind: 'connecting' };
    if (!fresh) return { kind: 'reconnecting', since: exact, retryAt: exact, reason: 'waiting for rows' };
    return Date.now() - exact > this.#staleAfterMs
      ? { kind: 'stale', since: exact }
      : { kind: 'live', exactAsOf: exact };
  }
}

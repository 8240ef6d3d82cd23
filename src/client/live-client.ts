import { createClient } from 'graphql-ws/client';
import type { Client, ClientOptions, FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws/client';
import { isChanges, isSubscription, streamVariables } from './change-stream.ts';
import { iterate } from './iterate.ts';
import { withAtLeast, type Positions } from './positions.ts';
import { Retries } from './retries.ts';
import { Status, type Heard, type StatusStore } from './status.ts';

type Params = Record<string, unknown>;
type Given<T> = T | (() => T | Promise<T>);

export interface LiveClientOptions extends Omit<
  ClientOptions,
  'connectionParams' | 'generateID' | 'retryAttempts' | 'retryWait' | 'shouldRetry'
> {
  /** Asked for before every connection: a session that has expired ends, and goes on with the new token. */
  readonly token?: Given<string | null | undefined>;
  /** Other credentials (`apiKey`, `headers`), asked for as the token is. */
  readonly connectionParams?: Given<Params | undefined>;
  /** To read no older state than before, after a reconnect to another replica too. Share it with what goes over HTTP. */
  readonly positions?: Positions;
  /** Without a word from the gateway for so long, rows are told to be stale; ms. Default 25,000: it speaks every 10 s. */
  readonly staleAfterMs?: number;
  /** Between the client's own pings, ms. Default 10,000. A connection that leaves one unanswered for half as long is replaced. */
  readonly keepAlive?: number;
  /**
   * Longest wait between two attempts to connect, ms. Default 5,000: somebody looks at the page. Each wait is at random between nothing
   * and a limit that doubles up to this, so that the clients of a gateway that comes back are spread over so long; with very many of
   * them, or where nobody looks, let them wait longer. A page that is looked at does not wait once the browser is online, nor one
   * that is looked at again.
   */
  readonly maxRetryWaitMs?: number;
}

/** An operation by its text; or by the id of one that the gateway has (setting trustedDocuments). */
export type LivePayload =
  SubscribePayload | (Omit<SubscribePayload, 'query'> & { readonly query?: undefined; readonly documentId: string });

/** graphql-ws' client, for any library that takes one, which also tells how it is. */
export interface LiveClient extends Client {
  subscribe<Data = Params, Extensions = unknown>(
    payload: LivePayload,
    sink: Sink<FormattedExecutionResult<Data, Extensions>>,
  ): () => void;
  iterate<Data = Params, Extensions = unknown>(
    payload: LivePayload,
  ): AsyncIterableIterator<FormattedExecutionResult<Data, Extensions>>;
  readonly status: StatusStore;
  /** Does not wait for the next attempt. */
  reconnect(): void;
}

/** A page that lets go of its last operation may open the next at once, ms. */
const lazyCloseMs = 1_000;

/** Closes that nothing mends by itself: bad requests, bad credentials, another protocol, messages that are too long. */
const fatal: ReadonlySet<number> = new Set([1009, 4400, 4401, 4406]);

/** An operation that is open, as it is sent: graphql-ws writes it out anew for every connection. */
interface Operation extends Heard {
  readonly request: SubscribePayload;
  stop(): void;
  /** What it showed up to here is exact. */
  at(position: unknown): void;
  /** Its change stream cannot be taken up again: ends it with this. */
  lost(): void;
}

/**
 * A client of the gateway's WebSocket that never gives up, except upon credentials that are no good, and tells the page how it is
 * (`status`). Live queries go on with their current result. Change streams go on after the last position that was heard of, where
 * their document says `after: $after`; with `snapshot: true` (or `$snapshot`) they begin again with all rows and `reset: true` where
 * the gateway cannot resume, and where a topic was created anew (TOPIC_RECREATED, told once) as soon as the table has been rebuilt.
 * Without `after` a change stream ends with an error when its connection is lost: never a silent gap.
 */
export function createLiveClient(options: LiveClientOptions): LiveClient {
  const { url, token, connectionParams, positions, ...others } = options;
  const { staleAfterMs = 25_000, maxRetryWaitMs = 5_000, keepAlive = 10_000, ...rest } = others;
  const operations = new Set<Operation>();
  /** Those that have been sent. */
  const byId = new Map<string, Operation>();
  const status = new Status(operations, staleAfterMs);
  const retries = new Retries(maxRetryWaitMs, (at, reason) => status.waiting(at, reason));
  /** Of one operation, while the connection is well. */
  const quietRetries = new Retries(maxRetryWaitMs, () => {});
  let params: Params | undefined;
  let preparing = false;
  let disposed = false;
  let count = 0;

  /** Before a socket is opened: the gateway gives it a few seconds to say who it is. Must not reject: graphql-ws would hang. */
  async function prepare(): Promise<string> {
    preparing = true;
    for (let failures = 0; ; failures += 1) {
      // Nobody waits for it any more.
      if (disposed) return new Promise(() => {});
      try {
        const given = await resolve(connectionParams);
        const credentials = await resolve(token);
        params = typeof credentials === 'string' ? { ...given, token: credentials } : given;
        const address = await resolve(url);
        preparing = false;
        return address;
      } catch (error) {
        await retries.wait(failures, `the credentials cannot be had: ${textOf(error)}`);
      }
    }
  }

  const inner = createClient({
    lazyCloseTimeout: lazyCloseMs,
    ...rest,
    url: prepare,
    connectionParams: () => params,
    keepAlive,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: (attempt) => retries.wait(attempt),
    generateID: () => String((count += 1)),
  });

  let unanswered: ReturnType<typeof setTimeout> | undefined;
  inner.on('connecting', () => status.connecting());
  inner.on('connected', () => status.connected());
  inner.on('ping', (received, payload) => {
    if (received) tellPositions(payload?.['positions']);
    // Of a connection that is dead, no close may ever be heard.
    else unanswered = setTimeout(() => inner.terminate(), keepAlive / 2);
  });
  inner.on('pong', (received) => {
    if (received) clearTimeout(unanswered);
  });
  inner.on('closed', (event) => {
    clearTimeout(unanswered);
    if (operations.size === 0) return;
    status.lost((event as { reason: string }).reason);
    for (const operation of operations) operation.lost();
  });

  function tellPositions(told: unknown): void {
    for (const [id, position] of Object.entries(told ?? {})) byId.get(id)?.at(position);
  }

  function subscribe(payload: LivePayload, sink: Sink<never>): () => void {
    // The protocol wants a text.
    const { query = '' } = payload;
    const stream = streamVariables(query);
    const subscribes = isSubscription(query);
    const variables: Params = { ...payload.variables };
    let changes = false;
    let ended = false;
    /** That its topic was created anew: once until rows come again. */
    let told = false;
    let attempt = 0;
    let id = '';
    let release = (): void => {};

    const end = (tell: () => void): void => {
      if (ended) return;
      ended = true;
      byId.delete(id);
      operations.delete(operation);
      status.update();
      tell();
    };
    const operation: Operation = {
      request: {
        ...payload,
        query,
        variables,
        get extensions() {
          return withAtLeast(positions, payload.extensions);
        },
      },
      heardAt: undefined,
      fresh: false,
      stop() {
        end(() => {
          release();
          sink.complete();
        });
      },
      at(position) {
        positions?.see(position);
        if (stream !== undefined && typeof position === 'string') variables[stream.after] = position;
        status.heard(operation);
      },
      lost() {
        if (!changes || stream !== undefined) return;
        end(() => {
          release();
          sink.error(new Error(notResumable));
        });
      },
    };

    function begin(): void {
      let again = false;
      id = String(count + 1);
      byId.set(id, operation);
      release = inner.subscribe<Params>(operation.request, {
        next(result) {
          if (ended) return;
          again = subscribes && mayRetry(result.errors);
          const recreated = again && has(result.errors, 'code', 'TOPIC_RECREATED');
          if (again && (told || !recreated)) return;
          told = recreated;
          attempt = 0;
          changes ||= isChanges(result.data);
          const position = (result.extensions as Params | undefined)?.['position'];
          positions?.see(position);
          sink.next(result as never);
          if (result.data !== undefined && result.data !== null) operation.at(position);
        },
        error(error) {
          if (ended) return;
          const { code, reason } = error as { code?: number; reason?: string };
          if (code !== undefined && fatal.has(code)) status.refused(code, reason ?? '');
          else if (code !== undefined) return later(retries);
          else if (subscribes && mayRetry(error)) return later(quietRetries);
          end(() => sink.error(error));
        },
        complete() {
          if (again) later(quietRetries);
          else end(() => sink.complete());
        },
      });
    }

    /** Whether an operation that failed like this is begun again. Where it cannot be resumed, with all rows. */
    function mayRetry(errors: unknown): boolean {
      const snapshot = stream?.snapshot;
      if (snapshot !== undefined && variables[snapshot] !== true) {
        if (has(errors, 'code', 'POSITION_EXPIRED')) return (variables[snapshot] = true);
      }
      // Of a live query such an error is a frame, after which it goes on; a change stream has ended.
      return (stream?.resets && has(errors, 'code', 'TOPIC_RECREATED')) || has(errors, 'retryable', true);
    }

    function later(waits: Retries): void {
      byId.delete(id);
      operation.fresh = false;
      status.update();
      void waits.wait(attempt).then(() => {
        attempt += 1;
        if (!ended) begin();
      });
    }

    operations.add(operation);
    status.update();
    begin();
    return operation.stop;
  }

  const wake = (): void => {
    retries.now();
    quietRetries.now();
  };
  const { addEventListener, removeEventListener } = globalThis as unknown as Record<
    string,
    ((type: string, listener: () => void) => void) | undefined
  >;
  const seen = (): void => {
    if ((globalThis as { document?: { hidden: boolean } }).document?.hidden !== true) wake();
  };
  const events = ['online', 'visibilitychange'];
  for (const event of events) addEventListener?.(event, seen);

  return {
    ...inner,
    status,
    subscribe: subscribe as LiveClient['subscribe'],
    iterate: (payload) => iterate((sink) => subscribe(payload, sink as Sink<never>)) as never,
    reconnect: wake,
    async dispose() {
      disposed = true;
      for (const event of events) removeEventListener?.(event, seen);
      for (const operation of operations) operation.stop();
      wake();
      // Where it was about to connect, it gives that up as an error.
      if (!preparing) await Promise.resolve(inner.dispose()).catch(() => {});
    },
  };
}

const notResumable =
  'The connection was lost, and this change stream cannot be resumed: its text has no after: $after. Changes were missed.';

/** Whether one of the errors of a result has this in its extensions. */
function has(errors: unknown, name: string, value: unknown): boolean {
  return (
    Array.isArray(errors) && errors.some(({ extensions }: { extensions?: Params }) => extensions?.[name] === value)
  );
}

function resolve<T>(given: Given<T>): T | Promise<T> {
  return typeof given === 'function' ? (given as () => T | Promise<T>)() : given;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { GraphQLError } from 'graphql';
import type { Hub } from '../live/live.ts';
import { lagBehind } from '../live/arrival.ts';
import { frameText, maskError, toGraphQLError } from '../live/frame.ts';
import type { Identity } from '../identity/identity.ts';
import type { Caller } from '../model/caller.ts';
import type { OperationRequest, Prepared, Progress, QueryEngine } from '../query/query.ts';
import type { Snapshot, Store } from '../store/store.ts';
import type { Log } from '../common/log.ts';
import { endingError } from './sessions.ts';
import { resolveDocument } from './trusted-documents.ts';
import type { TrustedDocuments } from './trusted-documents.ts';

/** What every transport does with a request: prepare, wait for its position, read one snapshot, answer. */
export interface Operations {
  /** Every request of every transport comes through here. UNAUTHENTICATED where the identity has ended since it was found out. */
  prepare(request: OperationRequest, caller: Caller): Prepared | readonly GraphQLError[];
  /**
   * The answer to a query as the text of an execution result; or the error that kept it from being asked, such as that the identity
   * has ended while it waited. Never rejects.
   */
  answer(prepared: Prepared, caller: Caller): Promise<string | GraphQLError>;
  /**
   * The same at once, for a query whose document was valid before and for which nothing is to be waited. Undefined for any other, and
   * for what cannot be prepared: `prepare` says why.
   */
  answerAtOnce(request: OperationRequest, caller: Caller): string | undefined;
}

export interface OperationOptions {
  readonly engine: QueryEngine;
  readonly hub: Hub;
  readonly store: Store;
  readonly identity: Identity;
  readonly progress: () => Progress;
  /** Absent: every document is answered. */
  readonly trustedDocuments?: TrustedDocuments | undefined;
  readonly requestTimeoutMs: number;
  /** ms since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

export function createOperations({
  engine,
  hub,
  store,
  identity,
  progress,
  trustedDocuments,
  requestTimeoutMs,
  now,
  log,
}: OperationOptions): Operations {
  function execute(prepared: Prepared): string {
    const snapshot = store.snapshot();
    try {
      return executeOn(snapshot, prepared);
    } finally {
      snapshot.release();
    }
  }

  /** Undefined where what it waits for has not arrived. */
  function executeArrived(prepared: Prepared): string | undefined {
    const { atLeast } = prepared;
    if (atLeast === undefined) return execute(prepared);
    const snapshot = store.snapshot();
    try {
      return lagBehind(snapshot, prepared, atLeast).size === 0 ? executeOn(snapshot, prepared) : undefined;
    } finally {
      snapshot.release();
    }
  }

  function executeOn(snapshot: Snapshot, prepared: Prepared): string {
    const { data, errors, position } = engine.execute(prepared, { snapshot, reader: snapshot, progress: progress() });
    return frameText(data, errors, position);
  }

  /** Undefined for an identity that is still good. */
  function ended(caller: Caller): GraphQLError | undefined {
    const nowMs = now();
    if (identity.isGood(caller, nowMs)) return undefined;
    const { expiresAtMs = Infinity } = caller;
    return toGraphQLError(endingError(expiresAtMs <= nowMs ? 'expired' : 'revoked'));
  }

  return {
    prepare(request, caller) {
      const error = ended(caller);
      const resolved = error ?? resolveDocument(request, trustedDocuments);
      return resolved instanceof GraphQLError ? [resolved] : engine.prepare(resolved, caller);
    },
    async answer(prepared, caller) {
      try {
        if (prepared.atLeast === undefined) return execute(prepared);
        const late = await withTimeout(hub.arrived(prepared), requestTimeoutMs);
        return late ?? ended(caller) ?? execute(prepared);
      } catch (error) {
        log.error('a query could not be executed', { error });
        return maskError(error);
      }
    },
    answerAtOnce(request, caller) {
      const resolved = ended(caller) ?? resolveDocument(request, trustedDocuments);
      if (resolved instanceof GraphQLError || !engine.knows(resolved.query)) return undefined;
      const prepared = engine.prepare(resolved, caller);
      if (!('kind' in prepared) || prepared.kind !== 'query') return undefined;
      try {
        return executeArrived(prepared);
      } catch {
        // It fails again the long way, and is told to the log.
        return undefined;
      }
    },
  };
}

/** Executing is synchronous and bounded by the rows it may read; only waiting for a position takes time. */
async function withTimeout(
  arrived: Promise<GraphQLError | undefined>,
  timeoutMs: number,
): Promise<GraphQLError | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<GraphQLError>((resolve) => {
    timer = setTimeout(() => {
      const message = `The request has waited for ${timeoutMs} ms (setting requestTimeoutMs). Ask for a shorter wait with timeoutMs.`;
      resolve(new GraphQLError(message, { extensions: { code: 'TIMEOUT', retryable: true } }));
    }, timeoutMs);
    timer.unref();
  });
  try {
    return await Promise.race([arrived, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

import { GraphQLError } from 'graphql';
import type { Hub } from '../live/live.ts';
import { frameText, maskError } from '../live/frame.ts';
import type { OperationRequest, Prepared, Progress, QueryEngine } from '../query/query.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../common/log.ts';

/** What every transport does with a request: prepare, wait for its position, read one snapshot, answer. */
export interface Operations {
  prepare(request: OperationRequest): Prepared | readonly GraphQLError[];
  /** The answer to a query as the text of an execution result; or the error that kept it from being asked. Never rejects. */
  answer(prepared: Prepared): Promise<string | GraphQLError>;
}

export interface OperationOptions {
  readonly engine: QueryEngine;
  readonly hub: Hub;
  readonly store: Store;
  readonly progress: () => Progress;
  readonly requestTimeoutMs: number;
  readonly log: Log;
}

export function createOperations({
  engine,
  hub,
  store,
  progress,
  requestTimeoutMs,
  log,
}: OperationOptions): Operations {
  function execute(prepared: Prepared): string {
    const snapshot = store.snapshot();
    try {
      const { data, errors, position } = engine.execute(prepared, { snapshot, reader: snapshot, progress: progress() });
      return frameText(data, errors, position);
    } finally {
      snapshot.release();
    }
  }

  return {
    prepare: (request) => engine.prepare(request),
    async answer(prepared) {
      try {
        const late =
          prepared.atLeast === undefined ? undefined : await withTimeout(hub.arrived(prepared), requestTimeoutMs);
        return late ?? execute(prepared);
      } catch (error) {
        log.error('a query could not be executed', { error });
        return maskError(error);
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

import type { GraphQLError } from 'graphql';
import { GatewayError } from '../common/errors.ts';
import type { TopicOffsets } from '../model/position.ts';
import type { AtLeast, Prepared } from '../query/query.ts';
import type { Snapshot } from '../store/store.ts';
import { toGraphQLError } from './frame.ts';

export interface ArrivalLimits {
  readonly maxWaitMs: number;
  readonly maxWaiting: number;
}

/**
 * Operations that wait for a position (`@atLeast`). Offsets alone are compared, so a position of another replica does
 * as well. Bounded in number and in time.
 */
export class Arrivals {
  readonly #limits: ArrivalLimits;
  readonly #latest: () => Snapshot;
  readonly #waiters = new Set<Waiter>();

  /** `latest` opens a snapshot, which is released here. */
  constructor(limits: ArrivalLimits, latest: () => Snapshot) {
    this.#limits = limits;
    this.#latest = latest;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /**
   * Calls `done` once the offsets are reached, or with the error that they were not in time; before it returns where
   * nothing is to be waited for. The result gives up the wait without a call.
   */
  wait(prepared: Prepared, done: (error?: GraphQLError) => void): () => void {
    const { atLeast } = prepared;
    if (atLeast === undefined || this.#read(prepared, atLeast).size === 0) {
      done();
      return () => {};
    }
    if (this.#waiters.size >= this.#limits.maxWaiting) {
      done(
        toGraphQLError(
          new GatewayError(
            'OVERLOADED',
            `${this.#limits.maxWaiting} operations are waiting for a position already (setting maxWaiting). Try again shortly.`,
            { retryable: true },
          ),
        ),
      );
      return () => {};
    }
    const waitMs = Math.min(atLeast.timeoutMs, this.#limits.maxWaitMs);
    const finish = (error?: GraphQLError) => {
      clearTimeout(waiter.timer);
      if (this.#waiters.delete(waiter)) done(error);
    };
    const timer = setTimeout(() => {
      const lag = this.#read(prepared, atLeast);
      finish(lag.size === 0 ? undefined : notReached(lag, waitMs));
    }, waitMs);
    timer.unref();
    const waiter: Waiter = { prepared, atLeast, finish, timer };
    this.#waiters.add(waiter);
    return () => {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    };
  }

  /** After a commit. */
  check(snapshot: Snapshot): void {
    for (const { prepared, atLeast, finish } of this.#waiters) {
      if (lagBehind(snapshot, prepared, atLeast).size === 0) finish();
    }
  }

  /** Ends every wait with this error. */
  close(error: GraphQLError): void {
    for (const { finish } of this.#waiters) finish(error);
  }

  #read(prepared: Prepared, atLeast: AtLeast): TopicOffsets {
    const snapshot = this.#latest();
    try {
      return lagBehind(snapshot, prepared, atLeast);
    } finally {
      snapshot.release();
    }
  }
}

interface Waiter {
  readonly prepared: Prepared;
  readonly atLeast: AtLeast;
  readonly finish: (error?: GraphQLError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Records missing, by partition, by topic; empty once all have arrived. */
export function lagBehind(snapshot: Snapshot, prepared: Prepared, atLeast: AtLeast): TopicOffsets {
  const { offsets } = snapshot.position(prepared.tables);
  const lag = new Map<string, Map<number, number>>();
  for (const [topic, partitions] of atLeast.next) {
    for (const [partition, next] of partitions) {
      const missing = next - (offsets.get(topic)?.get(partition) ?? 0);
      if (missing > 0) lag.set(topic, (lag.get(topic) ?? new Map<number, number>()).set(partition, missing));
    }
  }
  return lag;
}

function notReached(lag: TopicOffsets, waitMs: number): GraphQLError {
  const byTopic = Object.fromEntries([...lag].map(([topic, partitions]) => [topic, Object.fromEntries(partitions)]));
  return toGraphQLError(
    new GatewayError(
      'POSITION_NOT_REACHED',
      `After ${waitMs} ms the position asked for has not been reached. Try again, or wait longer (timeoutMs).`,
      { lag: byTopic, retryable: true },
    ),
  );
}

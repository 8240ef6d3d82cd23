import type { GraphQLError } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import type { OpenQuery } from '../query/facts.ts';
import type { Prepared, Progress, QueryEngine } from '../query/query.ts';
import type { Store } from '../store/store.ts';

/**
 * The hub keeps live queries and change streams true. It holds one shape per `Prepared.shapeId`, however many
 * subscribers; a commit reaches it as a wake, and the version is read from LMDB.
 *
 *   commit ─wake─▶ hub ─feed since the last version─▶ router ─touched shapes─▶ evaluate once ─▶ frame ─▶ sinks that can take it
 *
 * A sink is never queued on: it has one frame in flight, and the next is computed when it says that it can take it.
 */
export interface FrameSink {
  /**
   * Sends one frame, the text of an execution result: `{"data":…,"extensions":{"position":"…"}}`. The text is shared by
   * all sinks of a shape. Calls `done` once the next can be taken; never throws.
   */
  send(payload: string, done: () => void): void;
  /** No frame follows. */
  complete(): void;
}

export interface Subscription {
  /** The position up to which the last frame sent is exact, for progress messages; undefined before the first frame. */
  position(): string | undefined;
  /** Frees the shape when it was the last. Idempotent. */
  stop(): void;
}

export interface Hub {
  /** A live query or a change stream. The first frame follows at once, or when `prepared.atLeast` is reached. */
  subscribe(prepared: Prepared, sink: FrameSink): Subscription;
  /** Resolves once the offsets are reached; else with the error POSITION_NOT_REACHED. At once where nothing is asked. */
  arrived(prepared: Prepared): Promise<GraphQLError | undefined>;
  /** Something was committed (or progress changed): looks at the newest version. Synchronous; cheap when nobody waits. */
  wake(): void;
  readonly counts: () => HubCounts;
  /** The live queries and change streams that have read the most rows, so many at most. O(those open). */
  busiest(limit: number): readonly OpenQuery[];
  close(): void;
}

export interface HubCounts {
  readonly shapes: number;
  readonly subscribers: number;
  readonly changeStreams: number;
  readonly waiting: number;
}

export interface HubOptions {
  readonly store: Store;
  readonly engine: QueryEngine;
  readonly tables: readonly Table[];
  /** Another object whenever it says something else. */
  readonly progress: () => Progress;
  readonly limits: LiveLimits;
  /** ms since 1970; default the clock. */
  readonly now?: (() => number) | undefined;
  /** A live query is evaluated once in so many ms at most for the sake of `_meta` alone. Default 1,000; 0: whenever it may have changed. */
  readonly metaRestMs?: number | undefined;
  /** Something broke that is our bug: for the log. The client is told INTERNAL. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

export interface LiveLimits {
  /** Rows of a change stream's snapshot. Default 10,000. */
  readonly snapshotLimit: number;
  /** Changes in one message; a larger commit arrives in parts. Default 1,000. */
  readonly maxChangesPerMessage: number;
  /** Distinct shapes in all. Default 100,000. */
  readonly maxShapes: number;
  /** Rows of history that a resumed stream with relations may hold. Default 200,000. */
  readonly maxHistoryRows: number;
  /** Longest `timeoutMs` of `@atLeast`. Default 10,000. */
  readonly maxWaitMs: number;
  /** Operations waiting for a position at once. Default 1,000. */
  readonly maxWaiting: number;
}

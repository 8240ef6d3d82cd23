import type { Mistake } from '../common/errors.ts';
import type { Caller } from '../model/caller.ts';
import type { Prepared } from './query.ts';

/**
 * What `_meta` tells of the gateway itself. Whoever puts the rooms together knows it; it is part of no position, and what concerns
 * operators is told to them alone.
 */
export interface Facts {
  /** ms since 1970. */
  readonly now: () => number;
  /** When the gateway was opened. */
  readonly startedAtMs: number;
  /** Where records come from. Offsets of an embedded log are places in a file. */
  readonly source: 'kafka' | 'log';
  /** What is wrong with the schema's files by now, while the tables are still what they were before. */
  readonly schemaMistakes: () => readonly Mistake[];
  /** Whether the caller may see what others ask, and how much is stored. */
  readonly isOperator: (caller: Caller) => boolean;
  /** Bytes of the store's file. */
  readonly storeBytes: () => number;
  /** Different live queries and change streams that somebody listens to. */
  readonly openQueryCount: () => number;
  /** Those that have read the most rows first. */
  readonly openQueries: (limit: number) => readonly OpenQuery[];
}

/** A live query or a change stream that somebody listens to, and what it has cost since it was opened. */
export interface OpenQuery {
  readonly prepared: Prepared;
  readonly subscribers: number;
  /** Times that its answer, or a message of it, was worked out: once for all who listen. */
  readonly evaluations: number;
  readonly rowsRead: number;
  readonly framesSent: number;
  /** Characters of the last frame; undefined before the first. */
  readonly frameLength: number | undefined;
  readonly lastFrameMs: number | undefined;
  readonly sinceMs: number;
}

/** For what serves nobody: a schema that is printed, a query that is explained. */
export const noFacts: Facts = {
  now: () => 0,
  startedAtMs: 0,
  source: 'kafka',
  schemaMistakes: () => [],
  isOperator: () => false,
  storeBytes: () => 0,
  openQueryCount: () => 0,
  openQueries: () => [],
};

import type { Work } from '../common/work.ts';
import type { OpenQuery } from '../query/facts.ts';
import type { Prepared } from '../query/query.ts';

/** What a live query or a change stream has cost since it was opened. Keeping it costs a few additions. */
export class Tally {
  readonly #work: Work;
  readonly #now: () => number;
  readonly #sinceMs: number;
  #evaluations = 0;
  #rowsRead = 0;
  #framesSent = 0;
  #frameLength: number | undefined;
  #lastFrameMs: number | undefined;

  /** `now`: ms since 1970. */
  constructor(work: Work, now: () => number) {
    this.#work = work;
    this.#now = now;
    this.#sinceMs = now();
  }

  get rowsRead(): number {
    return this.#rowsRead;
  }

  /** Runs an evaluation, and counts what it reads. */
  evaluate<T>(run: () => T): T {
    const before = this.#work.rowsRead;
    try {
      return run();
    } finally {
      this.#evaluations += 1;
      this.#rowsRead += this.#work.rowsRead - before;
    }
  }

  /** A frame has been made, for however many. */
  made(text: string): void {
    this.#work.framesSerialized += 1;
    this.#work.bytesSerialized += Buffer.byteLength(text);
    this.#frameLength = text.length;
    this.#lastFrameMs = this.#now();
  }

  sent(): void {
    this.#work.framesSent += 1;
    this.#framesSent += 1;
  }

  show(prepared: Prepared, subscribers: number): OpenQuery {
    return {
      prepared,
      subscribers,
      evaluations: this.#evaluations,
      rowsRead: this.#rowsRead,
      framesSent: this.#framesSent,
      frameLength: this.#frameLength,
      lastFrameMs: this.#lastFrameMs,
      sinceMs: this.#sinceMs,
    };
  }
}

/** A shape and how many listen to it. */
export interface Open {
  readonly prepared: Prepared;
  readonly tally: Tally;
  readonly subscribers: number;
}

/** Those that have read the most rows, so many at most. Memory is bounded by these, not by how many there are. */
export function busiest(all: Iterable<Open>, limit: number): readonly OpenQuery[] {
  const byRows = (a: Open, b: Open): number => b.tally.rowsRead - a.tally.rowsRead;
  let found: Open[] = [];
  for (const open of all) {
    found.push(open);
    if (found.length > 2 * limit) found = found.toSorted(byRows).slice(0, limit);
  }
  return found
    .toSorted(byRows)
    .slice(0, limit)
    .map(({ prepared, tally, subscribers }) => tally.show(prepared, subscribers));
}

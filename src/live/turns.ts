import type { Snapshot, Store } from '../store/store.ts';

/** A slice of the event loop's time with a snapshot of its own. */
export interface Turn {
  readonly snapshot: Snapshot;
  /** True once others should have the thread. */
  over(): boolean;
}

/** Something that needs turns: a shape to evaluate, sinks to feed, a stream to advance. */
export interface Job {
  /** Works until it has nothing to do or the turn is over; true where it wants another turn. */
  run(turn: Turn): boolean;
}

/** What the owner does around the jobs of a turn. */
export interface TurnHooks {
  /** With the snapshot of the turn, before its first job. */
  begin(snapshot: Snapshot): void;
  /** `idle`: nothing is left to do. */
  end(idle: boolean): void;
}

/** How long a turn may keep the thread before it yields, ms. */
const turnMs = 8;

/**
 * Shares the thread among jobs: first come, first served; a turn takes at most about `turnMs` (one evaluation cannot be
 * divided), the next starts behind whatever else the event loop has to do, on a snapshot of its own. A job that becomes
 * due again goes to the end, so none starves.
 */
export class Turns {
  readonly #store: Store;
  readonly #hooks: TurnHooks;
  readonly #now: () => number;
  readonly #due = new Set<Job>();
  #scheduled: NodeJS.Immediate | undefined;
  #running = false;
  #closed = false;

  constructor(store: Store, hooks: TurnHooks, now: () => number = () => performance.now()) {
    this.#store = store;
    this.#hooks = hooks;
    this.#now = now;
  }

  /** True while a turn is taken. */
  get running(): boolean {
    return this.#running;
  }

  /** Makes a job due; it runs in this turn, or in one that starts soon. */
  add(job: Job): void {
    this.#due.add(job);
    this.#schedule();
  }

  remove(job: Job): void {
    this.#due.delete(job);
  }

  /**
   * Takes a turn now, unless one follows by itself: wakes come in bunches, and a turn for each of them would keep the thread
   * from everything else until the last job is done.
   */
  wake(): void {
    if (this.#scheduled === undefined) this.run();
  }

  /** Takes a turn now. What is left of it follows by itself. */
  run(): void {
    if (this.#running || this.#closed) return;
    this.#running = true;
    const snapshot = this.#store.snapshot();
    try {
      this.#hooks.begin(snapshot);
      const deadline = this.#now() + turnMs;
      const turn: Turn = { snapshot, over: () => this.#now() >= deadline };
      for (const job of this.#due) {
        this.#due.delete(job);
        // Deleting and adding moves it behind the others; the loop comes to it again only within this turn's time.
        if (job.run(turn)) this.#due.add(job);
        if (turn.over()) break;
      }
      this.#hooks.end(this.#due.size === 0);
    } finally {
      snapshot.release();
      this.#running = false;
    }
    if (this.#due.size > 0) this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#due.clear();
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
  }

  #schedule(): void {
    if (this.#scheduled !== undefined || this.#running || this.#closed) return;
    this.#scheduled = setImmediate(() => {
      this.#scheduled = undefined;
      this.run();
    });
  }
}

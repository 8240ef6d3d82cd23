import cluster from 'node:cluster';
import { reasonOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { Member } from './member.ts';
import type { News, Opening, ToWorker } from './messages.ts';
import { Questions } from './questions.ts';

/**
 * A process that lived for less was hardly right from its start: the next one is not started before so long, ms. Where one after the
 * other does not come to serve, the pause doubles until it is the longest.
 */
const unsoundMs = 1_000;
const longestPauseMs = 30_000;
/** One that says nothing for so long, or does not end, hangs: far longer than anything that it does in one go, ms. */
const usualPatienceMs = 15_000;
/**
 * One that does not serve within so long hangs, ms: it loads the program, reads its configuration and opens the store, which is done in
 * seconds where the machine is busy and the disk cold. Only what the configuration itself waits for has no end that we know.
 */
const usualStartMs = 60_000;

export interface CrewOptions {
  readonly size: number;
  /** The newest of what a process begins with. */
  readonly opening: () => Opening;
  readonly log: Log;
  /** How long a process may say nothing, ms. */
  readonly patienceMs?: number;
  /** How long a process may take to come to serve, ms. */
  readonly startMs?: number;
}

/**
 * The serving processes: as many as wanted, whatever becomes of each. node deals connections out to them in turn. `start` first.
 * Once one has served it goes on for good, with those that there are: settings that are broken by then are told, and tried again.
 */
export class Crew {
  readonly #options: CrewOptions;
  readonly #members = new Set<Member>();
  readonly #questions: Questions<Member>;
  /** What starts those that are missing, by the clock that it waits for. It rejects where one cannot serve. */
  readonly #missing = new Map<NodeJS.Timeout, () => Promise<void>>();
  readonly #patienceMs: number;
  #closing = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#patienceMs = options.patienceMs ?? usualPatienceMs;
    this.#questions = new Questions(this.#patienceMs);
    // Maps and sets cross as what they are.
    cluster.setupPrimary({ serialization: 'advanced' });
  }

  get serving(): number {
    return [...this.#members].filter(({ draining }) => !draining).length;
  }

  /** The URL. Rejects with SetupError where the first process cannot serve, which is alone, so that it is told once. */
  async start(): Promise<string> {
    const first = await this.#fork().serving;
    await Promise.allSettled(Array.from({ length: this.#options.size - 1 }, () => this.#startMissing(0)));
    return first;
  }

  tell(message: News): void {
    for (const member of this.#members) member.tell(message);
  }

  /**
   * The answers of all by process id; one that ends meanwhile has none, and one that is yet to be opened is not asked. `silent` is
   * given those that serve and do not answer.
   */
  async ask(
    question: (ask: number) => ToWorker,
    silent: (member: Member) => void = () => {},
  ): Promise<ReadonlyMap<number, unknown>> {
    const answers = new Map<number, unknown>();
    await Promise.all(
      [...this.#members].map(async (member) => {
        if (!member.isReached) return;
        const send = (ask: number): void => member.post(question(ask));
        const answer = await this.#questions.ask(member, send, () => {
          this.#options.log.warn(`serving process ${member.pid} does not answer`);
          silent(member);
        });
        if (answer !== undefined) answers.set(member.pid ?? 0, answer);
      }),
    );
    return answers;
  }

  /** A new process for each, one after the other: the new one serves before the old one drains. Rejects where it cannot; those left go on. */
  async restart(): Promise<void> {
    const before = [...this.#members].filter(({ draining }) => !draining);
    // What those that are starting have read may be of before, whether it serves or not.
    await Promise.allSettled(before.map(({ serving }) => serving));
    const missing = [...this.#missing].map(([timer, start]) => {
      clearTimeout(timer);
      return start();
    });
    const failed = (await Promise.allSettled(missing)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    for (const member of before) {
      // One that ended meanwhile has another in its place.
      if (!member.serves || !this.#members.has(member)) continue;
      if (this.#closing) return;
      try {
        await this.#succeed(member);
      } catch (cause) {
        if (this.#closing) return;
        throw cause;
      }
      await member.drain();
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#missing.keys()) clearTimeout(timer);
    await Promise.all([...this.#members].map((member) => member.drain()));
  }

  #succeed(member: Member): Promise<void> {
    return (member.successor ??= this.#fork().serving.then(
      () => {},
      (cause: unknown) => {
        member.successor = undefined;
        if (!this.#members.has(member)) this.#replace(member, 'ended meanwhile', 0);
        throw cause;
      },
    ));
  }

  #fork(): Member {
    const { opening, log, startMs = usualStartMs } = this.#options;
    const member: Member = new Member(
      { opening, log, startMs, patienceMs: this.#patienceMs },
      {
        answered: (ask, value) => this.#questions.answered(ask, value),
        leaving: () => void this.#relieve(member),
        gone: (what) => this.#gone(member, what),
      },
    );
    this.#members.add(member);
    return member;
  }

  #gone(member: Member, what: string): void {
    this.#members.delete(member);
    this.#questions.gone(member);
    if (!member.serves || member.draining || member.successor !== undefined) return;
    this.#replace(member, what, Math.max(0, unsoundMs - (performance.now() - member.startedMs)));
  }

  /** Another one serves before this one drains. */
  async #relieve(member: Member): Promise<void> {
    if (this.#closing || member.draining) return;
    const { log } = this.#options;
    const name = `serving process ${member.pid}`;
    log.info(`${name} was told to end; another one is started before it does`);
    try {
      await this.#succeed(member);
    } catch (cause) {
      if (!this.#closing) log.error(`${name} goes on, as no other could be started`, { reason: reasonOf(cause) });
      return;
    }
    await member.drain();
  }

  #replace(member: Member, what: string, afterMs: number): void {
    if (this.#closing) return;
    this.#options.log.warn(`serving process ${member.pid} ${what}; another one is started`);
    this.#startLater(afterMs, 0);
  }

  #startLater(afterMs: number, failures: number): void {
    const start = (): Promise<void> => {
      this.#missing.delete(timer);
      return this.#startMissing(failures);
    };
    // That it could not is told there.
    const timer = setTimeout(() => void start().catch(() => {}), afterMs);
    this.#missing.set(timer, start);
  }

  /** `failures`: how many before it could not serve. Rejects where it cannot, either; then another one is tried after a pause. */
  async #startMissing(failures: number): Promise<void> {
    if (this.#closing) return;
    const { log } = this.#options;
    const { pid, serving } = this.#fork();
    try {
      await serving;
    } catch (cause) {
      if (this.#closing) return;
      const pauseMs = Math.min(unsoundMs * 2 ** failures, longestPauseMs);
      const again = `another one is tried in ${pauseMs / 1_000} s`;
      log.error(`serving process ${pid} could not serve; ${again}`, { pid, reason: reasonOf(cause) });
      this.#startLater(pauseMs, failures + 1);
      throw cause;
    }
    if (failures > 0) log.info(`serving process ${pid} serves, as ${failures} before it could not`, { pid });
  }
}

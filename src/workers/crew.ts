import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { SetupError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { News, Opening, ToPrimary, ToWorker } from './messages.ts';
import { closeOnTheWay } from './on-the-way.ts';
import { Questions } from './questions.ts';

/**
 * A process that lived for less was hardly right from its start: the next one is not started before so long, ms. Where one after the
 * other does not come to serve, the pause doubles until it is the longest.
 */
const unsoundMs = 1_000;
const longestPauseMs = 30_000;
/** One that says nothing for so long, or does not end, hangs: far longer than anything that it does in one go, ms. */
const usualPatienceMs = 15_000;

/** A serving process, as the primary sees it. */
interface Member {
  readonly worker: Worker;
  /** Rejects with SetupError where it ends before it serves. */
  readonly serving: Promise<string>;
  readonly exited: Promise<void>;
  /** It has come to serve. */
  serves: boolean;
  /** It has been told what there is, and is told of what comes. */
  opened: boolean;
  /** It takes no new connections, and its place is somebody else's. */
  draining: boolean;
  /** Another one is started for its place: resolves when that serves. One at most, whoever asks for it. */
  successor: Promise<void> | undefined;
  /** News that came while it had not taken what was sent before, by kind; undefined where it has. */
  untold: Map<News['kind'], News> | undefined;
}

export interface CrewOptions {
  readonly size: number;
  /** The newest of what a process begins with. */
  readonly opening: () => Opening;
  readonly log: Log;
  /** How long a process may say nothing, ms. */
  readonly patienceMs?: number;
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
    await Promise.allSettled(Array.from({ length: this.#options.size - 1 }, () => this.#startMissing(unsoundMs)));
    return first;
  }

  tell(message: News): void {
    for (const member of this.#members) if (member.opened) this.#tell(member, message);
  }

  /**
   * The answers of all by process id; one that ends meanwhile has none, and one that is yet to be opened is not asked. `silent` is
   * given those that serve and do not answer.
   */
  async ask(
    question: (ask: number) => ToWorker,
    silent: (worker: Worker) => void = () => {},
  ): Promise<ReadonlyMap<number, unknown>> {
    const answers = new Map<number, unknown>();
    await Promise.all(
      [...this.#members].map(async (member) => {
        const { worker, opened } = member;
        if (!opened || !worker.isConnected()) return;
        const send = (ask: number): void => post(worker, question(ask));
        const answer = await this.#questions.ask(member, send, () => {
          this.#options.log.warn(`serving process ${worker.process.pid} does not answer`);
          silent(worker);
        });
        if (answer !== undefined) answers.set(worker.process.pid ?? 0, answer);
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
      await this.#drain(member);
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#missing.keys()) clearTimeout(timer);
    await Promise.all([...this.#members].map((member) => this.#drain(member)));
  }

  #tell(member: Member, message: News): void {
    // One that hangs would have all of them kept for it.
    if (member.untold !== undefined) return void member.untold.set(message.kind, message);
    const untold = new Map<News['kind'], News>();
    member.untold = untold;
    post(member.worker, message, () => {
      member.untold = undefined;
      for (const each of untold.values()) this.#tell(member, each);
    });
  }

  async #drain(member: Member): Promise<void> {
    const { worker } = member;
    member.draining = true;
    // One that does not listen yet has opened nothing, either.
    if (!member.opened) worker.process.kill('SIGKILL');
    else post(worker, { kind: 'drain', relieved: member.successor !== undefined });
    const timer = setTimeout(() => {
      this.#options.log.warn(`serving process ${worker.process.pid} does not end; it is killed`);
      worker.process.kill('SIGKILL');
    }, this.#patienceMs);
    await member.exited;
    clearTimeout(timer);
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
    const worker = cluster.fork();
    const { pid } = worker.process;
    closeOnTheWay(worker);
    const startedMs = performance.now();
    let settle: { resolve: (url: string) => void; reject: (cause: SetupError) => void };
    const serving = new Promise<string>((resolve, reject) => (settle = { resolve, reject }));
    // Whoever has started it may have gone.
    serving.catch(() => {});
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const fresh = { serves: false, opened: false, draining: false, successor: undefined, untold: undefined };
    const member: Member = { worker, serving, exited, ...fresh };
    this.#members.add(member);
    worker.on('message', (message: ToPrimary) => {
      switch (message.kind) {
        case 'joined':
          member.opened = true;
          return post(worker, this.#options.opening());
        case 'serving':
          member.serves = true;
          return settle.resolve(message.url);
        case 'failed': {
          const cause = new SetupError(message.mistakes);
          if (member.serves) this.#options.log.error(`serving process ${pid} failed`, { pid, reason: cause.message });
          return settle.reject(cause);
        }
        case 'answer':
          return this.#questions.answered(message.ask, message.value);
        case 'done':
          return post(worker, { kind: 'bye' });
        case 'leaving':
          return void this.#relieve(member);
      }
    });
    // Where the system has no room for a process, there is no `exit`.
    worker.on('error', (error) => {
      settle.reject(new SetupError([{ message: `a serving process could not be started: ${error.message}` }]));
      if (pid === undefined) this.#members.delete(member);
    });
    worker.once('exit', (code: number, signal: string | null) => {
      this.#members.delete(member);
      this.#questions.gone(member);
      settle.reject(new SetupError([{ message: `a serving process ended with ${signal ?? code} before it served` }]));
      if (!member.serves || member.draining || member.successor !== undefined) return;
      const soonMs = Math.max(0, unsoundMs - (performance.now() - startedMs));
      this.#replace(member, `ended with ${signal ?? code}`, soonMs);
    });
    return member;
  }

  /** Another one serves before this one drains. */
  async #relieve(member: Member): Promise<void> {
    if (this.#closing || member.draining) return;
    const { log } = this.#options;
    const name = `serving process ${member.worker.process.pid}`;
    log.info(`${name} was told to end; another one is started before it does`);
    try {
      await this.#succeed(member);
    } catch (cause) {
      if (!this.#closing) log.error(`${name} goes on, as no other could be started`, { reason: reasonOf(cause) });
      return;
    }
    await this.#drain(member);
  }

  #replace(member: Member, what: string, afterMs: number): void {
    if (this.#closing) return;
    this.#options.log.warn(`serving process ${member.worker.process.pid} ${what}; another one is started`);
    this.#startLater(afterMs, unsoundMs);
  }

  #startLater(afterMs: number, pauseMs: number): void {
    const start = (): Promise<void> => {
      this.#missing.delete(timer);
      return this.#startMissing(pauseMs);
    };
    // That it could not is told there.
    const timer = setTimeout(() => void start().catch(() => {}), afterMs);
    this.#missing.set(timer, start);
  }

  /** Rejects where it cannot serve; then another one is tried after the pause. */
  async #startMissing(pauseMs: number): Promise<void> {
    if (this.#closing) return;
    const { worker, serving } = this.#fork();
    try {
      await serving;
    } catch (cause) {
      if (this.#closing) return;
      const { pid } = worker.process;
      const again = `another one is tried in ${pauseMs / 1_000} s`;
      this.#options.log.error(`serving process ${pid} could not serve; ${again}`, { pid, reason: reasonOf(cause) });
      this.#startLater(pauseMs, Math.min(2 * pauseMs, longestPauseMs));
      throw cause;
    }
  }
}

/** To one that has just ended, it goes nowhere: `exit` tells. Without a callback the error would be thrown. */
function post(worker: Worker, message: ToWorker, done: () => void = () => {}): void {
  if (worker.isConnected()) worker.send(message, done);
  else process.nextTick(done);
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { once } from 'node:events';
import { SetupError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { Opening, ToPrimary, ToWorker } from './messages.ts';

/** A process that lived for less was hardly right from its start: the next one is not started before so long, ms. */
const unsoundMs = 1_000;
/** So many in a row that never came to serve are enough. */
const mostFailures = 5;

/** A serving process, as the primary sees it. */
interface Member {
  readonly worker: Worker;
  /** Rejects with SetupError where it ends before it serves. */
  readonly serving: Promise<string>;
  readonly exited: Promise<void>;
  /** It has been told what there is, and is told of what comes. */
  opened: boolean;
  /** It takes no new connections, and its place is somebody else's. */
  draining: boolean;
}

export interface CrewOptions {
  readonly size: number;
  /** The newest of what a process begins with. */
  readonly opening: () => Opening;
  readonly log: Log;
}

/**
 * The serving processes: as many as wanted, whatever becomes of each. node deals connections out to them in turn. `start` first.
 */
export class Crew {
  /** Resolves where process after process ends before it serves. */
  readonly failed: Promise<SetupError>;
  readonly #options: CrewOptions;
  readonly #members = new Set<Member>();
  readonly #answers = new Map<number, { readonly member: Member; readonly resolve: (value: unknown) => void }>();
  #fail: (cause: SetupError) => void = () => {};
  #asked = 0;
  #closing = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.failed = new Promise((resolve) => (this.#fail = resolve));
    // Maps and sets cross as what they are.
    cluster.setupPrimary({ serialization: 'advanced' });
  }

  get serving(): number {
    return [...this.#members].filter(({ draining }) => !draining).length;
  }

  /** The URL. Rejects with SetupError where a process cannot serve: the first is alone, so that it is told once. */
  async start(): Promise<string> {
    const first = await this.#fork().serving;
    await Promise.all(Array.from({ length: this.#options.size - 1 }, () => this.#fork().serving));
    return first;
  }

  tell(message: ToWorker): void {
    for (const { worker, opened } of this.#members) if (opened && worker.isConnected()) worker.send(message);
  }

  /** The answers of all by process id; one that ends meanwhile has none, and one that is yet to be opened is not asked. */
  async ask(question: (ask: number) => ToWorker): Promise<ReadonlyMap<number, unknown>> {
    const answers = new Map<number, unknown>();
    await Promise.all(
      [...this.#members].map(async (member) => {
        const { worker, opened } = member;
        if (!opened || !worker.isConnected()) return;
        this.#asked += 1;
        const ask = this.#asked;
        const answer = await new Promise<unknown>((resolve) => {
          this.#answers.set(ask, { member, resolve });
          worker.send(question(ask));
        });
        if (answer !== undefined) answers.set(worker.process.pid ?? 0, answer);
      }),
    );
    return answers;
  }

  /** A new process for each, one after the other: the new one serves before the old one drains. Rejects where it cannot; those left go on. */
  async restart(): Promise<void> {
    for (const member of [...this.#members].filter(({ draining }) => !draining)) {
      if (this.#closing) return;
      await this.#fork().serving;
      await this.#drain(member);
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#members].map((member) => this.#drain(member)));
  }

  async #drain(member: Member): Promise<void> {
    const { worker } = member;
    member.draining = true;
    const message: ToWorker = { kind: 'drain' };
    // One that does not listen yet has opened nothing, either.
    if (!member.opened) worker.process.kill('SIGKILL');
    else if (worker.isConnected()) worker.send(message);
    await member.exited;
  }

  #fork(): Member {
    const worker = cluster.fork();
    const startedMs = performance.now();
    let settle: { resolve: (url: string) => void; reject: (cause: SetupError) => void };
    const serving = new Promise<string>((resolve, reject) => (settle = { resolve, reject }));
    // Whoever has started it may have gone.
    serving.catch(() => {});
    const exited = once(worker, 'exit').then(() => {});
    const member: Member = { worker, serving, exited, opened: false, draining: false };
    this.#members.add(member);
    let isServing = false;
    worker.on('message', (message: ToPrimary) => {
      switch (message.kind) {
        case 'joined':
          member.opened = true;
          return void worker.send(this.#options.opening());
        case 'serving':
          isServing = true;
          return settle.resolve(message.url);
        case 'failed':
          return settle.reject(new SetupError(message.mistakes));
        case 'answer': {
          this.#answers.get(message.ask)?.resolve(message.value);
          return void this.#answers.delete(message.ask);
        }
        case 'leaving':
          return void this.#relieve(member);
      }
    });
    worker.once('exit', (code: number, signal: string | null) => {
      this.#members.delete(member);
      for (const [ask, answer] of this.#answers) {
        if (answer.member !== member) continue;
        this.#answers.delete(ask);
        answer.resolve(undefined);
      }
      settle.reject(new SetupError([{ message: `a serving process ended with ${signal ?? code} before it served` }]));
      if (!isServing || member.draining) return;
      const soonMs = Math.max(0, unsoundMs - (performance.now() - startedMs));
      this.#replace(member, `ended with ${signal ?? code}`, soonMs);
    });
    return member;
  }

  /** Another one serves before this one drains. */
  async #relieve(member: Member): Promise<void> {
    if (this.#closing || member.draining) return;
    const { log } = this.#options;
    log.info(`serving process ${member.worker.process.pid} was told to end; another one is started before it does`);
    await this.#startAnother(1);
    await this.#drain(member);
  }

  #replace(member: Member, what: string, afterMs: number): void {
    if (this.#closing) return;
    this.#options.log.warn(`serving process ${member.worker.process.pid} ${what}; another one is started`);
    setTimeout(() => void this.#startAnother(mostFailures), afterMs);
  }

  async #startAnother(triesLeft: number): Promise<void> {
    if (this.#closing) return;
    try {
      await this.#fork().serving;
    } catch (cause) {
      if (this.#closing) return;
      this.#options.log.error('a serving process could not be started', { reason: reasonOf(cause) });
      if (triesLeft <= 1) {
        return this.#fail(cause instanceof SetupError ? cause : new SetupError([{ message: reasonOf(cause) }]));
      }
      setTimeout(() => void this.#startAnother(triesLeft - 1), unsoundMs);
    }
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { SetupError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { News, Opening, ToPrimary, ToWorker } from './messages.ts';
import { closeOnTheWay } from './on-the-way.ts';

/** What a serving process is started with. */
export interface MemberOptions {
  /** The newest of what a process begins with. */
  readonly opening: () => Opening;
  readonly log: Log;
  /** How long it may take to come to serve, ms. */
  readonly startMs: number;
  /** How long it may take to end, ms. */
  readonly patienceMs: number;
}

/** What the crew has to know of it. */
export interface MemberEvents {
  readonly answered: (ask: number, value: unknown) => void;
  /** Somebody else has told it to end. */
  readonly leaving: () => void;
  /** It is no more, for what. */
  readonly gone: (what: string) => void;
}

/** A serving process, as the primary sees it. */
export class Member {
  readonly pid: number | undefined;
  readonly startedMs: number = performance.now();
  /** The URL. Rejects with SetupError where it ends before it serves, or hangs. */
  readonly serving: Promise<string>;
  readonly exited: Promise<void>;
  /** Another one is started for its place: resolves when that serves. One at most, whoever asks for it. */
  successor: Promise<void> | undefined;
  readonly #options: MemberOptions;
  readonly #worker: Worker;
  #serves = false;
  #opened = false;
  #draining = false;
  /** News that came while it had not taken what was sent before, by kind; undefined where it has. */
  #untold: Map<News['kind'], News> | undefined;

  constructor(options: MemberOptions, { answered, leaving, gone }: MemberEvents) {
    this.#options = options;
    const worker = (this.#worker = cluster.fork());
    const { pid } = worker.process;
    this.pid = pid;
    closeOnTheWay(worker);
    let settle: { resolve: (url: string) => void; reject: (cause: SetupError) => void };
    this.serving = new Promise<string>((resolve, reject) => (settle = { resolve, reject }));
    const fail = (message: string): void => settle.reject(new SetupError([{ message }]));
    const timer = setTimeout(() => {
      const what = this.#opened ? 'opening what it serves' : 'reading its configuration';
      fail(`a serving process was killed: it did not serve within ${options.startMs / 1_000} s, and hung ${what}`);
      this.kill();
    }, options.startMs);
    const settled = (): void => clearTimeout(timer);
    // Whoever has started it may have gone.
    this.serving.then(settled, settled);
    this.exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (message: ToPrimary) => {
      switch (message.kind) {
        case 'joined':
          this.#opened = true;
          return this.post(options.opening());
        case 'serving':
          this.#serves = true;
          return settle.resolve(message.url);
        case 'failed': {
          const cause = new SetupError(message.mistakes);
          if (this.#serves) options.log.error(`serving process ${pid} failed`, { pid, reason: cause.message });
          return settle.reject(cause);
        }
        case 'answer':
          return answered(message.ask, message.value);
        case 'done':
          return this.post({ kind: 'bye' });
        case 'leaving':
          return leaving();
      }
    });
    // Where the system has no room for a process, there is no `exit`.
    worker.on('error', (error) => {
      fail(`a serving process could not be started: ${error.message}`);
      if (pid === undefined) gone('could not be started');
    });
    worker.once('exit', (code: number, signal: string | null) => {
      fail(`a serving process ended with ${signal ?? code} before it served`);
      gone(`ended with ${signal ?? code}`);
    });
  }

  /** It has come to serve. */
  get serves(): boolean {
    return this.#serves;
  }

  /** It takes no new connections, and its place is somebody else's. */
  get draining(): boolean {
    return this.#draining;
  }

  /** It has been told what there is, and is told of what comes. */
  get isReached(): boolean {
    return this.#opened && this.#worker.isConnected();
  }

  /** Of what comes in its time. */
  tell(message: News): void {
    if (!this.#opened) return;
    // One that hangs would have all of them kept for it.
    if (this.#untold !== undefined) return void this.#untold.set(message.kind, message);
    const untold = new Map<News['kind'], News>();
    this.#untold = untold;
    this.post(message, () => {
      this.#untold = undefined;
      for (const each of untold.values()) this.tell(each);
    });
  }

  /** To one that has just ended, it goes nowhere: `exit` tells. Without a callback the error would be thrown. */
  post(message: ToWorker, done: () => void = () => {}): void {
    if (this.#worker.isConnected()) this.#worker.send(message, done);
    else process.nextTick(done);
  }

  async drain(): Promise<void> {
    this.#draining = true;
    // One that does not listen yet has opened nothing, either.
    if (!this.#opened) this.kill();
    else this.post({ kind: 'drain', relieved: this.successor !== undefined });
    const timer = setTimeout(() => {
      this.#options.log.warn(`serving process ${this.pid} does not end; it is killed`);
      this.kill();
    }, this.#options.patienceMs);
    await this.exited;
    clearTimeout(timer);
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }
}

import type { TestResult, TestSubscription } from '../../src/testing.ts';
import { changesOf, messageAnswer, snapshotChanges, type NaiveChange } from './changes.ts';
import { member, parseJson, type Json } from './json.ts';
import type { ChangesPlan } from './plan.ts';
import { decodeToken, disagreement } from './position-token.ts';
import { printChanges, type Request } from './print-query.ts';
import type { Commit, Runner } from './run-round.ts';
import { tableOf } from './spec.ts';
import { topicsOf } from './tables-of.ts';

/**
 * A client of a change stream: one message for each commit that does something to its set, with exactly that and the offsets
 * of that commit, in order; the same after a resume from any position it was given.
 */
export class StreamCheck {
  readonly #runner: Runner;
  readonly #plan: ChangesPlan;
  readonly #seed: number;
  /** Positions given so far, each with its version. */
  readonly #given: { readonly text: string; readonly version: number }[] = [];
  #request: Request;
  #subscription: TestSubscription | undefined;
  /** The commits after this version are still to come. */
  #version = -1;
  #first: 'empty' | 'rows' | 'resumed' | 'told' = 'empty';
  #stalled = false;

  private constructor(runner: Runner, plan: ChangesPlan, seed: number) {
    this.#runner = runner;
    this.#plan = plan;
    this.#seed = seed;
    this.#request = printChanges(runner.schema, plan, {}, seed);
  }

  static async open(runner: Runner, plan: ChangesPlan, snapshot: boolean, seed: number): Promise<StreamCheck> {
    const check = new StreamCheck(runner, plan, seed);
    check.#request = printChanges(runner.schema, plan, snapshot ? { snapshot } : {}, seed);
    check.#first = snapshot ? 'rows' : 'empty';
    await check.#subscribe();
    return check;
  }

  async #subscribe(): Promise<void> {
    this.#stalled = false;
    this.#subscription = await this.#runner.gateway.subscribe(this.#request.document, this.#request.variables);
  }

  /** Goes on after one of the positions given before; what came after it comes again. */
  async resume(choice: number, snapshot: boolean): Promise<void> {
    this.stop();
    const from = this.#given[choice % Math.max(1, this.#given.length)];
    if (from === undefined) return;
    // A snapshot's rows arrive as inserts; a stream that leaves inserts out is refused one.
    const { operations } = this.#plan;
    const mayStartOver = snapshot && (operations === undefined || operations.includes('INSERT'));
    const start = mayStartOver ? { after: from.text, snapshot } : { after: from.text };
    this.#request = printChanges(this.#runner.schema, this.#plan, start, this.#seed);
    this.#version = from.version;
    this.#first = 'resumed';
    await this.#subscribe();
  }

  /** The gateway restarted: the client has what it has, and may resume. */
  ended(): void {
    this.#drain();
    this.#subscription = undefined;
  }

  stall(): void {
    this.#subscription?.stall();
    this.#stalled = true;
  }

  async read(): Promise<void> {
    this.#stalled = false;
    await this.#subscription?.read();
    await this.#runner.gateway.settled();
  }

  stop(): void {
    this.#drain();
    this.#subscription?.stop();
    this.#subscription = undefined;
  }

  async check(): Promise<void> {
    this.#drain();
    if (this.#subscription === undefined || this.#stalled) return;
    // That it has caught up is said in a message of its own, behind the last that brings something.
    for (let turn = 0; turn < 100 && this.#first !== 'told'; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#drain();
    }
    if (this.#first !== 'told') this.#runner.fail('a change stream that has not begun', this.#request);
    const due = this.#nextDue();
    if (due !== undefined) {
      this.#runner.fail(`no message for version ${due.commit.version}: ${describe(due.changes)}`, this.#request);
    }
  }

  #drain(): void {
    const messages = this.#subscription?.frames() ?? [];
    for (const message of messages) this.#take(message);
  }

  #take(message: TestResult): void {
    const runner = this.#runner;
    runner.counts.messages += 1;
    const text = this.#positionText(message);
    const version = text === undefined ? -1 : decodeToken(text).version;
    const due = this.#first === 'empty' || this.#first === 'rows' ? undefined : this.#nextDue();
    if (due !== undefined) {
      if (version !== due.commit.version) {
        runner.fail(
          `message of version ${version}, due is ${due.commit.version}: ${describe(due.changes)}\ngot ${message.text}`,
          this.#request,
        );
      }
      const flags = { live: this.#first === 'told', reset: false, complete: true };
      runner.compare(
        'message',
        this.#request,
        message,
        messageAnswer(this.#plan, due.commit.world, due.changes, flags),
      );
    } else {
      if (this.#first === 'told') runner.fail(`nothing was due, got ${message.text}`, this.#request);
      const commit = version === -1 ? runner.newest : runner.commitAt(version);
      const changes = this.#first === 'rows' ? snapshotChanges(this.#plan, commit.world) : [];
      const flags = { live: true, reset: false, complete: true };
      runner.compare('first message', this.#request, message, messageAnswer(this.#plan, commit.world, changes, flags));
      this.#first = 'told';
    }
    this.#version = version;
    if (text === undefined) return runner.fail('a message without position', this.#request);
    const { offsets } = runner.commitAt(version);
    const wrong = disagreement(decodeToken(text), topicsOf(runner.schema, this.#plan), offsets);
    if (wrong !== undefined) runner.fail(`message of version ${version}: ${wrong}`, this.#request);
    this.#given.push({ text, version });
  }

  /** The oldest commit after what was told that does something to the set. */
  #nextDue(): { readonly commit: Commit; readonly changes: readonly NaiveChange[] } | undefined {
    const { commits, meanings } = this.#runner;
    for (const [i, commit] of commits.entries()) {
      const before = commits[i - 1];
      if (before === undefined || commit.version <= this.#version) continue;
      const changes = changesOf(this.#plan, before.world, commit.world, commit.records, meanings);
      if (changes.length > 0) return { commit, changes };
    }
    return undefined;
  }

  #positionText(message: TestResult): string | undefined {
    const none: Json = { t: 'null' };
    const field = `${tableOf(this.#runner.schema, this.#plan.table).singular}Changes`;
    const position = member(member(member(parseJson(message.text), 'data') ?? none, field) ?? none, 'position');
    return position?.t === 'str' ? position.value : undefined;
  }
}

function describe(changes: readonly NaiveChange[]): string {
  return changes.map(({ operation, key }) => `${operation} ${key.map(String).join(':')}`).join(', ');
}

import type { TestResult, TestSubscription } from '../../src/testing.ts';
import type { Asker } from './asker.ts';
import { changesOf, messageAnswer, snapshotChanges, type NaiveChange } from './changes.ts';
import { jsonList, jsonNull, jsonObject, member, parseJson, printJson, type Json } from './json.ts';
import type { Tables, World } from './naive.ts';
import type { ChangesPlan } from './plan.ts';
import { decodeToken, disagreement } from './position-token.ts';
import { printChanges, type Request } from './print-query.ts';
import type { Rights } from './rights.ts';
import type { Commit, Runner } from './run-round.ts';
import { compareRights } from './same-rights.ts';
import { tableOf } from './spec.ts';
import { topicsOf } from './tables-of.ts';

/** What a stream's next message is to be. */
type Due =
  /** That it has begun: with nothing, with the rows there are, or with those instead of what cannot be resumed. */
  | 'empty'
  | 'rows'
  | 'reset'
  /** What it missed, then that it has caught up. */
  | 'resumed'
  /** Either, as it is unclear whether its rights are those that the position was taken under. */
  | 'resumedOrReset'
  | 'resumedOrExpired'
  /** An error, and no more. */
  | 'expired'
  | 'refused'
  /** What happens. */
  | 'told'
  | 'over';

/** Until the next message nothing is known to be due. */
const beginnings: readonly Due[] = ['empty', 'rows', 'reset'];

/**
 * A client of a change stream: one message for each commit that does something to its set, with exactly that and the offsets
 * of that commit, in order; the same after a resume from any position it was given. Its set is what its caller's rules grant;
 * a position taken under other rules is refused.
 */
export class StreamCheck {
  readonly #runner: Runner;
  readonly #plan: ChangesPlan;
  readonly #seed: number;
  readonly #as: number | undefined;
  /** Positions given so far, each with its version and with the rights under which it was given. */
  readonly #given: { readonly text: string; readonly version: number; readonly under: Rights }[] = [];
  #asker: Asker;
  #request: Request;
  #subscription: TestSubscription | undefined;
  /** The commits after this version are still to come. */
  #version = -1;
  /** Those up to this version are known to do nothing. */
  #looked = -1;
  #due: Due = 'empty';
  #stalled = false;
  /** It has not been told of everything, and may find that what it missed has been forgotten. */
  #behind = false;
  /** The parts of a commit that have come so far; who resumes gets all of them again. */
  #parts: Json[] = [];

  private constructor(runner: Runner, plan: ChangesPlan, seed: number, as: number | undefined) {
    this.#runner = runner;
    this.#plan = plan;
    this.#seed = seed;
    this.#as = as;
    this.#asker = runner.asker(as);
    this.#request = printChanges(runner.schema, plan, {}, seed);
  }

  static async open(
    runner: Runner,
    plan: ChangesPlan,
    snapshot: boolean,
    seed: number,
    as: number | undefined,
  ): Promise<StreamCheck> {
    const check = new StreamCheck(runner, plan, seed, as);
    check.#request = printChanges(runner.schema, plan, snapshot ? { snapshot } : {}, seed);
    await check.#subscribe(snapshot ? 'rows' : 'empty');
    return check;
  }

  /** Begins after the position of a pull query for the rows of its set, as whoever holds these does. */
  static async follow(
    runner: Runner,
    plan: ChangesPlan,
    seed: number,
    as: number | undefined,
  ): Promise<StreamCheck | undefined> {
    const check = new StreamCheck(runner, plan, seed, as);
    const { table, where, select } = plan;
    const position = await runner.pull({ roots: [{ kind: 'list', table, args: { where }, select }] }, seed, as);
    if (position === undefined) return undefined;
    check.#given.push({ ...position, under: check.#asker.rights('QUERY') });
    await check.resume(0, false);
    return check;
  }

  async #subscribe(due: Due): Promise<void> {
    const denied = this.#asker.whyDenied(this.#plan, 'CHANGES');
    this.#due = denied === undefined ? due : 'refused';
    this.#looked = -1;
    this.#stalled = false;
    this.#parts = [];
    this.#subscription = await this.#asker.subscribe(this.#request);
  }

  /** Goes on after one of the positions given before, maybe as somebody else; what came after it comes again. */
  async resume(choice: number, snapshot: boolean, as = this.#as): Promise<void> {
    this.stop();
    const from = this.#given[choice % Math.max(1, this.#given.length)];
    if (from === undefined) return;
    // A snapshot's rows arrive as inserts; a stream that leaves inserts out is refused one.
    const { operations } = this.#plan;
    const mayStartOver = snapshot && (operations === undefined || operations.includes('INSERT'));
    const start = mayStartOver ? { after: from.text, snapshot } : { after: from.text };
    const { schema } = this.#runner;
    this.#request = printChanges(schema, this.#plan, start, this.#seed);
    this.#version = from.version;
    this.#behind = true;
    this.#asker = this.#runner.asker(as);
    switch (compareRights(schema, this.#plan, from.under, this.#asker.rights('CHANGES'))) {
      case 'same':
        return this.#subscribe(mayStartOver && this.#runner.mayForget(from.version) ? 'resumedOrReset' : 'resumed');
      case 'differ':
        return this.#subscribe(mayStartOver ? 'reset' : 'expired');
      case 'unclear':
        return this.#subscribe(mayStartOver ? 'resumedOrReset' : 'resumedOrExpired');
    }
  }

  /** The gateway restarted: the client has what it has, and may resume. */
  ended(): void {
    this.#drain();
    this.#subscription = undefined;
  }

  stall(): void {
    this.#subscription?.stall();
    this.#stalled = true;
    this.#behind = true;
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
    for (let turn = 0; turn < 100 && this.#due !== 'told' && this.#due !== 'over'; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#drain();
    }
    if (this.#due === 'over') return this.#checkOver();
    this.#behind = false;
    if (this.#due !== 'told') this.#runner.fail(`a change stream that has not begun (${this.#due})`, this.#request);
    const due = this.#nextDue();
    if (due !== undefined) {
      this.#runner.fail(`no message for version ${due.commit.version}: ${describe(due.changes)}`, this.#request);
    }
  }

  #checkOver(): void {
    if (this.#subscription?.completed !== true) this.#runner.fail('an error does not end the stream', this.#request);
    this.#subscription = undefined;
  }

  #drain(): void {
    const messages = this.#subscription?.frames() ?? [];
    for (const message of messages) this.#take(message);
  }

  #take(given: TestResult): void {
    const runner = this.#runner;
    runner.counts.messages += 1;
    if (this.#takeError(given)) return;
    const message = this.#whole(given);
    if (message === undefined) return;
    const tables = (commit: Commit): Tables => this.#asker.see(commit.world, 'CHANGES');
    const rights = this.#asker.rights('CHANGES');
    const text = this.#positionText(message);
    const version = text === undefined ? -1 : decodeToken(text).version;
    if (this.#due === 'resumedOrExpired') this.#due = 'resumed';
    if (this.#due === 'resumedOrReset') this.#due = this.#isReset(message) ? 'reset' : 'resumed';
    const next = beginnings.includes(this.#due) ? undefined : this.#nextDue();
    if (next !== undefined) {
      if (version !== next.commit.version) {
        runner.fail(
          `message of version ${version}, due is ${next.commit.version}: ${describe(next.changes)}\ngot ${message.text}`,
          this.#request,
        );
      }
      const flags = { live: this.#due === 'told', reset: false, complete: true };
      const expected = messageAnswer(this.#plan, tables(next.commit), next.changes, flags, rights);
      runner.compare('message', this.#request, message, expected);
    } else {
      if (this.#due === 'told') runner.fail(`nothing was due, got ${message.text}`, this.#request);
      const commit = version === -1 ? runner.newest : runner.commitAt(version);
      const withRows = this.#due === 'rows' || this.#due === 'reset';
      const changes = withRows ? snapshotChanges(this.#plan, tables(commit)) : [];
      const flags = { live: true, reset: this.#due === 'reset', complete: true };
      const expected = messageAnswer(this.#plan, tables(commit), changes, flags, rights);
      runner.compare('first message', this.#request, message, expected);
      this.#due = 'told';
    }
    this.#version = version;
    if (text === undefined) return runner.fail('a message without position', this.#request);
    const { offsets } = runner.commitAt(version);
    const wrong = disagreement(decodeToken(text), topicsOf(runner.schema, this.#plan), offsets);
    if (wrong !== undefined) runner.fail(`message of version ${version}: ${wrong}`, this.#request);
    this.#given.push({ text, version, under: rights });
  }

  /** The message with the parts before it; undefined where more of its commit follow, behind which alone its position is given. */
  #whole(message: TestResult): TestResult | undefined {
    const field = this.#fieldOf(message);
    const complete = member(field, 'complete');
    this.#parts.push(field);
    if (complete?.t === 'bool' && !complete.value) {
      const { version } = decodeToken(this.#positionText(message) ?? '');
      if (beginnings.includes(this.#due) || version !== this.#version) {
        this.#runner.fail(`a part at version ${version} behind ${this.#version}: ${message.text}`, this.#request);
      }
      return undefined;
    }
    const parts = this.#parts.splice(0);
    if (parts.length === 1) return message;
    const lists = ['changes', 'deletedIds', 'deletedNodeIds'].map((name) => {
      const items = parts.flatMap((part) => itemsOf(member(part, name)));
      return [name, jsonList(items)] as const;
    });
    const flags = ['live', 'reset'].map(
      (name) => new Set(parts.map((part) => printJson(member(part, name) ?? jsonNull))),
    );
    if (flags.some(({ size }) => size > 1)) this.#runner.fail(`parts that differ: ${message.text}`, this.#request);
    const rest = field.t === 'obj' ? field.entries.filter(([name]) => !lists.some(([list]) => list === name)) : [];
    const data = jsonObject([[this.#field, jsonObject([...lists, ...rest])]]);
    return { ...message, text: printJson(jsonObject([['data', data]])) };
  }

  /** False where the message is to be something else. */
  #takeError(message: TestResult): boolean {
    const runner = this.#runner;
    const reason = (message.errors?.[0]?.extensions as { readonly reason?: unknown } | undefined)?.reason;
    if (reason === 'retention' && this.#behind && runner.mayForget(this.#version)) {
      runner.expectError('changes', this.#request, message, 'POSITION_EXPIRED', 'forgotten changes');
      this.#due = 'over';
      return true;
    }
    const isExpired = this.#due === 'expired' || (this.#due === 'resumedOrExpired' && message.errors !== undefined);
    if (this.#due === 'over') runner.fail(`after its end, a stream got ${message.text}`, this.#request);
    if (isExpired) {
      runner.expectError('resume', this.#request, message, 'POSITION_EXPIRED', 'other rules');
      if (reason !== 'rules') runner.fail(`the reason is not "rules": ${message.text}`, this.#request);
    } else if (this.#due === 'refused') {
      const why = this.#asker.whyDenied(this.#plan, 'CHANGES') ?? '';
      runner.expectError('changes', this.#request, message, this.#asker.rights('CHANGES').refusal, why);
    } else return false;
    this.#due = 'over';
    return true;
  }

  /** The oldest commit after what was told that does something to the set. */
  #nextDue(): { readonly commit: Commit; readonly changes: readonly NaiveChange[] } | undefined {
    const { commits, meanings } = this.#runner;
    const rights = this.#asker.rights('CHANGES');
    const see = (world: World): Tables => this.#asker.see(world, 'CHANGES');
    for (const [i, commit] of commits.entries()) {
      const before = commits[i - 1];
      if (before === undefined || commit.version <= this.#version || commit.version <= this.#looked) continue;
      const { world: after, records, committedMs } = commit;
      const changes = changesOf(
        this.#plan,
        { before: before.world, after, records, committedMs, see, rights },
        meanings,
      );
      if (changes.length > 0) return { commit, changes };
      this.#looked = commit.version;
    }
    return undefined;
  }

  #isReset(message: TestResult): boolean {
    const reset = member(this.#fieldOf(message), 'reset');
    return reset?.t === 'bool' && reset.value;
  }

  #positionText(message: TestResult): string | undefined {
    const position = member(this.#fieldOf(message), 'position');
    return position?.t === 'str' ? position.value : undefined;
  }

  #fieldOf(message: TestResult): Json {
    return member(member(parseJson(message.text), 'data') ?? jsonNull, this.#field) ?? jsonNull;
  }

  get #field(): string {
    return `${tableOf(this.#runner.schema, this.#plan.table).singular}Changes`;
  }
}

const itemsOf = (list: Json | undefined): readonly Json[] => (list?.t === 'arr' ? list.items : []);

function describe(changes: readonly NaiveChange[]): string {
  return changes.map(({ operation, key }) => `${operation} ${key.map(String).join(':')}`).join(', ');
}

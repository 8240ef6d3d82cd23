import type { TestResult, TestSubscription } from '../../src/testing.ts';
import { answer, type Expected } from './answer.ts';
import type { Asker } from './asker.ts';
import { difference } from './difference.ts';
import { member, parseJson } from './json.ts';
import type { World } from './naive.ts';
import type { QueryPlan } from './plan.ts';
import { decodeToken, disagreement } from './position-token.ts';
import { printQuery, type Request } from './print-query.ts';
import type { Runner } from './run-round.ts';
import { topicsOf } from './tables-of.ts';

/**
 * A client of a live query: every frame is the naive answer at its position, and the newest is never missing. Who may not ask is
 * told so, once.
 */
export class LiveCheck {
  readonly #runner: Runner;
  readonly #plan: QueryPlan;
  readonly #request: Request;
  readonly #topics: ReadonlySet<string>;
  readonly #as: number | undefined;
  #asker: Asker;
  #subscription: TestSubscription;
  #version = -1;
  #last: TestResult | undefined;
  #stalled = false;
  #stopped = false;

  private constructor(
    runner: Runner,
    plan: QueryPlan,
    request: Request,
    as: number | undefined,
    asker: Asker,
    subscription: TestSubscription,
  ) {
    this.#as = as;
    this.#asker = asker;
    this.#runner = runner;
    this.#plan = plan;
    this.#request = request;
    this.#topics = topicsOf(runner.schema, plan);
    this.#subscription = subscription;
  }

  static async open(runner: Runner, plan: QueryPlan, seed: number, as: number | undefined): Promise<LiveCheck> {
    const request = printQuery(runner.schema, plan, 'subscription', seed);
    const asker = runner.asker(as);
    const live = new LiveCheck(runner, plan, request, as, asker, await asker.subscribe(request));
    live.#expectRefusal();
    return live;
  }

  /** After a restart of the gateway: a live query is simply asked again, with the token that the client has by now. */
  async reopen(): Promise<void> {
    if (this.#stopped) return;
    this.#asker = this.#runner.asker(this.#as);
    this.#subscription = await this.#asker.subscribe(this.#request);
    this.#expectRefusal();
    this.#last = undefined;
    this.#version = -1;
    this.#stalled = false;
  }

  /** Who may not ask has nothing more to expect. */
  #expectRefusal(): void {
    const why = this.#asker.whyDenied(this.#plan, 'LIVE');
    if (why === undefined) return;
    const [frame, ...more] = this.#subscription.frames();
    if (frame === undefined || more.length > 0 || !this.#subscription.completed) {
      return this.#runner.fail(`a live query refused for ${why} ends with one error`, this.#request);
    }
    this.#runner.expectError('live query', this.#request, frame, this.#asker.rights('LIVE').refusal, why);
    this.#stopped = true;
  }

  stall(): void {
    if (!this.#stopped) this.#subscription.stall();
    this.#stalled = true;
  }

  async read(): Promise<void> {
    if (this.#stopped) return;
    this.#stalled = false;
    await this.#subscription.read();
    await this.#runner.gateway.settled();
  }

  stop(): void {
    if (this.#stopped) return;
    this.check();
    this.#subscription.stop();
    this.#stopped = true;
  }

  check(): void {
    const runner = this.#runner;
    const frames = this.#subscription.frames();
    if (this.#stopped && frames.length > 0) runner.fail('a frame after the client stopped', this.#request);
    for (const frame of frames) {
      const token = runner.positionOf(frame, this.#request);
      if (token.version <= this.#version) runner.fail(`version ${token.version} after ${this.#version}`, this.#request);
      if (this.#version === -1 && token.version !== runner.newest.version) {
        runner.fail(`the first frame is of version ${token.version}, not ${runner.newest.version}`, this.#request);
      }
      const commit = runner.commitAt(token.version);
      const wrong = disagreement(token, this.#topics, commit.offsets);
      if (wrong !== undefined) runner.fail(`frame: ${wrong}`, this.#request);
      runner.compare(`frame at version ${token.version}`, this.#request, frame, this.#answer(commit.world));
      this.#version = token.version;
      this.#last = frame;
      runner.counts.frames += 1;
    }
    if (this.#stopped || this.#stalled) return;
    this.#checkNewest();
  }

  #answer(world: World): Expected {
    return answer(this.#asker.see(world, 'LIVE'), this.#plan);
  }

  /** Whoever reads has been told everything: the last frame is what a pull would answer now. */
  #checkNewest(): void {
    const runner = this.#runner;
    if (this.#last === undefined) return runner.fail('no first frame', this.#request);
    const { newest } = runner;
    const found = difference(this.#answer(newest.world), member(parseJson(this.#last.text), 'data'), runner.tokens);
    if (found !== undefined) {
      runner.fail(
        `the last frame, of version ${this.#version}, is not the answer at version ${newest.version}: ${found}`,
        this.#request,
      );
    }
    const position = this.#subscription.position();
    const exact = position === undefined ? -1 : decodeToken(position).version;
    if (exact !== newest.version) runner.fail(`exact up to version ${exact} and not ${newest.version}`, this.#request);
  }
}

import type { TestGateway, TestResult } from '../../src/testing.ts';
import { answer, object, type Expected } from './answer.ts';
import { Asker } from './asker.ts';
import { LiveCheck } from './check-live.ts';
import { StreamCheck } from './check-stream.ts';
import type { Caller } from './claims.ts';
import { difference, Tokens } from './difference.ts';
import type { ProducedRecord } from './generate-history.ts';
import { jsonNull, member, parseJson } from './json.ts';
import { miscounted } from './counts.ts';
import { everything } from './everything.ts';
import { pageAt } from './page-at.ts';
import { Meanings, tickEntry, World, type LogRecord, type Offsets, type Tick } from './naive.ts';
import type { QueryPlan, RootSelection } from './plan.ts';
import { decodeToken, disagreement, type Token } from './position-token.ts';
import { printQuery, printRequest, type Request } from './print-query.ts';
import { RoundGateway } from './round-gateway.ts';
import { printSchema } from './schema-text.ts';
import type { Round, Step } from './script.ts';
import { topicsOf } from './tables-of.ts';
import { tableOf, type SchemaSpec, type TableSpec } from './spec.ts';

/** What a gateway did that the oracle says it must not. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** One commit: the version it took, the offsets it reached, its records. */
export interface Commit {
  readonly version: number;
  readonly offsets: Offsets;
  readonly world: World;
  readonly records: readonly LogRecord[];
  readonly committedMs: number;
}

export interface RoundCounts {
  commits: number;
  pulls: number;
  frames: number;
  messages: number;
}

/** Runs a round's steps against a gateway and compares everything it says with the naive evaluation. */
export async function runRound(round: Round, counts: RoundCounts): Promise<void> {
  await RoundGateway.run(round, { print: printSchema }, async (gateway) => {
    const runner = new Runner(round.schema, gateway, counts, round);
    await runner.start();
    for (const [i, step] of round.steps.entries()) await runner.step(step, i);
    await runner.finish();
  });
}

/** What a runner asks, and starts again. */
export type Restarted = Pick<RoundGateway, 'now' | 'nowMs' | 'tick' | 'trim' | 'restart'>;

export class Runner {
  readonly schema: SchemaSpec;
  readonly counts: RoundCounts;
  readonly tokens = new Tokens();
  readonly meanings: Meanings;
  readonly #log: LogRecord[] = [];
  readonly #offsets = new Map<string, number>();
  readonly #commits: Commit[] = [];
  readonly #lives = new Map<number, LiveCheck>();
  readonly #streams = new Map<number, StreamCheck>();
  /** As their tokens are now; none where the round has no rules. */
  readonly #callers: (Caller | undefined)[];
  /** Queries may be refused for what they would look at. */
  readonly #isTight: boolean;
  readonly #gateway: Restarted;
  /** Of what happened after this version, everything is kept. */
  #keptFrom = -1;
  #at = 'start';

  constructor(
    schema: SchemaSpec,
    gateway: Restarted,
    counts: RoundCounts,
    { callers = [], limits }: Pick<Round, 'callers' | 'limits'> = {},
  ) {
    this.#callers = [...callers];
    this.#isTight = limits?.scanLimit !== undefined;
    this.schema = schema;
    this.#gateway = gateway;
    this.counts = counts;
    this.meanings = new Meanings(schema);
  }

  get gateway(): TestGateway {
    return this.#gateway.now;
  }

  async start(): Promise<void> {
    await this.#record([]);
  }

  async step(step: Step, index: number): Promise<void> {
    this.#at = `step ${index} (${step.kind})`;
    switch (step.kind) {
      case 'commit':
        await this.commit(step.records);
        break;
      case 'pull':
        await this.pull({ roots: step.roots }, step.seed, step.as);
        break;
      case 'page': {
        const page = pageAt(this.tokens, step.root, step.choice);
        if (page !== undefined) await this.pull({ roots: [page] }, step.seed, step.as);
        break;
      }
      case 'node':
        await this.#node(step);
        break;
      case 'live':
        this.#lives.set(step.id, await LiveCheck.open(this, { roots: [step.root] }, step.seed, step.as));
        break;
      case 'changes':
        this.#streams.set(step.id, await StreamCheck.open(this, step.plan, step.snapshot, step.seed, step.as));
        break;
      case 'follow': {
        const stream = await StreamCheck.follow(this, step.plan, step.seed, step.as);
        if (stream !== undefined) this.#streams.set(step.id, stream);
        break;
      }
      case 'resume':
        await this.#streams.get(step.id)?.resume(step.choice, step.snapshot, step.as);
        break;
      case 'claims':
        this.#callers[step.as] = step.caller;
        break;
      case 'stall':
      case 'read':
      case 'stop': {
        const check = this.#lives.get(step.id) ?? this.#streams.get(step.id);
        await check?.[step.kind]();
        break;
      }
      case 'tick':
        await this.#tick(step.nowMs);
        break;
      case 'trim':
        this.#gateway.trim(step.nowMs);
        this.#keptFrom = this.newest.version;
        break;
      case 'restart':
        await this.#gateway.restart(step.reindex);
        for (const live of this.#lives.values()) await live.reopen();
        for (const stream of this.#streams.values()) stream.ended();
        await this.#audit();
        break;
    }
    await this.#checkAll();
  }

  /** Everybody reads again, and has the newest state. */
  async finish(): Promise<void> {
    this.#at = 'the end';
    for (const check of [...this.#lives.values(), ...this.#streams.values()]) await check.read();
    await this.gateway.settled();
    for (const stream of this.#streams.values()) await stream.resume(0, false);
    await this.#checkAll();
    await this.#audit();
    for (const as of this.#callers.keys()) await this.#audit(this.newest, as);
    this.#checkCounts();
  }

  #checkCounts(): void {
    const snapshot = this.gateway.store.snapshot();
    try {
      for (const table of this.schema.tables) {
        const known = this.gateway.catalog.tablesByName.get(table.name);
        // Derived tables have no records of their own.
        if (known === undefined || table.topic === '') continue;
        const wrong = miscounted(table, snapshot.state(known), this.#log, this.meanings);
        if (wrong !== undefined) this.fail(wrong);
      }
    } finally {
      snapshot.release();
    }
  }

  /** A client with the token that this caller has now. */
  asker(as: number | undefined): Asker {
    return new Asker(this.schema, this.gateway, as === undefined ? undefined : this.#callers[as]);
  }

  async #checkAll(): Promise<void> {
    for (const live of this.#lives.values()) live.check();
    for (const stream of this.#streams.values()) await stream.check();
  }

  async commit(records: readonly ProducedRecord[]): Promise<void> {
    const offsets = await this.gateway.produce(records);
    const applied = records.map((record, i): LogRecord => {
      const { topic, partition, key, value, timestamp } = record;
      const headers = new Map(Object.entries(record.headers).map(([name, text]) => [name, Buffer.from(text)]));
      const offset = offsets[i]?.offset ?? -1;
      return { topic, partition, offset, timestampMs: timestamp, key, value, headers };
    });
    for (const { topic, partition, offset } of applied) {
      const expected = this.#offsets.get(`${topic}/${partition}`) ?? 0;
      if (offset !== expected) this.fail(`${topic}/${partition}: the record got offset ${offset}, not ${expected}`);
      this.#offsets.set(`${topic}/${partition}`, offset + 1);
    }
    this.#log.push(...applied);
    await this.#record(applied);
    this.counts.commits += 1;
  }

  /** Takes note of a commit: what the tables must be now, and that they are. */
  async #record(records: readonly LogRecord[]): Promise<void> {
    const offsets = new Map(this.#offsets);
    // What comes later, a world must not see: ticks have no offsets that would tell.
    const world = this.worldAt([...this.#log], offsets);
    const version = (await this.#audit({ world, offsets })).version;
    const last = this.#commits.at(-1);
    if (last !== undefined && version <= last.version) this.fail(`version ${version} follows ${last.version}`);
    this.#commits.push({ version, offsets, world, records, committedMs: this.#gateway.nowMs });
  }

  /** A commit where the clock removes or closes something, and else nothing. */
  async #tick(nowMs: number): Promise<void> {
    const moved = this.moved(nowMs);
    await this.#gateway.tick(nowMs);
    if (moved !== undefined) {
      this.#log.push(tickEntry(moved));
      await this.#record([]);
      return;
    }
    const { version } = await this.#audit();
    if (version !== this.newest.version) this.fail(`a tick at ${nowMs} that moves nothing made version ${version}`);
  }

  /** What the clock does to tables of topics: it gets on where rows go by that. */
  protected moved(nowMs: number): Tick | undefined {
    const clock = new Map<string, number>();
    for (const table of this.schema.tables) {
      const { retentionMs = Infinity } = table;
      if (table.topic === '' || table.clock === undefined) continue;
      const rows = this.newest.world.rows(table);
      if (rows.some(({ timestampMs }) => timestampMs < nowMs - retentionMs)) clock.set(table.name, nowMs);
    }
    return clock.size === 0 ? undefined : { clock, readTo: new Map() };
  }

  protected worldAt(log: readonly LogRecord[], offsets: Offsets): World {
    return new World(this.schema, log, offsets, this.meanings);
  }

  /** Those whose rows can be asked for. */
  protected get shown(): readonly TableSpec[] {
    return this.schema.tables.filter(({ hidden }) => hidden !== true);
  }

  /** Whether changes after this version may have been forgotten. */
  mayForget(version: number): boolean {
    return version < this.#keptFrom && this.schema.tables.some(({ changes }) => changes !== undefined);
  }

  get commits(): readonly Commit[] {
    return this.#commits;
  }

  get newest(): Commit {
    const last = this.#commits.at(-1);
    if (last === undefined) throw new Error('nothing was recorded');
    return last;
  }

  commitAt(version: number): Commit {
    const found = this.#commits.find((commit) => commit.version === version);
    return (
      found ?? this.fail(`no commit has version ${version}; they are ${this.#commits.map((c) => c.version).join()}`)
    );
  }

  /**
   * All rows that the caller may see, in one query. The last caller sees nearly all: so the ids of most rows are learned before
   * anything else shows them.
   */
  async #audit(
    now: { readonly world: World; readonly offsets: Offsets } = this.newest,
    as: number = this.#callers.length - 1,
  ): Promise<Token> {
    const asker = this.asker(as);
    const allowed = this.shown.filter((table) => {
      const { kind } = asker.rights('QUERY').rows(table);
      return kind === 'all' || (kind === 'rows' && !this.#isTight);
    });
    // Where there is no row to see, the version can be seen all the same.
    const nothing: Request = { document: '{ _meta { version } }', variables: {} };
    if (allowed.length === 0) return this.positionOf(await asker.query(nothing), nothing);
    const roots = allowed.map((table, i): RootSelection => ({
      kind: 'list',
      table: table.name,
      alias: `all${i}`,
      args: { limit: 1000 },
      select: everything(table),
    }));
    const request = printQuery(this.schema, { roots }, 'query', 0);
    const result = await asker.query(request);
    this.compare('audit', request, result, answer(asker.see(now.world, 'QUERY'), { roots }));
    const token = this.positionOf(result, request);
    const wrong = disagreement(token, topicsOf(this.schema, { roots }), now.offsets);
    if (wrong !== undefined) this.fail(`audit: ${wrong}`, request);
    return token;
  }

  /** The position of the answer; undefined where there is to be none. */
  async pull(
    plan: QueryPlan,
    seed: number,
    as?: number,
  ): Promise<{ readonly text: string; readonly version: number } | undefined> {
    const asker = this.asker(as);
    const request = printQuery(this.schema, plan, 'query', seed);
    const result = await asker.query(request);
    this.counts.pulls += 1;
    const denied = asker.whyDenied(plan, 'QUERY');
    if (denied !== undefined) {
      this.expectError('pull', request, result, asker.rights('QUERY').refusal, denied);
      return undefined;
    }
    if (this.#isTight && result.errors?.every(({ extensions }) => extensions.code === 'UNINDEXED_SCAN') === true) {
      return undefined;
    }
    const text = this.#positionText(result, request);
    const token = decodeToken(text);
    const { version } = token;
    const wrong = disagreement(token, topicsOf(this.schema, plan), this.newest.offsets);
    if (wrong !== undefined) this.fail(`pull: ${wrong}`, request);
    if (version !== this.newest.version)
      this.fail(`a pull answered at version ${version}, not ${this.newest.version}`, request);
    this.compare('pull', request, result, answer(asker.see(this.newest.world, 'QUERY'), plan));
    return { text, version };
  }

  async #node({ table, select, choice, seed, as }: Extract<Step, { kind: 'node' }>): Promise<void> {
    const nodes = this.tokens.nodes(table);
    const [nodeId, key] = nodes[choice % Math.max(1, nodes.length)] ?? [];
    if (nodeId === undefined || key === undefined) return;
    const plan: QueryPlan = { roots: [{ kind: 'node', table, key, nodeId, select }] };
    const asker = this.asker(as);
    const isHidden = asker.rights('QUERY').rows(tableOf(this.schema, table)).kind === 'denied';
    if (!isHidden) {
      await this.pull(plan, seed, as);
      return;
    }
    // Nothing says that there is such a table, and so nothing what its relations lead to.
    if (asker.whyDenied(plan, 'QUERY') !== undefined) return;
    const request = printQuery(this.schema, plan, 'query', seed);
    this.compare('node', request, await asker.query(request), object([['node', jsonNull]]));
    this.counts.pulls += 1;
  }

  positionOf(result: TestResult, request: Request): Token {
    return decodeToken(this.#positionText(result, request));
  }

  #positionText(result: TestResult, request: Request): string {
    const text = member(member(parseJson(result.text), 'extensions') ?? jsonNull, 'position');
    return text?.t === 'str' ? text.value : this.fail(`no position: ${result.text}`, request);
  }

  /** Fails unless the result is free of errors and its data as expected. */
  compare(what: string, request: Request, result: TestResult, expected: Expected): void {
    const json = parseJson(result.text);
    if (member(json, 'errors') !== undefined) this.fail(`${what}: ${result.text}`, request);
    const found = difference(expected, member(json, 'data'), this.tokens);
    if (found !== undefined) this.fail(`${what}: ${found}`, request);
  }

  /** Fails unless all that the result says is an error of this code. */
  expectError(what: string, request: Request, result: TestResult, code: string, why: string): void {
    const { errors = [], data } = result;
    const isRight = errors.length > 0 && errors.every(({ extensions }) => extensions.code === code);
    if (!isRight || (data !== undefined && data !== null)) {
      this.fail(`${what}: expected ${code} for ${why}, got ${result.text}`, request);
    }
  }

  fail(problem: string, request?: Request): never {
    throw new Failure(`${this.#at}: ${problem}${request === undefined ? '' : `\n${printRequest(request)}`}`);
  }
}

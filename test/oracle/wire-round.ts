import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gateway, GatewayOptions } from '../../src/gateway.ts';
import { answer, filtered, rowAnswer, type Expected } from './answer.ts';
import { difference, Tokens } from './difference.ts';
import { jsonList, jsonNull, member, parseJson, printJson, type Json } from './json.ts';
import { Meanings, World, type LogRecord, type Offsets } from './naive.ts';
import type { ChangesPlan, QueryPlan, RootSelection, Selection } from './plan.ts';
import { decodeToken, type Token } from './position-token.ts';
import { printChanges, printQuery, printRequest, type Request } from './print-query.ts';
import type { ProducedRecord } from './generate-history.ts';
import { roundLimits } from './round-gateway.ts';
import { everything } from './everything.ts';
import { pageAt } from './page-at.ts';
import { Failure } from './run-round.ts';
import { printSchema } from './schema-text.ts';
import type { Round } from './script.ts';
import { tableOf } from './spec.ts';
import { topicsOf } from './tables-of.ts';
import { WireClient, type WireSubscription } from './wire-client.ts';
import { WireLog } from './wire-log.ts';

export type CreateGateway = (options: Partial<GatewayOptions>) => Promise<Gateway>;

export const wireLimits = {
  ...roundLimits,
  maxAliases: 1000,
  maxMessageBytes: 10_000_000,
};

/** Where a round's records are written, by another program than the gateway. */
export interface WireTopics {
  /** Those that count, each partition's in the order of their offsets. */
  readonly records: readonly LogRecord[];
  /** Greatest offset that the writer was told, by `topic/partition`. */
  readonly acknowledged: ReadonlyMap<string, number>;
  write(records: readonly ProducedRecord[]): Promise<void>;
  /** Afterwards nothing keeps a reader from what was acknowledged. */
  settle?(): Promise<void>;
}

export interface WireGateway {
  /** Another one after a restart. */
  readonly url: string;
  /** Ends the gateway and starts it again on its store. Absent: only connections fail. */
  restart?(): Promise<void>;
}

interface WireLive {
  readonly id: string;
  readonly plan: QueryPlan;
  readonly request: Request;
  subscription: WireSubscription;
  version: number;
  offsets: Offsets;
  last: Json | undefined;
}

interface WireStream {
  readonly id: string;
  readonly plan: ChangesPlan;
  subscription: WireSubscription;
  /** What the client holds: the row's answer by its id. */
  readonly rows: Map<string, Json>;
  position: string | undefined;
}

/**
 * The same steps through HTTP, WebSockets and the embedded log's files, where nobody says which records one commit
 * holds: every answer is compared with the naive fold up to the offsets of its own position.
 */
export async function runWireRound(round: Round, createGateway: CreateGateway): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-wire-'));
  try {
    mkdirSync(join(directory, 'schema'));
    writeFileSync(join(directory, 'schema', 'schema.graphql'), printSchema(round.schema));
    const log = new WireLog(join(directory, 'log'), round.schema);
    const gateway = await createGateway({
      schema: join(directory, 'schema', '*.graphql'),
      source: { kind: 'log', directory: join(directory, 'log') },
      data: join(directory, 'data'),
      port: 0,
      limits: wireLimits,
    });
    try {
      await runWireSteps(round, { url: gateway.url }, log);
    } finally {
      await gateway.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The round's steps against a gateway that serves its schema and reads where its records are written. */
export async function runWireSteps(round: Round, gateway: WireGateway, topics: WireTopics): Promise<WireCounts> {
  const runner = new WireRunner(round, gateway, topics);
  await runner.run();
  return runner.counts;
}

export interface WireCounts {
  pulls: number;
  frames: number;
  messages: number;
}

class WireRunner {
  readonly counts: WireCounts = { pulls: 0, frames: 0, messages: 0 };
  readonly #round: Round;
  readonly #gateway: WireGateway;
  readonly #log: WireTopics;
  readonly #meanings: Meanings;
  readonly #tokens = new Tokens();
  readonly #lives: WireLive[] = [];
  readonly #streams: WireStream[] = [];
  #client: WireClient | undefined;
  /** Settles when the gateway is back; undefined while it is there. */
  #back: Promise<void> | undefined;

  constructor(round: Round, gateway: WireGateway, log: WireTopics) {
    this.#round = round;
    this.#gateway = gateway;
    this.#log = log;
    this.#meanings = new Meanings(round.schema);
  }

  async run(): Promise<void> {
    this.#client = await this.#connect();
    for (const step of this.#round.steps) {
      // Records are written while the gateway is away, too.
      if (step.kind !== 'commit') await this.#online();
      if (step.kind === 'commit') await this.#log.write(step.records);
      else if (step.kind === 'pull') await this.#pull({ roots: step.roots }, step.seed);
      else if (step.kind === 'page') {
        const root = pageAt(this.#tokens, step.root, step.choice);
        if (root !== undefined) await this.#pull({ roots: [root] }, step.seed);
      } else if (step.kind === 'live') this.#open({ roots: [step.root] }, step.id, step.seed);
      else if (step.kind === 'changes' || step.kind === 'follow') this.#openStream(step.plan, step.id, step.seed);
      else if (step.kind === 'restart') this.#leave();
      this.#checkAll();
    }
    await this.#online();
    await this.#finish();
    await this.#client.close();
  }

  #connect(): Promise<WireClient> {
    return WireClient.connect(this.#gateway.url.replace(/^http/, 'ws'));
  }

  get #connected(): WireClient {
    if (this.#client === undefined) throw new Error('not connected');
    return this.#client;
  }

  #world(offsets: Offsets): World {
    return new World(this.#round.schema, this.#log.records, offsets, this.#meanings);
  }

  async #pull(plan: QueryPlan, seed: number): Promise<void> {
    const request = printQuery(this.#round.schema, plan, 'query', seed);
    // What was acknowledged before must be in the answer.
    await this.#log.settle?.();
    const topics = topicsOf(this.#round.schema, plan);
    const offsets = [...this.#log.acknowledged].flatMap(([id, offset]) => {
      const cut = id.lastIndexOf('/');
      const topic = id.slice(0, cut);
      return topics.has(topic) ? [{ topic, partition: Number(id.slice(cut + 1)), offset: String(offset) }] : [];
    });
    const extensions = offsets.length === 0 ? {} : { extensions: { atLeast: { offsets, timeoutMs: 10_000 } } };
    const response = await fetch(this.#gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: request.document, variables: request.variables, ...extensions }),
    });
    const json = parseJson(await response.text());
    const token = this.#check('pull', request, plan, json);
    for (const { topic, partition, offset } of offsets) {
      if ((token.offsets.get(`${topic}/${partition}`) ?? 0) <= Number(offset))
        this.#fail(`the answer does not have ${topic}/${partition} at ${offset}`, request);
    }
    this.counts.pulls += 1;
  }

  #open(plan: QueryPlan, id: number, seed: number): void {
    const request = printQuery(this.#round.schema, plan, 'subscription', seed);
    const subscription = this.#connected.subscribe(`l${id}`, request.document, request.variables);
    this.#lives.push({ id: `l${id}`, plan, request, subscription, version: -1, offsets: new Map(), last: undefined });
  }

  #openStream(plan: ChangesPlan, id: number, seed: number): void {
    // A related row's change is no change of this row: what a client holds of it may be old.
    const select = plan.select.filter((s): s is Extract<Selection, { kind: 'column' }> => s.kind === 'column');
    const own: ChangesPlan = { table: plan.table, where: plan.where, select, previous: plan.previous };
    if (select.length === 0) return;
    const { document, variables } = printChanges(this.#round.schema, own, { snapshot: true }, seed);
    const subscription = this.#connected.subscribe(`s${id}`, document, variables);
    this.#streams.push({ id: `s${id}`, plan: own, subscription, rows: new Map(), position: undefined });
  }

  #leave(): void {
    if (this.#back !== undefined) return;
    this.#back = this.#gateway.restart?.() ?? Promise.resolve();
    // Whoever comes next waits for it and hears of a failure.
    this.#back.catch(() => {});
  }

  /** As a client whose network failed: live queries are asked again, change streams resume. */
  async #online(): Promise<void> {
    if (this.#back === undefined) return;
    await this.#back;
    this.#back = undefined;
    await this.#connected.close();
    this.#checkAll();
    this.#client = await this.#connect();
    for (const live of this.#lives) {
      live.subscription = this.#connected.subscribe(live.id, live.request.document, live.request.variables);
      // The first frame may say again what was known, and nothing older.
      live.version -= 1;
    }
    for (const stream of this.#streams) {
      const start = stream.position === undefined ? { snapshot: true } : { after: stream.position };
      const { document, variables } = printChanges(this.#round.schema, stream.plan, start, 1);
      stream.subscription = this.#connected.subscribe(stream.id, document, variables);
    }
  }

  #checkAll(): void {
    for (const live of this.#lives) {
      for (const text of live.subscription.frames.splice(0)) {
        const json = member(parseJson(text), 'payload') ?? jsonNull;
        const token = this.#check('frame', live.request, live.plan, json);
        if (token.version <= live.version) this.#fail(`version ${token.version} after ${live.version}`, live.request);
        for (const [id, next] of live.offsets) {
          if ((token.offsets.get(id) ?? 0) < next) this.#fail(`${id} was at ${next}: ${printJson(json)}`, live.request);
        }
        live.version = token.version;
        live.offsets = token.offsets;
        live.last = json;
        this.counts.frames += 1;
      }
      if (live.subscription.ended !== undefined) this.#fail(`ended: ${live.subscription.ended}`, live.request);
    }
    for (const stream of this.#streams) {
      for (const text of stream.subscription.frames.splice(0)) this.#apply(stream, text);
      if (stream.subscription.ended !== undefined) this.#fail(`stream ended: ${stream.subscription.ended}`);
    }
  }

  /** What a client that keeps rows by id does with a message. */
  #apply(stream: WireStream, text: string): void {
    const data = member(member(parseJson(text), 'payload') ?? jsonNull, 'data') ?? jsonNull;
    const message = member(data, `${tableOf(this.#round.schema, stream.plan.table).singular}Changes`);
    const changes = message === undefined ? undefined : member(message, 'changes');
    if (message === undefined || changes?.t !== 'arr') return this.#fail(`a message without changes: ${text}`);
    for (const change of changes.items) {
      const id = printJson(member(change, 'rowId') ?? jsonNull);
      const operation = printJson(member(change, 'operation') ?? jsonNull);
      const known = stream.rows.has(id);
      if (known === (operation === '"INSERT"'))
        this.#fail(`${operation} of ${id}, which is ${known ? '' : 'not '}there`);
      if (operation === '"DELETE"') stream.rows.delete(id);
      else stream.rows.set(id, member(change, 'node') ?? jsonNull);
    }
    this.counts.messages += 1;
    const position = member(message, 'position');
    if (position?.t !== 'str') return this.#fail(`a message without position: ${text}`);
    stream.position = position.value;
    // The parts of a large commit carry the position before it.
    const complete = member(message, 'complete');
    if (complete?.t === 'bool' && !complete.value) return;
    const found = this.#heldWrongly(this.#world(decodeToken(position.value).offsets), stream);
    if (found !== undefined) this.#fail(`after ${text}: ${found}`);
  }

  /** Undefined where the client holds what the tables hold. */
  #heldWrongly(world: World, { plan, rows, id }: WireStream): string | undefined {
    const table = tableOf(world.schema, plan.table);
    const items = filtered(world, table, world.rows(table), plan.where).map((row): Expected =>
      rowAnswer(world, table, plan.select, row),
    );
    const found = difference({ t: 'arr', anyOrder: true, items }, jsonList([...rows.values()]), this.#tokens);
    return found === undefined ? undefined : `change stream ${id} of ${table.name}: ${found}`;
  }

  /** Compares an answer with the fold up to its own position. */
  #check(what: string, request: Request, plan: QueryPlan, json: Json): Token {
    if (member(json, 'errors') !== undefined) this.#fail(`${what}: ${printJson(json)}`, request);
    const position = member(member(json, 'extensions') ?? jsonNull, 'position');
    if (position?.t !== 'str') return this.#fail(`${what} without position: ${printJson(json)}`, request);
    const token = decodeToken(position.value);
    const found = difference(answer(this.#world(token.offsets), plan), member(json, 'data'), this.#tokens);
    if (found !== undefined) this.#fail(`${what}: ${found}`, request);
    return token;
  }

  /** Everything written arrives everywhere. */
  async #finish(): Promise<void> {
    const { schema } = this.#round;
    const roots = schema.tables.map((table, i): RootSelection => ({
      kind: 'list',
      table: table.name,
      alias: `all${i}`,
      args: { limit: 1000 },
      select: everything(table),
    }));
    await this.#pull({ roots }, 0);
    const world = this.#world(new Map(this.#log.records.map((r) => [`${r.topic}/${r.partition}`, r.offset + 1])));
    await this.#checkBad();
    const deadline = Date.now() + 15_000;
    for (;;) {
      this.#checkAll();
      // What has not come yet is compared with rows of the same places: nothing is to be learnt from that.
      const late = this.#tokens.dry(() => this.#late(world));
      if (late === undefined) return;
      if (Date.now() > deadline) this.#fail(`not all arrived in time: ${late}`);
      await this.#connected.hear(250);
    }
  }

  /** Every bad record was counted, once. */
  async #checkBad(): Promise<void> {
    const response = await fetch(this.#gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ _meta { tables { name gaps bad { count } } } }' }),
    });
    const { data } = (await response.json()) as {
      data: { _meta: { tables: { name: string; gaps: string; bad: { count: string }[] }[] } };
    };
    for (const { name, gaps, bad } of data._meta.tables) {
      const table = tableOf(this.#round.schema, name);
      const counted = bad.reduce((sum, { count }) => sum + Number(count), 0);
      const expected = this.#log.records.filter(
        (record) => record.topic === table.topic && this.#meanings.of(table, record).kind === 'bad',
      ).length;
      // A record that is bad in one column and not accepted by another may be called either.
      const wrong = table.accept === undefined ? counted !== expected : counted > expected;
      if (wrong) this.#fail(`${name} counts ${counted} bad records of ${expected}`);
      if (gaps !== '0') this.#fail(`${name} has ${gaps} gaps`);
    }
  }

  #late(world: World): string | undefined {
    for (const { plan, last, request } of this.#lives) {
      const found =
        last === undefined ? 'no frame' : difference(answer(world, plan), member(last, 'data'), this.#tokens);
      if (found !== undefined) return `${found}\n${printRequest(request)}`;
    }
    for (const stream of this.#streams) {
      const found = this.#heldWrongly(world, stream);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #fail(problem: string, request?: Request): never {
    throw new Failure(`over the wire: ${problem}${request === undefined ? '' : `\n${printRequest(request)}`}`);
  }
}

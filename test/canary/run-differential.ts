import { createTestGateway, type TestGateway, type TestResult, type TestSubscription } from '../../src/testing.ts';
import { createRandom, type Random } from '../support/random.ts';
import { generateKeys, HistoryGenerator } from './generate-history.ts';
import { generatePrincipals } from './generate-principals.ts';
import { generateRequest } from './generate-request.ts';
import { generateSchema } from './generate-schema.ts';
import { printSchema } from './print-schema.ts';
import { toRecords } from './records.ts';
import { cursorsIn, type Cursor, type Request } from './request.ts';
import { hasGuardedColumns, isRestricted, type Principal } from './sight.ts';
import { operations, type SchemaSpec, type TableSpec } from './spec.ts';
import type { Commit } from './state.ts';
import { Mint } from './tokens.ts';
import { findVariations, varied, type Variation } from './vary.ts';
import { callerOf, Failure, printRequest, versionOf } from './wire.ts';
import { World } from './world.ts';

export interface DifferentialCounts {
  rounds: number;
  texts: number;
  bytes: number;
  variations: number;
}

const commits = 7;
const generous = { maxCost: 1e12, maxTokens: 10_000, maxDocumentLength: 100_000 };

/**
 * Two gateways whose data differ only in what a caller may not read: whatever it asks, it gets the same bytes from both. Throws
 * Failure. `keep`: of the differences found, those to make; undefined: all.
 */
export async function runDifferential(
  seed: number,
  counts: DifferentialCounts,
  keep?: ReadonlySet<number>,
): Promise<readonly Variation[]> {
  const random = createRandom(seed);
  const schema = generateSchema(random);
  const mint = new Mint(random);
  const keys = generateKeys(random, schema, mint);
  const generator = new HistoryGenerator(random, schema, mint, keys);
  const [principal = { name: 'nobody' }] = generatePrincipals(
    random,
    random.int(8) === 0 ? 1 : 2,
    [...keys.values()].flat().map(([first]) => first),
  );
  const history = Array.from({ length: commits }, (_, i) =>
    i === 0 ? generator.first() : generator.commit(1 + random.int(6)),
  );
  const found = findVariations({ random, schema, principal, generator }, history, 60);
  const variations = found.filter((_, i) => keep?.has(i) !== false);
  const schemaText = printSchema(schema);
  const one = await createTestGateway({ schema: schemaText, limits: generous });
  const other = await createTestGateway({ schema: schemaText, limits: generous });
  try {
    const pair = new Pair(one, other, principal, counts);
    await runScript(createRandom(seed ^ 0x5eed), pair, schema, mint, [history, varied(history, variations)]);
    counts.rounds += 1;
    counts.variations += variations.length;
  } catch (error) {
    if (error instanceof Failure) error.message += `\n\n${printVariations(history, variations)}\n\n${schemaText}`;
    throw error;
  } finally {
    await one.close();
    await other.close();
  }
  return variations;
}

async function runScript(
  random: Random,
  pair: Pair,
  schema: SchemaSpec,
  mint: Mint,
  [history, otherHistory]: readonly [readonly Commit[], readonly Commit[]],
): Promise<void> {
  const worlds = [new World(schema, mint, 0), new World(schema, mint, 0)];
  for (const [i, commit] of history.entries()) {
    const otherCommit = otherHistory[i] ?? [];
    await pair.commit(schema, i, commit, otherCommit);
    worlds[0]?.add(commit, i);
    worlds[1]?.add(otherCommit, i);
    if (random.int(8) === 0) await pair.restart();
    for (let asked = 0; asked < 8; asked += 1) {
      const operation = random.pick(['QUERY', 'QUERY', ...operations] as const);
      // What it guesses is right about the one or about the other.
      const asking = random.pick(worlds).asking(random, pair.principal, operation);
      // What is derived from other tables is made of all of their rows: whoever may read all of it may know in which order.
      const follows = (table: TableSpec): boolean =>
        table.origin.kind === 'topic' || isRestricted(schema, table, pair.principal, 'CHANGES');
      // When a row was written is asked where that is the row's own time: not of derived tables, where another row's record
      // counts; not where columns are guarded, which may have been written alone (a known leak of a time, and of nothing else);
      // and not of what is read whole, where a deletion has the time of the first of a commit's records on the way to it.
      const times = (table: TableSpec): boolean =>
        table.origin.kind === 'topic' &&
        isRestricted(schema, table, pair.principal, 'CHANGES') &&
        !hasGuardedColumns(schema, table, pair.principal, 'CHANGES');
      const { cursors, positions } = pair;
      const request = generateRequest({ ...asking, operation, cursors, positions, follows, times });
      if (request.operation === 'QUERY') await pair.query(request);
      else await pair.subscribe(request);
    }
  }
}

/** Both gateways, asked the same by the same caller. */
class Pair {
  readonly principal: Principal;
  readonly cursors: Cursor[] = [];
  /** Those of the first; the second has the same with the id of its store. */
  readonly positions: string[] = [];
  readonly #gateways: readonly [TestGateway, TestGateway];
  readonly #counts: DifferentialCounts;
  readonly #stores: readonly [string, string];
  #open: Listening[] = [];

  constructor(one: TestGateway, other: TestGateway, principal: Principal, counts: DifferentialCounts) {
    this.#gateways = [one, other];
    this.principal = principal;
    this.#counts = counts;
    this.#stores = [storeOf(one), storeOf(other)];
  }

  async commit(schema: SchemaSpec, number: number, one: Commit, other: Commit): Promise<void> {
    await this.#gateways[0].produce(toRecords(schema, one, number));
    await this.#gateways[1].produce(toRecords(schema, other, number));
    if (versionOf(this.#gateways[0]) !== versionOf(this.#gateways[1]))
      throw new Error('the gateways do not count alike');
    for (const listening of this.#open) {
      this.#compareFrames(listening);
      const { frames, request } = listening;
      if (frames[0].length !== frames[1].length)
        throw this.#failure(request, printFrames(frames[0]), printFrames(frames[1]));
    }
  }

  async query(request: Request): Promise<void> {
    const [one, other] = await this.#both(
      (gateway, mine) => gateway.query(mine.document, { ...mine.variables }),
      request,
    );
    this.#compare(request, one, other);
    this.cursors.push(...cursorsIn(request, one.data));
  }

  async subscribe(request: Request): Promise<void> {
    const subscriptions = await this.#both(
      (gateway, mine) => gateway.subscribe(mine.document, { ...mine.variables }),
      request,
    );
    const listening: Listening = { request, subscriptions, frames: [[], []] };
    this.#open.push(listening);
    // A stream that resumes has been told of what it missed when it says so, and not before.
    for (let turns = 0; !this.#isLive(listening); turns += 1) {
      if (turns === 1_000)
        throw this.#failure(request, printFrames(listening.frames[0]), printFrames(listening.frames[1]));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #isLive(listening: Listening): boolean {
    this.#compareFrames(listening);
    const { frames, request, subscriptions } = listening;
    return subscriptions.every(
      ({ completed }, i) =>
        completed ||
        request.operation === 'LIVE' ||
        (frames[i]?.some(({ text }) => text.includes('"live":true')) ?? false),
    );
  }

  async restart(): Promise<void> {
    this.#open = [];
    for (const gateway of this.#gateways) await gateway.restart();
  }

  async #both<T>(
    ask: (gateway: Pick<TestGateway, 'query' | 'subscribe'>, request: Request) => Promise<T>,
    request: Request,
  ): Promise<readonly [T, T]> {
    const [one, other] = this.#gateways;
    return [
      await ask(callerOf(one, this.principal), request),
      await ask(callerOf(other, this.principal), this.#inOtherStore(request)),
    ];
  }

  #inOtherStore(request: Request): Request {
    const variables = Object.entries(request.variables).map(([name, value]) => [
      name,
      typeof value === 'string' && isPosition(value, this.#stores[0])
        ? rewritten(value, this.#stores[0], this.#stores[1])
        : value,
    ]);
    return { ...request, variables: Object.fromEntries(variables) as Request['variables'] };
  }

  #compareFrames({ frames, request, subscriptions }: Listening): void {
    const [one, other] = frames;
    const compared = Math.min(one.length, other.length);
    one.push(...subscriptions[0].frames());
    other.push(...subscriptions[1].frames());
    for (let i = compared; i < Math.min(one.length, other.length); i += 1) this.#compare(request, one[i], other[i]);
  }

  #compare(request: Request, one: TestResult | undefined, other: TestResult | undefined): void {
    this.#counts.texts += 2;
    this.#counts.bytes += (one?.text.length ?? 0) + (other?.text.length ?? 0);
    const text = one && normalized(one.text, this.#stores[0]);
    const otherText = other && normalized(other.text, this.#stores[1]);
    if (text !== otherText) throw this.#failure(request, text, otherText);
    for (const [position] of (one?.text ?? '').matchAll(wrapped))
      if (isPosition(position, this.#stores[0])) this.positions.push(position);
  }

  #failure(request: Request, one: unknown, other: unknown): Failure {
    return new Failure(
      `Data that the caller may not read make a difference to it.\n${printRequest(this.principal, request)}\n${String(one)}\n${String(other)}`,
    );
  }
}

/** The same subscription at both, and what came so far. */
interface Listening {
  readonly request: Request;
  readonly subscriptions: readonly [TestSubscription, TestSubscription];
  readonly frames: readonly [TestResult[], TestResult[]];
}

function printFrames(frames: readonly TestResult[]): string {
  return frames.map(({ text }) => text).join('\n');
}

const wrapped = /[\w-]{20,}/g;

/** Stores have ids of their own; all else of a position is equal. */
function normalized(text: string, store: string): string {
  return text.replaceAll(wrapped, (run) => (isPosition(run, store) ? rewritten(run, store, 'store') : run));
}

function isPosition(text: string, store: string): boolean {
  return Buffer.from(text, 'base64url').toString().startsWith(`["${store}",`);
}

function rewritten(position: string, from: string, to: string): string {
  const text = Buffer.from(position, 'base64url').toString();
  return Buffer.from(text.replace(`["${from}"`, `["${to}"`)).toString('base64url');
}

function storeOf(gateway: TestGateway): string {
  const snapshot = gateway.store.snapshot();
  const { storeId } = snapshot;
  snapshot.release();
  return storeId;
}

function printVariations(commits: readonly Commit[], variations: readonly Variation[]): string {
  return variations
    .map(
      ({ commit, record, instead }, i) =>
        `${i}: ${JSON.stringify(commits[commit]?.[record])}\nor ${JSON.stringify(instead)}`,
    )
    .join('\n');
}

import { createTestGateway, type TestGateway } from '../../src/testing.ts';
import { createRandom, type Random } from '../support/random.ts';
import { dumpFor, expectDump } from './dump.ts';
import { generateKeys, HistoryGenerator } from './generate-history.ts';
import { changedIdentity, generatePrincipals } from './generate-principals.ts';
import { generateRequest, watchRequest } from './generate-request.ts';
import { generateSchema } from './generate-schema.ts';
import { Listener } from './listener.ts';
import { misplaced } from './order.ts';
import { printSchema } from './print-schema.ts';
import { toRecords } from './records.ts';
import { cursorsIn, type Cursor, type Request } from './request.ts';
import { mayRead, type Principal } from './sight.ts';
import { isKept, operations, type TableSpec } from './spec.ts';
import type { Commit } from './state.ts';
import { Mint } from './tokens.ts';
import {
  callerOf,
  checkText,
  decodePosition,
  Failure,
  printRequest,
  versionIn,
  versionOf,
  type Counts,
} from './wire.ts';
import { Watch } from './watch.ts';
import { World } from './world.ts';

const commits = 9;

/** One schema and history, and a few callers who ask, listen, come back, guess and try. Throws Failure. */
export async function runCanary(seed: number, counts: Counts): Promise<void> {
  const random = createRandom(seed);
  const schema = generateSchema(random);
  const small = random.int(5) === 0;
  const limits = {
    maxCost: 1e12,
    maxTokens: 10_000,
    maxDocumentLength: 100_000,
    ...(small ? { scanLimit: 3, snapshotLimit: 3, maxRowsRead: 40 } : {}),
    ...(random.int(4) === 0 ? { maxChangesPerMessage: 2 } : {}),
  };
  const gateway = await createTestGateway({ schema: printSchema(schema), limits });
  try {
    await new CanaryRound(
      random,
      gateway,
      new World(schema, new Mint(random), versionOf(gateway)),
      counts,
      small,
    ).run();
  } catch (error) {
    if (error instanceof Failure) error.message += `\n\n${printSchema(schema)}`;
    throw error;
  } finally {
    await gateway.close();
  }
}

class CanaryRound {
  readonly #random: Random;
  readonly #gateway: TestGateway;
  readonly #world: World;
  readonly #counts: Counts;
  /** Limits are so low that much is refused for its size. */
  readonly #small: boolean;
  readonly #history: HistoryGenerator;
  readonly #rowKeys: readonly unknown[];
  readonly #cursors: Cursor[] = [];
  readonly #positions: string[] = [];
  #principals: readonly Principal[];
  #listeners: Listener[] = [];

  constructor(random: Random, gateway: TestGateway, world: World, counts: Counts, small: boolean) {
    const keys = generateKeys(random, world.schema, world.mint);
    this.#random = random;
    this.#gateway = gateway;
    this.#world = world;
    this.#counts = counts;
    this.#small = small;
    this.#history = new HistoryGenerator(random, world.schema, world.mint, keys);
    this.#rowKeys = [...keys.values()].flat().map(([first]) => first);
    this.#principals = generatePrincipals(random, 4, this.#rowKeys);
  }

  async run(): Promise<void> {
    const random = this.#random;
    for (let i = 0; i < commits; i += 1) {
      await this.#commit(i === 0 ? this.#history.first() : this.#history.commit(1 + random.int(6)));
      if (random.int(8) === 0) await this.#restart();
      for (const principal of this.#principals) {
        const dumped = i % 4 === 3 ? this.#kept : [random.pick(this.#kept)];
        for (const table of dumped) await this.#dump(principal, table);
        for (let asked = 0; asked < 3; asked += 1) await this.#query(principal);
      }
      await this.#listen(random.pick(this.#principals));
      await this.#listen(random.pick(this.#principals));
      await this.#watch(random.pick(this.#principals));
      if (random.int(3) === 0) await this.#moveOn();
    }
    for (const listener of this.#listeners) await this.#read(listener);
    this.#counts.rounds += 1;
    this.#counts.canaries += this.#world.mint.size;
  }

  async #commit(commit: Commit): Promise<void> {
    await this.#gateway.produce(toRecords(this.#world.schema, commit, this.#world.newest));
    this.#world.add(commit, versionOf(this.#gateway));
    this.#check();
  }

  #check(): void {
    for (const listener of this.#listeners) {
      listener.check();
      if (listener.position !== undefined) this.#positions.push(listener.position);
    }
  }

  get #kept(): readonly TableSpec[] {
    return this.#world.schema.tables.filter((table) => isKept(table) && !table.hidden);
  }

  async #dump(principal: Principal, table: TableSpec): Promise<void> {
    const { schema } = this.#world;
    if (table.expose.query) {
      const request = dumpFor(schema, table, principal, 'QUERY');
      const answer = await this.#ask(principal, request);
      expectDump(this.#world, principal, table, request, answer, this.#world.newest);
    }
    if (table.expose.live && this.#random.int(6) === 0) {
      await this.#subscribe(principal, dumpFor(schema, table, principal, 'LIVE'), { table });
    }
  }

  async #query(principal: Principal): Promise<void> {
    await this.#ask(principal, this.#generate(principal, 'QUERY'));
  }

  #generate(principal: Principal, operation: Request['operation']): Request {
    const asking = this.#world.asking(this.#random, principal, operation);
    return generateRequest({ ...asking, operation, cursors: this.#cursors, positions: this.#positions });
  }

  async #ask(principal: Principal, request: Request) {
    const answer = await callerOf(this.#gateway, principal).query(request.document, { ...request.variables });
    const version = versionIn(answer);
    const commit = version === undefined ? this.#world.newest : this.#world.commitAt(version);
    const allowed = this.#world.canaries(principal, 'QUERY', commit);
    checkText(this.#world.mint, answer, { principal, request, allowed, at: `commit ${commit}` }, this.#counts);
    const wrong = misplaced(request, answer.data);
    if (wrong !== undefined) throw new Failure(`${wrong}\n${printRequest(principal, request)}`);
    this.#cursors.push(...cursorsIn(request, answer.data));
    return answer;
  }

  async #listen(principal: Principal): Promise<void> {
    const request = this.#generate(principal, this.#random.pick(operations.slice(1)));
    await this.#subscribe(principal, request, {});
    // Others who ask the same: what they may know is another matter.
    if (this.#random.int(2) === 0) await this.#subscribe(this.#random.pick(this.#principals), request, {});
  }

  async #subscribe(
    principal: Principal,
    request: Request,
    { table, watch }: { readonly table?: TableSpec; readonly watch?: Watch },
  ): Promise<void> {
    const subscription = await callerOf(this.#gateway, principal).subscribe(request.document, { ...request.variables });
    const listener = new Listener(this.#world, this.#counts, { principal, request, subscription, table, watch });
    this.#listeners.push(listener);
    listener.check();
  }

  async #watch(principal: Principal): Promise<void> {
    const { schema } = this.#world;
    const tables = schema.tables.filter(({ expose, hidden }) => !hidden && expose.changes);
    if (tables.length === 0) return;
    const table = this.#random.pick(tables);
    await this.#watchTable(principal, table);
  }

  async #watchTable(principal: Principal, table: TableSpec, from?: { after: string; as: Principal }): Promise<void> {
    const snapshot = isKept(table) && !this.#small && this.#random.int(2) === 0;
    const request = watchRequest(table, { snapshot, ...(from === undefined ? {} : { after: from.after }) });
    const resumes = from && { after: this.#world.commitAt(decodePosition(from.after).version), as: from.as };
    const refused = !mayRead(this.#world.schema, table, principal, 'CHANGES');
    await this.#subscribe(principal, request, {
      table,
      ...(refused ? {} : { watch: new Watch(this.#world, principal, table, { resumes, snapshot }) }),
    });
  }

  /** Listeners stop reading, go on reading, leave, and come back where they were: some of them as somebody else by then. */
  async #moveOn(): Promise<void> {
    const random = this.#random;
    const going = this.#listeners.filter(({ subscription }) => !subscription.completed && random.int(3) === 0);
    for (const listener of going) {
      if (listener.stalled) await this.#read(listener);
      else if (random.int(2) === 0) {
        listener.stalled = true;
        listener.subscription.stall();
      } else {
        listener.subscription.stop();
        this.#listeners = this.#listeners.filter((each) => each !== listener);
        await this.#comeBack(listener);
      }
    }
    this.#principals = this.#principals.map((principal) =>
      principal.identity === undefined || random.int(6) > 0
        ? principal
        : { ...principal, identity: changedIdentity(random, principal.identity, this.#rowKeys) },
    );
  }

  async #comeBack({ position, principal, table }: Listener): Promise<void> {
    if (table === undefined || position === undefined) return;
    const now = this.#principals.find(({ name }) => name === principal.name) ?? principal;
    await this.#watchTable(now, table, { after: position, as: principal });
  }

  async #read(listener: Listener): Promise<void> {
    if (listener.stalled) {
      listener.stalled = false;
      await listener.subscription.read();
      await this.#gateway.settled();
    }
    listener.check();
  }

  async #restart(): Promise<void> {
    const gone = this.#listeners.splice(0);
    await this.#gateway.restart();
    for (const listener of gone) await this.#comeBack(listener);
  }
}

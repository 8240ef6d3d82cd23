import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestGateway, type TestGateway } from '../../../src/testing.ts';
import { answer } from '../answer.ts';
import type { LogRecord, Offsets, Tick } from '../naive.ts';
import type { RootSelection } from '../plan.ts';
import { printQuery } from '../print-query.ts';
import { RoundGateway, roundLimits as limits } from '../round-gateway.ts';
import { everything } from '../everything.ts';
import { Runner, type Restarted, type RoundCounts } from '../run-round.ts';
import type { TableSpec } from '../spec.ts';
import { DerivedWorld } from './naive.ts';
import { printDerivedSchema } from './schema-text.ts';
import type { DerivedRound } from './script.ts';
import { baseOf, isKept, tableNamed, type AnyTable, type DerivedSchema } from './spec.ts';

export interface DerivedCounts extends RoundCounts {
  /** Rows of derived tables when rounds ended. */
  rows: number;
  closed: number;
  late: number;
}

export const noCounts = (): DerivedCounts => ({
  commits: 0,
  pulls: 0,
  frames: 0,
  messages: 0,
  rows: 0,
  closed: 0,
  late: 0,
});

/** Knows derived tables; else it does what every runner does. */
class DerivedRunner extends Runner {
  readonly #schema: DerivedSchema;

  constructor(
    schema: DerivedSchema,
    gateway: Restarted,
    counts: RoundCounts,
    asked?: Pick<DerivedRound, 'callers' | 'limits'>,
  ) {
    super(schema, gateway, counts, asked);
    this.#schema = schema;
  }

  protected override worldAt(log: readonly LogRecord[], offsets: Offsets): DerivedWorld {
    return new DerivedWorld(this.#schema, log, offsets, this.meanings);
  }

  /** Buckets close by the clock, too, and are removed by it. */
  protected override moved(nowMs: number): Tick | undefined {
    const { world } = this.newest;
    const { clock, readTo } = super.moved(nowMs) ?? { clock: new Map(), readTo: new Map() };
    const times = { clock: new Map(clock), readTo: new Map(readTo) };
    for (const table of this.#schema.tables) {
      if (table.derivation?.kind !== 'aggregation' || table.clock === undefined) continue;
      if (!(world instanceof DerivedWorld)) continue;
      const { retentionMs = Infinity } = table;
      const { graceMs = Infinity } = table.derivation.window ?? {};
      const closedMs = world.readToMs(table) - graceMs;
      const ends = world.rows(table).map(({ timestampMs }) => timestampMs);
      const removes = ends.some((endMs) => endMs <= nowMs - retentionMs);
      const closes = ends.some((endMs) => endMs > closedMs && endMs <= nowMs - graceMs);
      if (removes || closes) times.clock.set(table.name, nowMs);
      if (closes) times.readTo.set(table.name, nowMs);
    }
    return times.clock.size === 0 ? undefined : times;
  }

  protected override get shown(): readonly TableSpec[] {
    return this.#schema.tables.filter((table) => isKept(this.#schema, table));
  }

  /** Every record that came too late for a bucket is a dead letter of the aggregation, once. */
  checkEnd(counts: DerivedCounts): void {
    const { world } = this.newest;
    const snapshot = this.gateway.store.snapshot();
    try {
      for (const table of this.#schema.tables) {
        if (table.derivation === undefined || !(world instanceof DerivedWorld)) continue;
        const rows = world.rows(table);
        counts.rows += rows.length;
        counts.closed += rows.filter((row) => row.values.get('closed') === true).length;
        if (table.derivation.kind === 'view') continue;
        const known = this.gateway.catalog.tablesByName.get(table.name);
        const letters = known === undefined ? undefined : (snapshot.state(known).bad['LATE'] ?? 0);
        const late = world.lateRecords(table);
        if (letters !== late)
          this.fail(`${table.name} has ${letters} dead letters for being late, and should have ${late}`);
        counts.late += late;
      }
    } finally {
      snapshot.release();
    }
  }

  /** Whether the rows of all tables are those after these records, which another runner has produced. */
  async check(records: readonly LogRecord[], offsets: Offsets): Promise<void> {
    const roots = this.shown.map((table, i): RootSelection => ({
      kind: 'list',
      table: table.name,
      alias: `all${i}`,
      args: { limit: 1000 },
      select: everything(table),
    }));
    const request = printQuery(this.#schema, { roots }, 'query', 0);
    const result = await this.gateway.query(request.document, request.variables);
    this.compare('added later', request, result, answer(this.worldAt(records, offsets), { roots }));
  }
}

const mayIndex = (schema: DerivedSchema, table: string): boolean => isKept(schema, tableNamed(schema, table));

/** Runs a round's steps against a gateway and compares everything it says with the naive evaluation, commit by commit. */
export async function runDerivedRound(round: DerivedRound, counts: DerivedCounts): Promise<void> {
  await RoundGateway.run(round, { print: printDerivedSchema, mayIndex }, async (gateway) => {
    const runner = new DerivedRunner(round.schema, gateway, counts, round);
    await runner.start();
    await runner.commit(round.opening);
    for (const [i, step] of round.steps.entries()) await runner.step(step, i);
    await runner.finish();
    runner.checkEnd(counts);
  });
}

/**
 * Runs the commits without the derived tables that can be made of rows alone, then opens the same data with them: they have
 * the same rows as if they had been there.
 */
export async function runAddedLater(round: DerivedRound, counts: RoundCounts): Promise<void> {
  const before = withoutLater(round.schema);
  if (before.tables.length === round.schema.tables.length) return;
  const dataDir = mkdtempSync(join(tmpdir(), 'headgate-later-'));
  const commits = round.steps.filter((step) => step.kind === 'commit');
  try {
    const first = await createTestGateway({ schema: printDerivedSchema(before), dataDir, limits });
    const runner = new DerivedRunner(before, once(first), counts);
    let offsets: Offsets = new Map();
    let log: readonly LogRecord[] = [];
    try {
      await runner.start();
      await runner.commit(round.opening);
      for (const { records } of commits) await runner.commit(records);
      ({ offsets } = runner.newest);
      log = runner.commits.flatMap(({ records }) => records);
    } finally {
      await first.close();
    }
    const second = await createTestGateway({ schema: printDerivedSchema(round.schema), dataDir, limits });
    try {
      await new DerivedRunner(round.schema, once(second), counts).check(log, offsets);
    } finally {
      await second.close();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** One that is not restarted. */
const once = (now: TestGateway): Restarted => ({
  now,
  nowMs: 0,
  tick: () => now.tick(),
  trim: () => {},
  restart: () => now.restart(),
});

/** Without those at the end that can be made anew of the rows that their sources have. */
function withoutLater(schema: DerivedSchema): DerivedSchema {
  const tables = [...schema.tables];
  for (let last = tables.at(-1); last !== undefined && isOfRowsAlone(schema, last); last = tables.at(-1)) tables.pop();
  const names = new Set(tables.map(({ name }) => name));
  return {
    ...schema,
    tables: tables.map((table) => ({ ...table, relations: table.relations.filter((r) => names.has(r.target)) })),
  };
}

function isOfRowsAlone(schema: DerivedSchema, table: AnyTable): boolean {
  const { derivation } = table;
  if (derivation === undefined || !isKept(schema, tableNamed(schema, derivation.source))) return false;
  if (derivation.kind === 'view') return true;
  const source = baseOf(schema, tableNamed(schema, derivation.source));
  if (source?.retentionMs !== undefined) return false;
  return derivation.window?.graceMs === undefined && table.retentionMs === undefined;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestGateway, type TestGateway } from '../../src/testing.ts';
import { historyBeginsMs } from './generate-history.ts';
import { reindexed } from './reindex.ts';
import type { Round } from './script.ts';
import type { SchemaSpec } from './spec.ts';

/** What a round's operations need beyond the default limits: a machine that is busy with other tests is slow. */
export const roundLimits = {
  maxDocumentLength: 1_000_000,
  maxTokens: 100_000,
  maxConditions: 100_000,
  maxCost: Number.MAX_SAFE_INTEGER,
  queryTimeoutMs: 60_000,
};

/** What there is to know about schemas of a kind. */
export interface Dialect<S extends SchemaSpec> {
  readonly print: (schema: S) => string;
  /** Whether the table's rows are kept. Default: all are. */
  readonly mayIndex?: (schema: S, table: string) => boolean;
}

type Open = (reindex?: number) => Promise<TestGateway>;

/** A gateway for a round, which is opened again and again on the same data. */
export class RoundGateway {
  readonly #open: Open;
  readonly #clock: { nowMs: number };
  #now: TestGateway;

  private constructor(open: Open, clock: { nowMs: number }, now: TestGateway) {
    this.#open = open;
    this.#clock = clock;
    this.#now = now;
  }

  /** Its data are gone afterwards. */
  static async run<S extends SchemaSpec>(
    { schema, limits }: { readonly schema: S; readonly limits?: Round['limits'] },
    { print, mayIndex }: Dialect<S>,
    run: (gateway: RoundGateway) => Promise<void>,
  ): Promise<void> {
    const dataDir = mkdtempSync(join(tmpdir(), 'headgate-oracle-'));
    const clock = { nowMs: historyBeginsMs };
    const open: Open = (reindex) => {
      const now =
        reindex === undefined ? schema : reindexed(schema, reindex, (table) => mayIndex?.(schema, table) ?? true);
      return createTestGateway({
        schema: print(now),
        dataDir,
        limits: { ...roundLimits, ...limits },
        now: () => clock.nowMs,
      });
    };
    try {
      const gateway = new RoundGateway(open, clock, await open());
      try {
        await run(gateway);
      } finally {
        await gateway.now.close();
      }
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  }

  get now(): TestGateway {
    return this.#now;
  }

  get nowMs(): number {
    return this.#clock.nowMs;
  }

  async tick(nowMs: number): Promise<void> {
    this.#clock.nowMs = nowMs;
    await this.#now.tick();
  }

  trim(nowMs: number): void {
    this.#clock.nowMs = nowMs;
    this.#now.store.trim(nowMs);
  }

  /** `reindex`: with other indexes, drawn by this seed. */
  async restart(reindex: number | undefined): Promise<void> {
    if (reindex === undefined) return this.#now.restart();
    await this.#now.close();
    this.#now = await this.#open(reindex);
  }
}

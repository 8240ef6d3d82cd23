import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestGateway, type TestGateway } from '../../src/testing.ts';
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

/** A gateway for a round, which is opened again and again on the same data. */
export class RoundGateway<S extends SchemaSpec = SchemaSpec> {
  readonly #open: (schema: S) => Promise<TestGateway>;
  readonly #schema: S;
  #now: TestGateway;

  private constructor(open: (schema: S) => Promise<TestGateway>, schema: S, now: TestGateway) {
    this.#open = open;
    this.#schema = schema;
    this.#now = now;
  }

  /** Its data are gone afterwards. */
  static async run<S extends SchemaSpec>(
    { schema, limits }: { readonly schema: S; readonly limits?: Round['limits'] },
    print: (schema: S) => string,
    run: (gateway: RoundGateway<S>) => Promise<void>,
  ): Promise<void> {
    const dataDir = mkdtempSync(join(tmpdir(), 'headgate-oracle-'));
    const open = (each: S): Promise<TestGateway> =>
      createTestGateway({ schema: print(each), dataDir, limits: { ...roundLimits, ...limits } });
    try {
      const gateway = new RoundGateway(open, schema, await open(schema));
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

  /** `reindex`: with other indexes, drawn by this seed. */
  async restart(reindex: number | undefined): Promise<void> {
    if (reindex === undefined) return this.#now.restart();
    await this.#now.close();
    this.#now = await this.#open(reindexed(this.#schema, reindex));
  }
}

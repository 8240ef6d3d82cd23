import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { seedFromEnvironment } from '../support/random.ts';
import { Coverage } from './coverage.ts';
import { printSchema } from './schema-text.ts';
import { generateRound } from './script.ts';
import { runWireRound, type CreateGateway } from './wire-round.ts';

/**
 * A few of the oracle's rounds against the built package: HTTP, WebSockets and files.
 *
 *   HEADGATE_SEED       the first round's seed (printed); default: the tested commit's in CI, else another one every time
 *   HEADGATE_WIRE_RUNS  number of rounds; default 3
 */
const seed = seedFromEnvironment();
const runs = Number(process.env['HEADGATE_WIRE_RUNS'] ?? 3);
const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

test.skipIf(!existsSync(built))(
  'answers over HTTP and WebSockets are what the log says up to their position',
  { timeout: 60_000 + runs * 20_000 },
  async () => {
    const { createGateway } = (await import(built)) as { createGateway: CreateGateway };
    console.log(`oracle over the wire: seed ${seed}`);
    let rounds = 0;
    for (let i = 0; rounds < runs; i += 1) {
      const round = generateRound((seed + i) >>> 0, new Coverage());
      // A line of the embedded log cannot have a key that is no text.
      if (round.schema.tables.some((table) => table.keyFormat === 'LONG')) continue;
      try {
        await runWireRound(round, createGateway);
      } catch (cause) {
        throw new Error(
          `seed ${(seed + i) >>> 0}: ${cause instanceof Error ? cause.message : String(cause)}\n${printSchema(round.schema)}`,
          { cause },
        );
      }
      rounds += 1;
    }
    expect(rounds).toBe(runs);
  },
);

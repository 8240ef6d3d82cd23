import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appendToLog } from '../../src/source/log-writer.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { killRounds, partitionOf } from '../support/kill-rounds.ts';
import type { KillRecord } from '../support/kill-rounds.ts';
import { derivedWorld } from '../support/kill-tables.ts';
import type { DerivedValue } from '../support/kill-tables.ts';
import { createRandom, seedFromEnvironment } from '../support/random.ts';

const rounds = Number(process.env['HEADGATE_KILL_ROUNDS'] ?? 10);

test(`survives ${rounds} kill -9 on the embedded log`, { timeout: 60_000 + rounds * 20_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-kill-'));
  const random = createRandom(seedFromEnvironment());
  console.log(`seed ${random.seed}`);
  const log = join(directory, 'log');
  writeFileSync(join(directory, 'schema.graphql'), derivedWorld.schema);
  const args = ['serve', '--schema', 'schema.graphql', '--log', log, '--data', join(directory, 'data')];
  try {
    const { commits, changes } = await killRounds({
      world: derivedWorld,
      rounds,
      random,
      topic: 'songs',
      start: () => startGatewayProcess(args, { cwd: directory }),
      produce: (records) =>
        Promise.resolve(
          appendToLog(
            log,
            'songs',
            records.map(({ key, value }) => {
              const partition = partitionOf(key);
              return value === undefined ? { key, partition } : { key, value, partition };
            }),
          ),
        ),
      readLog: () => Promise.resolve(readLog(join(log, 'songs'))),
    });
    expect(commits).toBeGreaterThan(0);
    console.log(`${rounds} rounds, ${commits} commits seen, ${changes} changes`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

function readLog(directory: string): readonly KillRecord<DerivedValue>[] {
  return readdirSync(directory).flatMap((file) =>
    readFileSync(join(directory, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as KillRecord<DerivedValue>),
  );
}

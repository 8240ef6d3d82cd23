import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLogTopic } from '../../../src/source/log-writer.ts';
import type { TopicWriter } from '../../../src/source/topic-writer.ts';
import { keyTextOf, outgoingOf, visibleColumns } from '../../../src/sink/outgoing.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';
import type { Random } from '../../support/random.ts';
import { createSinkWorld } from '../../support/sink-world.ts';
import type { SinkWorld } from '../../support/sink-world.ts';

const schema = `
type Play @table(topic: "plays") @sink(topic: "plays-out") @changes(maxBytes: "20KB") {
  id: ID!
  genre: String
  ms: Int!
}
type Long @view(source: "Play", where: { ms: { gt: 50 } }) @sink(topic: "long-out") { id: ID! ms: Int! }
type Genres @aggregation(source: "Play") @sink(topic: "genres-out") @changes(maxBytes: "20KB") {
  genre: String
  plays: Int! @aggregate(fn: COUNT)
  ms: BigInt @aggregate(fn: SUM, arg: "ms")
}`;
const outs = { Play: 'plays-out', Long: 'long-out', Genres: 'genres-out' };
const runs = Number(process.env['HEADGATE_RUNS'] ?? 5);

/** A topic that fails now and then, before or after it has written, and hangs when the process is about to be killed. */
function unreliable(random: Random, control: { hang: boolean }): (writer: TopicWriter) => TopicWriter {
  return (writer) => ({
    ...writer,
    async send(records) {
      if (random.next() < 0.05) throw new Error('away');
      await writer.send(records);
      if (control.hang && random.next() < 0.5) await new Promise(() => {});
      if (random.next() < 0.05) throw new Error('no answer');
    },
  });
}

async function expectFolded(world: SinkWorld): Promise<void> {
  await world.settled();
  for (const [name, topic] of Object.entries(outs)) {
    const table = world.table(name);
    const rows = world.look((snapshot) =>
      [...snapshot.scan(table, {})].map((row) => {
        const { value } = outgoingOf(table, visibleColumns(table), row.key, row, 0);
        return [keyTextOf(table, row.key), value] as const;
      }),
    );
    expect(Object.fromEntries(await world.fold(topic)), topic).toEqual(Object.fromEntries(rows));
  }
}

async function run(random: Random): Promise<void> {
  const control = { hang: false };
  const world = createSinkWorld({
    schema,
    wrap: unreliable(random, control),
    start: { fill: random.next() < 0.5 },
    maxBatchRecords: random.pick([1, 3, 2_000]),
  });
  const keys = random.pick([5, 40]);
  if (random.next() < 0.5) for (const topic of Object.values(outs)) createLogTopic(world.log, topic, 3);
  for (let life = 0; life < 4; life += 1) {
    for (let commits = random.int(12); commits > 0; commits -= 1) {
      world.commit(
        'plays',
        Array.from({ length: 1 + random.int(6) }, () => ({
          key: `p${random.int(keys)}`,
          value: random.next() < 0.3 ? undefined : { genre: random.pick(['rock', 'jazz', null]), ms: random.int(100) },
          timestamp: random.int(1_000),
        })),
      );
      if (random.next() < 0.3) await new Promise((resolve) => setImmediate(resolve));
      if (random.next() < 0.1) world.store.trim(random.pick([0, 1e15]));
      if (random.next() < 0.1) world.fill();
    }
    world.fill();
    if (random.next() < 0.5) await expectFolded(world);
    const kills = random.next() < 0.6;
    control.hang = kills;
    if (kills) for (let turns = random.int(5); turns > 0; turns -= 1) await new Promise((r) => setImmediate(r));
    await world.stop(kills ? 'killed' : 'in order');
    control.hang = false;
    const fate = random.next();
    if (fate < 0.15) rmSync(join(world.log, 'plays-out.ndjson'), { force: true });
    world.start({
      ...(fate > 0.85 ? { rebuild: ['Play'], fill: random.next() < 0.5 } : {}),
      // Another boot: commits may have been lost.
      bootId: random.next() < 0.1 ? `boot ${life}` : 'boot',
    });
  }
  world.fill();
  await expectFolded(world);
  await world.stop();
}

test('a topic that appeared with the first record is looked at when the feed was trimmed before a deletion was sent', async () => {
  await run(createRandom(2400935900));
});

test(
  `${runs} histories of stops, kills, failures, trimmed feeds and lost topics leave topics that fold to their tables`,
  async () => {
    const seed = seedFromEnvironment();
    for (let i = 0; i < runs; i += 1) {
      try {
        await run(createRandom(seed + i));
      } catch (cause) {
        throw new Error(`HEADGATE_SEED=${seed + i}`, { cause });
      }
    }
  },
  60_000 + runs * 3_000,
);

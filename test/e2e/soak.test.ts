import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { appendToLog } from '../../src/source/log-writer.ts';
import { ownMemoryKb } from '../support/default-serve.ts';
import { postGraphql, startGatewayProcess } from '../support/gateway-process.ts';
import { makeDirectory } from '../support/open-test-store.ts';
import { createRandom, seedFromEnvironment } from '../support/random.ts';

/** How long the load lasts; without it there is none. An hour in `test:soak`. */
const minutes = Number(process.env['HEADGATE_SOAK_MINUTES'] ?? 0);

const tickMs = 100;
const recordsPerTick = 50;
const clients = 100;
/** Of the clients, so many go and are followed by others, every tick. */
const goingPerTick = 1;
const pullsPerTick = 5;
/** What the last quarter may need beyond the second, when all is as it will stay: noise of the collector, and of what comes by chance. */
const noise = { factor: 1.15, kb: 20_000 };

const schema = `
type Song @table(topic: "songs") @changes(retain: "PT1M") {
  id: ID!
  title: String!
  genre: String! @index
  likes: Int!
}
type Play @table(topic: "plays", mode: APPEND, retention: "PT1M") @changes(retain: "PT1M") {
  id: ID! @from(meta: COORDINATES)
  songId: ID! @index
  playedAt: DateTime!
  song: Song @relation(fields: ["songId"])
}
type SongStats
  @aggregation(source: "Play", intervals: ["10s"], timestamp: "playedAt", grace: "10s", retention: "PT2M")
  @changes(retain: "PT1M") {
  genre: String @from(path: "song.genre")
  timestamp: DateTime!
  plays: Int! @aggregate(fn: COUNT)
}`;

const documents = [
  (n: number) =>
    `subscription { songs(where: { genre: { eq: "g${n % 20}" } }, orderBy: [{ likes: DESC }], limit: 20) { id title likes } }`,
  (n: number) => `subscription { song(id: "s${n % 1_000}") { title likes } }`,
  () =>
    'subscription { songStatsList(orderBy: [{ timestamp: DESC }, { plays: DESC }], limit: 10) { genre timestamp plays } }',
  (n: number) =>
    `subscription { playsConnection(where: { songId: { eq: "s${n % 50}" } }, first: 10) { totalCount edges { node { id song { title } } } } }`,
  () => 'subscription { songChanges(snapshot: true) { changes { operation node { id likes } } deletedIds } }',
];

test.skipIf(minutes === 0)(
  `neither memory nor store grows in ${minutes} minutes of load`,
  { timeout: (minutes + 5) * 60_000 },
  async () => {
    const directory = makeDirectory();
    const log = join(directory, 'log');
    writeFileSync(join(directory, 'schema.graphql'), schema);
    const args = ['serve', '--schema', 'schema.graphql', '--log', log, '--data', join(directory, 'data')];
    const gateway = await startGatewayProcess(args, { cwd: directory });
    onTestFinished(async () => void (await gateway.stop()));
    const random = createRandom(seedFromEnvironment());
    console.log(`seed ${random.seed}`);
    let frames = 0;
    let pulls = 0;
    let opened = 0;

    const open = (): Client => {
      opened += 1;
      const client = createClient({ url: gateway.wsUrl, webSocketImpl: WebSocket });
      for (const document of documents) {
        const sink = { next: () => void (frames += 1), error: () => {}, complete: () => {} };
        client.subscribe({ query: document(opened) }, sink);
      }
      return client;
    };
    const song = () => {
      const key = `s${random.int(1_000)}`;
      if (random.int(20) === 0) return { key, value: null };
      return {
        key,
        value: { title: `Song ${random.int(1_000)}`, genre: `g${random.int(20)}`, likes: random.int(1_000) },
      };
    };
    const play = () => ({
      key: 'p',
      value: { songId: `s${random.int(1_000)}`, playedAt: new Date().toISOString() },
      timestamp: Date.now(),
    });

    // The pages of the store that the system maps into the process are the store's, and the system's to take away.
    const sample = (): Sample => ({
      memoryKb: ownMemoryKb(gateway.pid),
      storeKb: statSync(join(directory, 'data/data.mdb')).size / 1_024,
    });

    const watched = Array.from({ length: clients }, open);
    const samples: Sample[] = [];
    const endMs = Date.now() + minutes * 60_000;
    for (let tick = 0; Date.now() < endMs; tick += 1) {
      const startMs = performance.now();
      appendToLog(log, 'songs', Array.from({ length: recordsPerTick / 2 }, song));
      appendToLog(log, 'plays', Array.from({ length: recordsPerTick / 2 }, play));
      for (let n = 0; n < goingPerTick; n += 1) {
        const at = random.int(watched.length);
        await watched[at]?.dispose();
        watched[at] = open();
      }
      const answers = Array.from({ length: pullsPerTick }, (_, n) =>
        postGraphql(gateway.url, `{ songs(where: { genre: { eq: "g${n}" } }, limit: 20) { id title likes } }`),
      );
      for (const { data } of await Promise.all(answers)) if (data !== undefined) pulls += 1;
      if (tick % 50 === 0) samples.push(sample());
      if (tick % 600 === 0) {
        console.log(`${tick} ticks, ${frames} frames, ${pulls} pulls, ${opened} clients, ${tell(sample())}`);
      }
      await delay(Math.max(0, tickMs - (performance.now() - startMs)));
    }
    for (const client of watched) await client.dispose();

    const quarter = Math.floor(samples.length / 4);
    const [second, last] = [median(samples.slice(quarter, 2 * quarter)), median(samples.slice(-quarter))];
    console.log(`in the second quarter ${tell(second)}; in the last ${tell(last)}`);
    expect(pulls).toBeGreaterThan(0);
    expect(last.memoryKb).toBeLessThan(second.memoryKb * noise.factor + noise.kb);
    expect(last.storeKb).toBeLessThan(second.storeKb * noise.factor + noise.kb);
  },
);

interface Sample {
  /** The process's own. */
  readonly memoryKb: number;
  /** The file's. */
  readonly storeKb: number;
}

function tell({ memoryKb, storeKb }: Sample): string {
  return `${Math.round(memoryKb / 1_024)} MiB of memory, a store of ${Math.round(storeKb / 1_024)} MiB`;
}

function median(samples: readonly Sample[]): Sample {
  return { memoryKb: middle(samples.map((one) => one.memoryKb)), storeKb: middle(samples.map((one) => one.storeKb)) };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

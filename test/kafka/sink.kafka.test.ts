import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createKafkaSource } from '../../src/source/kafka.ts';
import { followTopic } from '../support/follow-topic.ts';
import type { FollowedTopic } from '../support/follow-topic.ts';
import { postGraphql, startGatewayProcess } from '../support/gateway-process.ts';
import { consumeWithJava } from '../support/kafka/console-consumer.ts';
import { brokers, createTopic, noKafka, producer } from '../support/kafka/lane.ts';
import { killRounds, songWorld } from '../support/kill-rounds.ts';
import type { SongRecord } from '../support/kill-rounds.ts';
import { createRandom, seedFromEnvironment } from '../support/random.ts';

const rounds = Number(process.env['HEADGATE_KILL_ROUNDS'] ?? 20);

test.skipIf(noKafka)(
  `the topics of sinks fold to their tables through ${rounds} kill -9, and another gateway reads them`,
  { timeout: 120_000 + rounds * 30_000 },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'headgate-sink-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const random = createRandom(seedFromEnvironment());
    console.log(`seed ${random.seed}`);
    const [topic, songs, titles] = [await createTopic(3), await createTopic(3), await createTopic(2)];
    const schema = songWorld.schema.replace(
      '@table(topic: "songs")',
      `@table(topic: "${topic}") @sink(topic: "${songs}")`,
    );
    const derived = `type Title @aggregation(source: "Song") @sink(topic: "${titles}") {
      title: String!
      songs: Int! @aggregate(fn: COUNT)
      latest: Int! @aggregate(fn: MAX, arg: "seq")
    }`;
    writeFileSync(join(directory, 'schema.graphql'), schema + derived);
    const serve = (file: string, data: string) =>
      startGatewayProcess(['serve', '--schema', file, '--kafka', brokers.join(','), '--data', join(directory, data)], {
        cwd: directory,
      });
    const follow = (name: string): FollowedTopic => {
      const followed = followTopic(createKafkaSource({ brokers }), name);
      onTestFinished(() => followed.close());
      return followed;
    };
    const songsOut = follow(songs);
    const titlesOut = follow(titles);
    const writer = await producer({ idempotent: true, maxInFlightRequests: 1 });
    const input: SongRecord[] = [];

    await killRounds({
      world: songWorld,
      rounds,
      random,
      topic,
      start: () => serve('schema.graphql', 'data'),
      async produce(records) {
        const metadata = await writer.send({
          topic,
          messages: records.map(({ key, value }) => ({
            key,
            partition: partitionOf(key),
            value: value === undefined ? 'not JSON' : value === null ? null : JSON.stringify(value),
          })),
        });
        input.push(...records);
        return metadata.map(({ partition, baseOffset }) => ({
          partition,
          offset: Number(baseOffset) + records.filter(({ key }) => partitionOf(key) === partition).length - 1,
        }));
      },
      // Asked once a round, while the gateway runs again after it was killed.
      async readLog() {
        const expected = expectedOf(input);
        await songsOut.until((rows) => isSame(rows, expected.songs));
        await titlesOut.until((rows) => isSame(rows, expected.titles));
        return input;
      },
    });
    console.log(`${input.length} records in, ${songsOut.count} and ${titlesOut.count} out`);

    // All gateways were stopped in order: what the topics hold now is what they hold.
    const expected = expectedOf(input);
    expect(fold(await consumeWithJava(brokers, songs, songsOut.count))).toEqual(expected.songs);
    expect(fold(await consumeWithJava(brokers, titles, titlesOut.count))).toEqual(expected.titles);

    const copies = `
      type Song @table(topic: "${songs}") { id: ID! title: String! seq: Int! }
      type Title @table(topic: "${titles}") @key(fields: "title") { title: String! songs: Int! latest: Int! }`;
    writeFileSync(join(directory, 'copies.graphql'), copies);
    const document = `query Pull($offsets: [TopicOffset!]) @atLeast(offsets: $offsets, timeoutMs: 20000) {
      songs(limit: 1000) { id title seq }
      titles(limit: 1000) { title songs latest }
      _meta { tables { bad { code count } } }
    }`;
    const second = await serve('copies.graphql', 'copies');
    const offsets = [songsOut, titlesOut].flatMap((followed, i) =>
      [...followed.nexts].flatMap(([partition, next]) =>
        next === 0 ? [] : [{ topic: [songs, titles][i], partition, offset: String(next - 1) }],
      ),
    );
    const pulled = await postGraphql(second.url, document, { offsets });
    await second.stop();
    expect(pulled.errors).toBeUndefined();
    const {
      songs: readSongs,
      titles: readTitles,
      _meta,
    } = pulled.data as Record<'songs' | 'titles' | '_meta', unknown>;
    expect(byKey(readSongs as { id: string }[], 'id')).toEqual(expected.songs);
    expect(byKey(readTitles as { title: string }[], 'title')).toEqual(expected.titles);
    expect(_meta).toEqual({ tables: [{ bad: [] }, { bad: [] }] });
  },
);

/** A key lives in one of three partitions. */
function partitionOf(key: string): number {
  return Number(key.slice(1)) % 3;
}

/** What the tables hold after these records, as the records of their sinks have it. */
function expectedOf(records: readonly SongRecord[]): { songs: Map<string, string>; titles: Map<string, string> } {
  const rows = new Map<string, { title: string; seq: number }>();
  for (const { key, value } of records) {
    if (value === null) rows.delete(key);
    else if (value !== undefined) rows.set(key, value);
  }
  const groups = new Map<string, { songs: number; latest: number }>();
  for (const { title, seq } of rows.values()) {
    const { songs, latest } = groups.get(title) ?? { songs: 0, latest: 0 };
    groups.set(title, { songs: songs + 1, latest: Math.max(latest, seq) });
  }
  return {
    songs: new Map([...rows].map(([id, { title, seq }]) => [id, JSON.stringify({ id, title, seq })])),
    titles: new Map([...groups].map(([title, group]) => [title, JSON.stringify({ title, ...group })])),
  };
}

function fold(records: readonly { key: string | null; value: string | null }[]): Map<string, string> {
  const rows = new Map<string, string>();
  for (const { key, value } of records) {
    if (value === null) rows.delete(key ?? '');
    else rows.set(key ?? '', value);
  }
  return rows;
}

function byKey<Key extends string>(rows: readonly Record<Key, string>[], key: Key): Map<string, string> {
  return new Map(rows.map((row) => [row[key], JSON.stringify(row)]));
}

function isSame(rows: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): boolean {
  return rows.size === expected.size && [...expected].every(([key, value]) => rows.get(key) === value);
}

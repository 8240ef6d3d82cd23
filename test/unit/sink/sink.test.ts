import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build.ts';
import { checkSinks } from '../../../src/sink/create-sinks.ts';
import { createLogTopic } from '../../../src/source/log-writer.ts';
import type { TopicWriter } from '../../../src/source/topic-writer.ts';
import { createSinkWorld } from '../../support/sink-world.ts';
import type { SinkWorld } from '../../support/sink-world.ts';

const songs = `
type Song @table(topic: "songs") @sink(topic: "songs-out") {
  id: ID!
  title: String
  price: Decimal
  secret: String @hidden
}`;

const values = (rows: ReadonlyMap<string, string>) => Object.fromEntries(rows);
const lines = (world: SinkWorld, topic: string) =>
  readFileSync(join(world.log, `${topic}.ndjson`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { key: string; value: unknown; timestamp: number });

/** Lets the next `send` write and then never answer: the process is killed before it learns of the acknowledgement. */
function unanswered(): { wrap: (writer: TopicWriter) => TopicWriter; next: boolean; written: Promise<void> } {
  let wrote = () => {};
  const control = {
    next: false,
    written: new Promise<void>((resolve) => (wrote = resolve)),
    wrap: (writer: TopicWriter): TopicWriter => ({
      ...writer,
      async send(records) {
        await writer.send(records);
        if (!control.next) return;
        control.next = false;
        wrote();
        await new Promise(() => {});
      },
    }),
  };
  return control;
}

describe('what is written', () => {
  test('a change is a record with the visible columns, digit for digit, or a tombstone, at its own time', async () => {
    const world = createSinkWorld({ schema: songs });
    await world.settled();
    world.commit('songs', [{ key: 's1', value: '{"title":"A \\"b\\"","price":1.50,"secret":"x"}', timestamp: 7 }]);
    world.commit('songs', [{ key: 's2', value: {}, timestamp: 8 }]);
    world.commit('songs', [{ key: 's1', timestamp: 9 }]);
    await world.settled();
    expect(lines(world, 'songs-out')).toEqual([
      { key: 's1', value: { id: 's1', title: 'A "b"', price: '1.50' }, timestamp: 7 },
      { key: 's2', value: { id: 's2', title: null, price: null }, timestamp: 8 },
      { key: 's1', value: null, timestamp: 9 },
    ]);
  });

  test('a key of several columns is an object, null dimensions included', async () => {
    const world = createSinkWorld({
      schema: `
        type Play @table(topic: "plays") { id: ID! genre: String device: String ms: Int! }
        type Stats @aggregation(source: "Play") @sink(topic: "stats") {
          genre: String device: String plays: Int! @aggregate(fn: COUNT) ms: BigInt @aggregate(fn: SUM, arg: "ms")
        }
        type Genres @aggregation(source: "Play") @sink(topic: "genres") {
          genre: String plays: Int! @aggregate(fn: COUNT)
        }`,
    });
    await world.settled();
    world.commit('plays', [
      { key: 'p1', value: { genre: 'rock', ms: 1 } },
      { key: 'p2', value: { genre: null, device: 'tv', ms: 2 } },
      { key: 'p3', value: { genre: 'rock', ms: 3 } },
    ]);
    world.commit('plays', [{ key: 'p2' }]);
    await world.settled();
    expect(values(await world.fold('stats'))).toEqual({
      '{"genre":"rock","device":null}': '{"genre":"rock","device":null,"plays":2,"ms":"4"}',
    });
    expect(values(await world.fold('genres'))).toEqual({ rock: '{"genre":"rock","plays":2}' });
    expect(lines(world, 'genres').filter(({ key }) => key === '{"genre":null}')).toMatchObject([
      { value: { genre: null, plays: 1 } },
      { value: null },
    ]);
  });

  test('decimals that are equal are one key, however they are written', async () => {
    const world = createSinkWorld({
      schema: `type Price @table(topic: "prices") @sink(topic: "out") { id: Decimal! n: Int }`,
    });
    world.commit('prices', [{ key: '1.50', value: { n: 1 } }]);
    world.commit('prices', [{ key: '1.5', value: { n: 2 } }]);
    await world.settled();
    expect(values(await world.fold('out'))).toEqual({ '1.5': '{"id":"1.5","n":2}' });
  });

  test('nothing is sent while the table fills; then every row is', async () => {
    const world = createSinkWorld({ schema: songs, start: { fill: false } });
    world.commit('songs', [{ key: 's1', value: { title: 'old' } }]);
    world.commit('songs', [{ key: 's1', value: { title: 'new' } }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await world.fold('songs-out')).size).toBe(0);
    world.fill();
    await world.settled();
    expect(lines(world, 'songs-out').map(({ value }) => value)).toMatchObject([{ title: 'new' }]);
  });

  test('the topic of a sink is no topic that is read, and has one sink', () => {
    const schema = songs + `type Copy @table(topic: "copies") @sink(topic: "copy-out") { id: ID! }`;
    const catalog = buildCatalog([{ file: 'schema.graphql', text: schema }]);
    const withSinks = (first: string, second: string) => ({
      ...catalog,
      tables: catalog.tables.map((table, i) => ({ ...table, sink: { topic: i === 0 ? first : second } })),
    });
    expect(() => checkSinks(withSinks('a', 'b'))).not.toThrow();
    expect(() => checkSinks(withSinks('copies', 'b'))).toThrow('which Copy is made from');
    expect(() => checkSinks(withSinks('a', 'a'))).toThrow('the sink of Song and of Copy');
  });
});

describe('going on', () => {
  test('after a stop in order nothing is sent again', async () => {
    const world = createSinkWorld({ schema: songs });
    world.commit('songs', [{ key: 's1', value: { title: 'a' } }]);
    await world.settled();
    await world.stop();
    world.start();
    world.commit('songs', [{ key: 's2', value: { title: 'b' } }]);
    await world.settled();
    expect(lines(world, 'songs-out').map(({ key }) => key)).toEqual(['s1', 's2']);
  });

  test('what was written and not stored is sent again, in order', async () => {
    const control = unanswered();
    const world = createSinkWorld({ schema: songs, wrap: control.wrap });
    world.commit('songs', [{ key: 's1', value: { title: 'a' } }]);
    await world.settled();
    control.next = true;
    world.commit('songs', [{ key: 's1', value: { title: 'b' } }]);
    await control.written;
    world.commit('songs', [{ key: 's1', value: { title: 'c' } }]);
    expect(world.look((snapshot) => snapshot.sinkLag(world.table('Song')))).toBe(2);
    await world.stop('killed');
    world.start();
    await world.settled();
    expect(lines(world, 'songs-out').map(({ value }) => (value as { title: string }).title)).toEqual([
      'a',
      'b',
      'b',
      'c',
    ]);
  });

  test('a topic that cannot be written to holds nothing up, and gets everything later', async () => {
    let broken = true;
    let tries = 0;
    let enough = () => {};
    const tried = new Promise<void>((resolve) => (enough = resolve));
    const world = createSinkWorld({
      schema: songs,
      wrap: (writer) => ({
        ...writer,
        async send(records) {
          tries += 1;
          if (tries === 2) enough();
          if (broken) throw new Error('no broker');
          await writer.send(records);
        },
      }),
    });
    for (const title of ['a', 'b', 'c']) world.commit('songs', [{ key: 's1', value: { title } }]);
    await tried;
    expect(world.look((snapshot) => snapshot.sinkLag(world.table('Song')))).toBeGreaterThan(2);
    expect(world.messages.filter((message) => message.includes('no broker'))).toHaveLength(1);
    broken = false;
    await world.settled();
    expect(values(await world.fold('songs-out'))).toEqual({ s1: '{"id":"s1","title":"c","price":null}' });
    expect(world.messages.at(-1)).toContain('writes again');
  });

  test('a commit that writes nothing hides none that did', async () => {
    const world = createSinkWorld({ schema: songs });
    await world.settled();
    await new Promise((resolve) => setImmediate(resolve));
    world.commit('songs', [{ key: 's1', value: { title: 'a' } }]);
    world.fill();
    await world.settled();
    expect(Object.keys(values(await world.fold('songs-out')))).toEqual(['s1']);
  });

  test('commits of other tables cost no look at the feed, and keep the place from being trimmed away', async () => {
    const world = createSinkWorld({ schema: `${songs} type Other @table(topic: "others") { id: ID! }` });
    world.commit('songs', [{ key: 's1', value: { title: 'a' } }]);
    await world.settled();
    await new Promise((resolve) => setImmediate(resolve));
    const before = world.store.work.feedEntriesRead;
    // Bad records move offsets: their headers are in the feed of the table, and are trimmed like changes.
    for (let i = 0; i < 5; i += 1) world.commit('others', [{ key: `${i}`, value: {} }]);
    for (let i = 0; i < 5; i += 1) world.commit('songs', [{ key: 's9', value: 'no JSON' }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.store.work.feedEntriesRead).toBe(before);
    world.store.trim(1e15);
    world.commit('songs', [{ key: 's2', value: { title: 'b' } }]);
    await world.settled();
    expect(lines(world, 'songs-out').map(({ key }) => key)).toEqual(['s1', 's2']);
  });
});

describe('resynchronisation', () => {
  test('a sink that fell behind its feed sends every row, and tombstones for what is gone', async () => {
    const world = createSinkWorld({ schema: songs });
    world.commit('songs', [
      { key: 's1', value: { title: 'a' } },
      { key: 's2', value: { title: 'b' } },
    ]);
    await world.settled();
    await world.stop();
    // Nobody sends, and what is not sent is trimmed.
    world.start();
    world.commit('songs', [{ key: 's2' }]);
    world.commit('songs', [{ key: 's3', value: { title: 'c' } }]);
    world.store.trim(1e15);
    await world.stop('killed');
    world.start();
    await world.settled();
    expect(Object.keys(values(await world.fold('songs-out')))).toEqual(['s1', 's3']);
    expect(world.messages.join('\n')).toContain('trimmed from the feed');
    expect(world.messages.at(-1)).toContain('2 rows sent, 1 keys deleted');
  });

  test('a table that is built anew has its sink follow', async () => {
    const world = createSinkWorld({ schema: songs });
    world.commit('songs', [
      { key: 's1', value: { title: 'a' } },
      { key: 's2', value: { title: 'b' } },
    ]);
    await world.settled();
    await world.stop();
    world.start({ rebuild: ['Song'], fill: false });
    world.commit('songs', [{ key: 's2', value: { title: 'B' } }]);
    world.fill();
    await world.settled();
    expect(values(await world.fold('songs-out'))).toEqual({ s2: '{"id":"s2","title":"B","price":null}' });
    expect(world.messages.join('\n')).toContain('built anew');
  });

  test('a topic that was deleted is written again', async () => {
    const world = createSinkWorld({ schema: songs });
    world.commit('songs', [{ key: 's1', value: { title: 'a' } }]);
    await world.settled();
    rmSync(join(world.log, 'songs-out.ndjson'));
    world.commit('songs', [{ key: 's2', value: { title: 'b' } }]);
    await world.settled();
    expect(Object.keys(values(await world.fold('songs-out')))).toEqual(['s1', 's2']);
    await world.stop();
    rmSync(join(world.log, 'songs-out.ndjson'));
    world.start();
    await world.settled();
    expect(Object.keys(values(await world.fold('songs-out')))).toEqual(['s1', 's2']);
  });

  test('keys that are none of the table are deleted, and a row that came back stays', async () => {
    const world = createSinkWorld({ schema: songs, start: { fill: false } });
    createLogTopic(world.log, 'songs-out', 3);
    appendFileSync(join(world.log, 'songs-out', '0.ndjson'), '{"key":{"a":1},"value":1}\n{"value":2}\nno record\n');
    appendFileSync(join(world.log, 'songs-out', '1.ndjson'), '{"key":"s1","value":{}}\n{"key":"s7","value":{}}\n');
    world.commit('songs', [{ key: 's1', value: { title: 'a' } }]);
    world.fill();
    await world.settled();
    const found = values(await world.fold('songs-out'));
    // A record without key can be deleted by nobody.
    expect(Object.keys(found).filter((key) => key !== '')).toEqual(['s1']);
  });

  test('rows of a table whose rows are not kept are sent as far as the feed has them', async () => {
    const world = createSinkWorld({
      schema: `type Event @table(topic: "events", mode: STREAM) @sink(topic: "out") {
        id: ID! @from(meta: COORDINATES)
        n: Int
      }`,
    });
    world.commit('events', [{ key: 'x', value: { n: 1 } }]);
    world.commit('events', [{ key: 'x', value: { n: 2 } }]);
    await world.settled();
    expect(lines(world, 'out').map(({ value }) => (value as { n: number }).n)).toEqual([1, 2]);
  });
});

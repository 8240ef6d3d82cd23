import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build.ts';
import { must } from '../../../src/common/errors.ts';
import { createWork } from '../../../src/common/work.ts';
import { createIngest } from '../../../src/ingest/ingest.ts';
import { lookEveryMs } from '../../../src/ingest/clock.ts';
import { ownTopic } from '../../../src/model/position.ts';
import { createLogSource } from '../../../src/source/log.ts';
import type { RecordSink, Source } from '../../../src/source/source.ts';
import { openStore } from '../../../src/store/lmdb.ts';
import type { Snapshot } from '../../../src/store/store.ts';
import { createDecodingSource } from '../../support/decoding-source.ts';

const schema = `
  type Hit @table(topic: "hits", mode: APPEND, retention: "1h", clock: WALL) { id: ID! @from(meta: COORDINATES) at: DateTime! }
  type Count @aggregation(source: "Hit", intervals: ["1h"], timestamp: "at", grace: "10m", clock: WALL) {
    timestamp: DateTime!
    hits: Int! @aggregate(fn: COUNT)
  }`;

let directory = '';
let now = 0;
let running: World | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headgate-clock-'));
  now = at('10:00');
  // A look is when the test says so; nothing else of the loop goes by intervals.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

/** ms of a time of the first of January 2026. */
function at(time: string): number {
  return Date.parse(`2026-01-01T${time}:00Z`);
}

interface World {
  /** Resolves when the loop has looked at the clock, which says this then. */
  look(time: string): Promise<void>;
  /** Resolves after the commit behind which this is so. */
  until(reached: () => boolean): Promise<void>;
  /** `10:00 2`, with `closed` where it is; then how many rows are kept, and what came too late. */
  shown(): string;
  version(): number;
  /** Commits of Headgate's own so far. */
  ticks(): number;
  close(): Promise<void>;
}

function run(source: Source, turn = (): Promise<void> => Promise.resolve()): World {
  const catalog = buildCatalog([{ file: 'schema.graphql', text: schema }]);
  const [hit, count] = ['Hit', 'Count'].map((name) => must(catalog.tablesByName.get(name), name));
  if (hit === undefined || count === undefined) throw new Error('no tables');
  const clock = () => now;
  const store = openStore({
    directory: join(directory, 'data'),
    catalog,
    writable: true,
    work: createWork(),
    now: clock,
  });
  const waiting = new Set<() => void>();
  const silent = () => {};
  const ingest = createIngest({
    catalog,
    store,
    source: { ...createDecodingSource(source, catalog, store), turn },
    now: clock,
    log: { info: silent, warn: silent, error: silent },
    maxCommitRows: 1_000,
    onCommit: () => {
      for (const check of waiting) check();
    },
    onProgress: silent,
    onFailure: silent,
  });
  ingest.start();
  const read = <T>(look: (snapshot: Snapshot) => T): T => {
    const snapshot = store.snapshot();
    try {
      return look(snapshot);
    } finally {
      snapshot.release();
    }
  };
  const commit = (reached: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!reached()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
    });
  return {
    async look(time) {
      now = at(time);
      const committed = commit(() => true);
      vi.advanceTimersByTime(lookEveryMs);
      await committed;
    },
    until: commit,
    shown: () =>
      read((snapshot) => {
        const value = (name: string) => must(count.columnsByName.get(name), name);
        const buckets = [...snapshot.scan(count, {})].map((row) => {
          const start = new Date(Number(row.value(value('timestamp'))) / 1_000).toISOString().slice(11, 16);
          return `${start} ${String(row.value(value('hits')))}${row.value(value('closed')) === true ? ' closed' : ''}`;
        });
        const late = snapshot.deadLetters(count, 10).length;
        return `${buckets.join(', ')}; ${snapshot.count(hit)} kept; ${late} late`;
      }),
    version: () => read((snapshot) => snapshot.version),
    ticks: () => read((snapshot) => snapshot.position([hit]).offsets.get(ownTopic)?.get(0) ?? 0),
    async close() {
      await ingest.close();
      await store.close();
    },
  };
}

/** A source that tells what the test has it tell; one partition. */
class ToldSource implements Source {
  readonly description = 'what the test tells';
  #sink: RecordSink | undefined;
  #end: number;
  #next = 0;

  constructor(end: number) {
    this.#end = end;
  }

  get sink(): RecordSink {
    return must(this.#sink, 'not started');
  }

  async start(_topics: unknown, sink: RecordSink): Promise<void> {
    this.#sink = sink;
    sink.connected(true);
    sink.partitions('hits', [0]);
    sink.progress([{ topic: 'hits', partition: 0, start: 0, end: this.#end }]);
  }

  /** The topic goes up to here, by what the source knows. */
  endsAt(end: number): void {
    this.#end = end;
    this.sink.progress([{ topic: 'hits', partition: 0, start: 0, end }]);
  }

  deliver(...times: readonly string[]): Promise<void> {
    const records = times.map((time, i) => ({
      topic: 'hits',
      partition: 0,
      offset: this.#next + i,
      timestampMs: at(time),
      key: null,
      value: Buffer.from(JSON.stringify({ at: at(time) })),
      headers: new Map(),
    }));
    this.#next += times.length;
    this.#end = Math.max(this.#end, this.#next);
    return this.sink.batch({ topic: 'hits', partition: 0, records, next: this.#next, end: this.#end });
  }

  resume(): void {}

  async policy(): Promise<undefined> {
    return undefined;
  }

  async close(): Promise<void> {}
}

/** A loop over a source that has told where the topic ends. */
async function told(end: number, turn?: () => Promise<void>): Promise<{ world: World; source: ToldSource }> {
  const source = new ToldSource(end);
  running = run(source, turn);
  await running.until(() => true);
  return { world: running, source };
}

test('the loop removes and closes as the clock passes, over a log to which nothing is added', async () => {
  mkdirSync(join(directory, 'log'));
  const line = (time: string) => `${JSON.stringify({ value: { at: at(time) }, timestamp: at(time) })}\n`;
  writeFileSync(join(directory, 'log', 'hits.ndjson'), line('10:00') + line('10:10'));
  const world = run(createLogSource({ directory: join(directory, 'log') }));
  running = world;
  await world.until(() => world.shown() === '10:00 2; 2 kept; 0 late');
  await world.look('10:59');
  expect(world.shown()).toBe('10:00 2; 2 kept; 0 late');
  await world.look('11:05');
  expect(world.shown()).toBe('10:00 2; 1 kept; 0 late');
  // By the look before: what was on its way has come by now.
  await world.look('11:10');
  expect(world.shown()).toBe('10:00 2; 1 kept; 0 late');
  await world.look('11:20');
  expect(world.shown()).toBe('10:00 2 closed; 0 kept; 0 late');
});

test('a look that finds nothing to do is no tick', async () => {
  const { world, source } = await told(0);
  await source.deliver('10:00');
  for (const time of ['10:01', '10:30', '11:00']) await world.look(time);
  expect(world.ticks()).toBe(0);
  await world.look('11:01');
  expect(world.ticks()).toBe(1);
});

test('nothing closes while records are still to be read: they are not late because the gateway is behind', async () => {
  const { world, source } = await told(3);
  await source.deliver('10:00');
  for (const time of ['12:00', '12:01', '12:02']) await world.look(time);
  expect(world.shown()).toBe('10:00 1; 0 kept; 0 late');
  await source.deliver('10:01', '10:02');
  expect(world.shown()).toBe('10:00 3; 0 kept; 0 late');
  await world.look('12:03');
  expect(world.shown()).toBe('10:00 3; 0 kept; 0 late');
  await world.look('12:04');
  expect(world.shown()).toBe('10:00 3 closed; 0 kept; 0 late');
  await source.deliver('10:03');
  expect(world.shown()).toBe('10:00 3 closed; 0 kept; 1 late');
});

test('nothing closes while the source is away, nor before it has told where its topics end by now', async () => {
  const { world, source } = await told(0);
  await source.deliver('10:00');
  await world.look('10:01');
  source.sink.connected(false, 'away');
  for (const time of ['12:00', '12:01']) await world.look(time);
  source.sink.connected(true);
  await world.look('12:02');
  source.endsAt(2);
  for (const time of ['12:03', '12:04']) await world.look(time);
  expect(world.shown()).toBe('10:00 1; 0 kept; 0 late');
  await source.deliver('10:30');
  for (const time of ['12:05', '12:06']) await world.look(time);
  expect(world.shown()).toBe('10:00 2 closed; 0 kept; 0 late');
});

test('nothing closes while the thread that reads is busy with something else: it may have more to tell', async () => {
  let free = (): void => {};
  let turn = Promise.resolve();
  const { world, source } = await told(0, () => turn);
  await source.deliver('10:00');
  await world.look('12:00');
  turn = new Promise((resolve) => (free = resolve));
  now = at('12:01');
  vi.advanceTimersByTime(3 * lookEveryMs);
  // It was sent before twelve, and comes in time.
  await source.deliver('10:30');
  expect(world.shown()).toBe('10:00 2; 0 kept; 0 late');
  const committed = world.until(() => true);
  free();
  await committed;
  expect(world.shown()).toBe('10:00 2 closed; 0 kept; 0 late');
});

test('under load the clock is looked at in the commits of records', async () => {
  const { world, source } = await told(0);
  await source.deliver('10:00');
  const version = world.version();
  now = at('11:30');
  vi.advanceTimersByTime(lookEveryMs);
  await source.deliver('11:29');
  expect(world.shown()).toBe('10:00 1, 11:00 1; 1 kept; 0 late');
  expect(world.version()).toBe(version + 1);
});

test('a clock that goes back is waited for, whatever comes in the same commit', async () => {
  const { world, source } = await told(0);
  await source.deliver('10:00');
  await world.look('11:30');
  expect(world.shown()).toBe('10:00 1; 0 kept; 0 late');
  now = at('11:00');
  vi.advanceTimersByTime(lookEveryMs);
  await source.deliver('09:30');
  await source.deliver('10:15');
  expect(world.shown()).toBe('09:00 1 closed, 10:00 1 closed; 0 kept; 1 late');
});

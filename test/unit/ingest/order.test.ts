import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build.ts';
import { createWork } from '../../../src/common/work.ts';
import { createIngest } from '../../../src/ingest/ingest.ts';
import type { RecordBatch, RecordSink, Source } from '../../../src/source/source.ts';
import { openStore } from '../../../src/store/lmdb.ts';
import type { Store } from '../../../src/store/store.ts';
import { createDecodingSource } from '../../support/decoding-source.ts';
import { runIngest, shownRows } from '../../support/running-ingest.ts';

/** Batches come ahead of commits: what a source tells behind one must not get into tables before it. */

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headgate-order-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const schema = 'type Song @table(topic: "songs") { id: ID! title: String! }';

function songs(from: number, titles: readonly (string | null)[]): RecordBatch {
  const records = titles.map((title, i) => ({
    topic: 'songs',
    partition: 0,
    offset: from + i,
    timestampMs: 0,
    key: Buffer.from(`s${from + i}`),
    value: title === null ? null : Buffer.from(JSON.stringify({ title })),
    headers: new Map(),
  }));
  return { topic: 'songs', partition: 0, records, next: from + titles.length, end: from + titles.length };
}

/** A source that tells all at once, and then what follows a `resume`. */
function scripted(
  tell: (sink: RecordSink) => void,
  { compacted, resumed }: { readonly compacted: boolean; readonly resumed?: (sink: RecordSink) => void },
): Source {
  let to: RecordSink | undefined;
  return {
    description: 'a script',
    start(_topics, sink) {
      to = sink;
      tell(sink);
      return Promise.resolve();
    },
    resume: () => to !== undefined && resumed?.(to),
    policy: () => Promise.resolve({ compacted }),
    close: () => Promise.resolve(),
  };
}

test.each([false, true])(
  'what was read before records went missing stays read (topic compacted: %s)',
  async (compacted) => {
    const source = scripted(
      (sink) => {
        sink.partitions('songs', [0]);
        sink.progress([{ topic: 'songs', partition: 0, start: 0, end: 10 }]);
        void sink.batch(songs(0, ['a', 'b']));
        sink.incident({ kind: 'truncated', topic: 'songs', partition: 0, next: 2, start: 8 });
      },
      { compacted, resumed: (sink) => void sink.batch(songs(8, ['i', 'j'])) },
    );
    const running = runIngest({ schema, directory, source });
    const song = running.table('Song');
    const shown = await running.until(
      'all is read',
      (snapshot) =>
        snapshot.offsets(song).get('songs')?.get(0) === 10 && {
          rows: shownRows(snapshot, song, 'title'),
          gaps: snapshot.state(song).gaps,
        },
    );
    await running.close();
    // The compacted topic, as it is now, has neither s0 nor s1: a sweep takes them, and says so.
    expect(shown).toEqual({ rows: compacted ? 's8=i s9=j' : 's0=a s1=b s8=i s9=j', gaps: 1 });
    const swept = running.messages.filter((message) => message.includes('rows no longer in it'));
    expect(swept).toEqual(compacted ? ['table Song: read partition 0 again and removed 2 rows no longer in it'] : []);
  },
);

test('what was read before a topic was made anew stays in its table', async () => {
  const source = scripted(
    (sink) => {
      sink.partitions('songs', [0]);
      sink.progress([{ topic: 'songs', partition: 0, start: 0, end: 2 }]);
      void sink.batch(songs(0, ['a', 'b']));
      sink.incident({ kind: 'topic-recreated', topic: 'songs', partition: 0, reason: 'it is another' });
    },
    { compacted: false },
  );
  const running = runIngest({ schema, directory, source });
  const song = running.table('Song');
  const rows = await running.until(
    'the topic is known to be another',
    (snapshot) => snapshot.state(song).phase === 'recreated' && shownRows(snapshot, song, 'title'),
  );
  await running.close();
  expect(rows).toBe('s0=a s1=b');
});

test('a topic of three partitions that was made anew is told of once, or once for each reason', async () => {
  const recreated = (partition: number, reason: string) =>
    ({ kind: 'topic-recreated', topic: 'songs', partition, reason }) as const;
  const source = scripted(
    (sink) => {
      sink.partitions('songs', [0, 1, 2]);
      for (const partition of [0, 1, 2]) sink.incident(recreated(partition, 'its id is another'));
      sink.incident(recreated(2, 'it is shorter'));
    },
    { compacted: false },
  );
  const running = runIngest({ schema, directory, source });
  const song = running.table('Song');
  const last = await running.until('the last incident has done its part', (snapshot) => {
    const { phase, reason = '' } = snapshot.state(song);
    return phase === 'recreated' && reason.includes('it is shorter') && reason;
  });
  await running.close();
  const said = running.messages.filter((message) => message.includes('not the one that was read before'));
  expect(said).toEqual([expect.stringContaining('its id is another'), `Song: ${last}`]);
});

test('each commit stores the anchor of its own records, however far the source is ahead', async () => {
  const size = 50_000;
  const source = scripted(
    (sink) => {
      sink.partitions('songs', [0]);
      sink.progress([{ topic: 'songs', partition: 0, start: 0, end: 2 * size }]);
      for (const from of [0, size]) {
        sink.anchor('songs', 0, from + size - 1, `read to ${from + size}`);
        void sink.batch(
          songs(
            from,
            Array.from({ length: size }, () => null),
          ),
        );
      }
    },
    { compacted: false },
  );
  const catalog = buildCatalog([{ file: 'a.graphql', text: schema }]);
  const store: Store = openStore({ directory, catalog, writable: true, work: createWork(), now: Date.now });
  const [table] = catalog.topicTables;
  if (table === undefined) throw new Error('no table');
  const stored: string[] = [];
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  await new Promise<void>((resolve, reject) => {
    const ingest = createIngest({
      catalog,
      store,
      source: createDecodingSource(source, catalog, store),
      now: Date.now,
      log,
      maxCommitRows: size,
      onCommit() {
        store.write((tx) => {
          const next = tx.offsets(table).get('songs')?.get(0);
          stored.push(`${next}: ${tx.anchors(table).get(0)}`);
          if (next === 2 * size) setImmediate(() => void ingest.close().then(resolve, reject));
        });
      },
      onProgress: () => {},
      onFailure: reject,
    });
    ingest.start();
  });
  await store.close();
  expect(stored).toEqual([`${size}: read to ${size}`, `${2 * size}: read to ${2 * size}`]);
});

test('once it is closed nothing is committed, whatever the source had still to answer', async () => {
  const wall = 'type Play @table(topic: "songs", mode: APPEND, retention: "P1D", clock: WALL) { id: ID! }';
  const catalog = buildCatalog([{ file: 'a.graphql', text: wall }]);
  const opened = openStore({ directory, catalog, writable: true, work: createWork(), now: Date.now });
  let isClosed = false;
  let late = 0;
  const store: Store = {
    ...opened,
    write(apply) {
      if (isClosed) late += 1;
      return opened.write(apply);
    },
  };
  const turns: (() => void)[] = [];
  const script = scripted(() => {}, { compacted: false });
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const ingest = createIngest({
      catalog,
      store,
      source: {
        ...createDecodingSource(script, catalog, store),
        turn: () => new Promise((resolve) => turns.push(resolve)),
        close() {
          for (const answer of turns) answer();
          return Promise.resolve();
        },
      },
      now: Date.now,
      log,
      maxCommitRows: 1_000,
      onCommit: () => {},
      onProgress: () => {},
      onFailure: () => {},
    });
    ingest.start();
    vi.advanceTimersByTime(1_000);
    expect(turns).toHaveLength(1);
    await ingest.close();
    isClosed = true;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(late).toBe(0);
  } finally {
    vi.useRealTimers();
    await opened.close();
  }
});

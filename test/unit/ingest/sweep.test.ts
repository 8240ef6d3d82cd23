import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RecordSink, Source, SourceRecord } from '../../../src/source/source.ts';
import { runIngest, shownRows } from '../../support/running-ingest.ts';

const schema = `
type Song @table(topic: "songs") { id: ID! title: String! }
type Short @view(source: "Song") { id: ID! title: String! }
type PerTitle @aggregation(source: "Song") { title: String! songs: Int! @aggregate(fn: COUNT) }
`;

/** A compacted topic of one partition, as a broker that no longer holds deletions would give it. */
class CompactedTopic implements Source {
  readonly description = 'a compacted topic';
  readonly #records: readonly SourceRecord[];
  readonly #end: number;

  constructor(records: readonly SourceRecord[], end: number) {
    this.#records = records;
    this.#end = end;
  }

  start(_topics: unknown, sink: RecordSink): Promise<void> {
    const end = this.#end;
    sink.connected(true);
    sink.partitions('songs', [0]);
    sink.progress([{ topic: 'songs', partition: 0, start: 0, end }]);
    void sink.batch({ topic: 'songs', partition: 0, records: this.#records, next: end, end });
    return Promise.resolve();
  }

  resume(): void {}
  policy = () => Promise.resolve({ compacted: true, tombstoneRetentionMs: 1_000 });
  close = () => Promise.resolve();
}

function song(offset: number, id: string, title: string): SourceRecord {
  return {
    topic: 'songs',
    partition: 0,
    offset,
    timestampMs: 0,
    key: Buffer.from(id),
    value: Buffer.from(JSON.stringify({ title })),
    headers: new Map(),
  };
}

test('rows that a sweep removes leave derived tables in the same commit', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-sweep-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const records = [song(0, 'a', 'A'), song(1, 'b', 'B'), song(2, 'c', 'A')];
  const first = runIngest({ schema, directory, source: new CompactedTopic(records, 3) });
  await first.until('three songs', (snapshot) => snapshot.count(first.table('PerTitle')) === 2);
  await first.until('live', (snapshot) => snapshot.state(first.table('Song')).phase === 'live');
  await first.close();

  // `a` was deleted meanwhile, and its tombstone is gone from the topic, too.
  const now = () => Date.now() + 60_000;
  const second = runIngest({ schema, directory, source: new CompactedTopic(records.slice(1), 3), now });
  onTestFinished(() => second.close());
  const found = await second.until(
    'the sweep',
    (snapshot) =>
      snapshot.count(second.table('Song')) === 2 && {
        songs: shownRows(snapshot, second.table('Song'), 'title'),
        short: shownRows(snapshot, second.table('Short'), 'title'),
        perTitle: shownRows(snapshot, second.table('PerTitle'), 'songs'),
      },
  );
  expect(found).toEqual({ songs: 'b=B c=A', short: 'b=B c=A', perTitle: 'A=1 B=1' });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
// The threads run from dist alone.
import { startDecoding } from '../../dist/ingest/start-decoding.js';
import { buildCatalog } from '../../src/catalog/build.ts';
import { must } from '../../src/common/errors.ts';
import { DecodedReader } from '../../src/ingest/decoded-batch.ts';
import type { DecodedBatch } from '../../src/ingest/decoded-batch.ts';
import { createDecodedSource } from '../../src/ingest/decoded-source.ts';
import { createLogSource } from '../../src/source/log.ts';
import type { RecordSink, Source } from '../../src/source/source.ts';
import { createDecodingSource } from '../support/decoding-source.ts';

const directory = mkdtempSync(join(tmpdir(), 'headgate-decoding-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const schema = [
  {
    file: 'song.graphql',
    text: `
type Song @table(topic: "songs") { id: ID! title: String! }
type Loud @table(topic: "songs", accept: { title: { endsWith: "!" } }) { id: ID! title: String! }`,
  },
];
const catalog = buildCatalog(schema);
const columns = new Map(catalog.topicTables.map(({ name }) => [name, { columnIds: [0, 1], columnCount: 2 }]));
const storedColumns = ({ name }: { readonly name: string }) => must(columns.get(name), name);

/** More than one batch of each of two partitions. */
const recordsOfEach = 25_000;
const log = join(directory, 'log');
mkdirSync(join(log, 'songs'), { recursive: true });
for (const partition of [0, 1]) {
  const lines = Array.from({ length: recordsOfEach }, (_, i) => {
    if (i % 1_000 === 7) return 'no record\n';
    if (i % 1_000 === 8) return `{"key":"s${i - 1}","value":null}\n`;
    return `{"key":"s${i}","value":{"title":"${partition} ${i} ♫${i % 3 === 0 ? '!' : ''}"}}\n`;
  });
  writeFileSync(join(log, 'songs', `${partition}.ndjson`), lines.join(''));
}

function inThread(source: { readonly kind: 'log'; readonly directory: string }) {
  const { port, ended } = startDecoding({ schema, source });
  return { source: createDecodedSource({ port, description: 'a thread', columns }), port, ended };
}

/** What the source says of all records, by partition, with the calls of the sink beside batches in their order. */
async function readAll(source: Source<DecodedBatch>) {
  const told = new Map<number, string[]>();
  let left = 2 * recordsOfEach;
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const sink: RecordSink<DecodedBatch> = {
    async batch({ topic, partition, count, next, tables }) {
      const lines = told.get(partition) ?? [];
      told.set(partition, lines);
      const readers = tables.map((table) => new DecodedReader(count, table));
      for (let i = 0; i < count; i += 1) {
        for (const reader of readers) {
          const { slab, start, end } = reader.row(i);
          const bytes = slab.bytes.toString('hex', start, end);
          const key = Buffer.from(reader.key(i)).toString('hex');
          lines.push([topic, reader.offset(i), reader.kind(i), reader.bad(i)?.reason, key, bytes].join(' '));
        }
      }
      lines.push(`next ${next}`);
      left -= count;
      if (left === 0) finish();
      await undefined;
    },
    progress: () => {},
    partitions: () => {},
    anchor: (_topic, partition, offset, anchor) => void told.get(partition)?.push(`anchor ${offset} ${anchor}`),
    incident: (incident) => void told.get(0)?.push(JSON.stringify(incident)),
    connected: () => {},
  };
  await source.start([{ topic: 'songs', next: new Map(), anchors: new Map() }], sink);
  await finished;
  await source.close();
  return told;
}

test('a thread tells of records what decoding them here tells, in the same order, and ends when it is closed', async () => {
  const thread = inThread({ kind: 'log', directory: log });
  expect(await thread.source.policy('songs')).toEqual({ compacted: false });
  await thread.source.turn();
  const there = await readAll(thread.source);
  expect(await thread.ended).toBeUndefined();
  const here = await readAll(createDecodingSource(createLogSource({ directory: log }), catalog, { storedColumns }));
  for (const partition of [0, 1]) {
    expect(here.get(partition)?.length).toBeGreaterThan(2 * recordsOfEach);
    expect(there.get(partition)).toEqual(here.get(partition));
  }
});

test('a source that cannot be read says so, as it does here', async () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  const thread = inThread({ kind: 'log', directory: file });
  const start = (source: Source<DecodedBatch>) => source.start([], {} as RecordSink<DecodedBatch>).then(String, String);
  const here = createDecodingSource(createLogSource({ directory: file }), catalog, { storedColumns });
  expect(await start(thread.source)).toBe(await start(here));
  await thread.source.close();
  expect(await thread.ended).toBeUndefined();
});

test('the thread ends with the writer, and says why where it ends by itself', async () => {
  const left = startDecoding({ schema, source: { kind: 'log', directory: log } });
  left.port.close();
  expect(await left.ended).toBeUndefined();

  const failed = startDecoding({
    schema: [{ file: 'a.graphql', text: 'type' }],
    source: { kind: 'log', directory: log },
  });
  const source = createDecodedSource({ port: failed.port, description: 'a thread', columns });
  const asked = source.policy('songs').then(String, String);
  expect(await failed.ended).toContain('a.graphql');
  const over = 'SetupError: the thread that reads and decodes records has ended';
  expect(await asked).toContain(over);
  expect(await source.policy('songs').then(String, String)).toContain(over);
  expect(await source.start([], {} as RecordSink<DecodedBatch>).then(String, String)).toContain(over);
  await source.close();
});

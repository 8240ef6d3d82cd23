import { expect, test } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build.ts';
import { must } from '../../../src/common/errors.ts';
import { createDecoder } from '../../../src/decode/decode.ts';
import { createBatchDecoder } from '../../../src/ingest/batch-decoder.ts';
import { DecodedReader } from '../../../src/ingest/decoded-batch.ts';
import type { SourceRecord } from '../../../src/source/source.ts';
import { createRowWriter } from '../../../src/store/row-writer.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';
import type { Random } from '../../support/random.ts';

const catalog = buildCatalog([
  {
    file: 'things.graphql',
    text: `
type Song @table(topic: "things", accept: { kind: { eq: "song" } }) { id: ID! kind: String! title: String! at: DateTime @from(meta: TIMESTAMP) }
type Thing @table(topic: "things") { id: ID! kind: String title: String size: Int }
type Play @table(topic: "plays") { id: ID! }
`,
  },
]);
const storedColumns = ({ name }: { readonly name: string }) => {
  const { columns } = must(catalog.tablesByName.get(name), name);
  // As after a column was dropped: ids are not ordinals.
  return { columnIds: columns.map((_, i) => i + 1), columnCount: columns.length + 1 };
};

function makeRecord(random: Random, offset: number): SourceRecord {
  const key = random.int(20) === 0 ? null : Buffer.from(`k${random.int(50)}`);
  const title = random.int(40) === 0 ? '♫"'.repeat(random.int(120_000)) : 't'.repeat(random.int(200));
  const kind = random.pick(['song', 'other', undefined]);
  const size = random.pick([1, 'large', undefined]);
  const value = random.pick([null, undefined, '{', { title, kind, size }, { title, kind }, { title, kind, size }]);
  return {
    topic: 'things',
    partition: 3,
    offset,
    timestampMs: random.pick([0, -5, 1_790_000_000_123, offset]),
    key,
    value:
      value === null || value === undefined
        ? value
        : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    headers: new Map(),
  };
}

test('a decoded batch tells of each record, for each table of its topic, what decoding that record alone tells', () => {
  const random = createRandom(seedFromEnvironment());
  const decode = createBatchDecoder(catalog, storedColumns);
  const seen = { foreign: 0, row: 0, delete: 0, bad: 0 };
  for (let round = 0; round < 40; round += 1) {
    let offset = random.pick([0, 2 ** 40]);
    const records = Array.from({ length: random.pick([0, 1, 2, 60]) }, () =>
      makeRecord(random, (offset += 1 + random.int(3))),
    );
    const batch = decode({ topic: 'things', partition: 3, records, next: offset + 7, end: offset + 9 });
    expect({ ...batch, tables: batch.tables.length }).toEqual({
      topic: 'things',
      partition: 3,
      count: records.length,
      next: offset + 7,
      end: offset + 9,
      tables: 2,
    });
    // As the other thread gets it.
    const { tables } = structuredClone(batch, { transfer: batch.tables.map(({ memory }) => memory) });
    for (const [i, name] of ['Song', 'Thing'].entries()) {
      const table = must(
        catalog.topicTables.find((each) => each.name === name),
        name,
      );
      const decodeOne = createDecoder(table);
      const writeRow = createRowWriter({ table, ...storedColumns(table) });
      const reader = new DecodedReader(records.length, must(tables[i], name));
      for (const [at, record] of records.entries()) {
        const where = `seed ${random.seed}, round ${round}, ${name}, record ${at}`;
        const alone = decodeOne(record);
        seen[alone.kind] += 1;
        expect(reader.kind(at), where).toBe(alone.kind);
        expect([reader.offset(at), reader.timestampMs(at)], where).toEqual([record.offset, record.timestampMs]);
        if (alone.kind === 'bad') {
          expect(reader.bad(at), where).toEqual({ record: at, code: alone.code, reason: alone.reason });
        } else if (alone.kind === 'delete') {
          expect(Buffer.from(reader.key(at)).equals(alone.key), where).toBe(true);
        } else if (alone.kind === 'row') {
          expect(Buffer.from(reader.key(at)).equals(alone.row.key), where).toBe(true);
          const row = reader.row(at);
          const expected = writeRow(alone.row);
          const bytes = (slice: typeof row) => slice.slab.bytes.subarray(slice.start, slice.end);
          expect(bytes(row).equals(bytes(expected)), where).toBe(true);
        }
      }
    }
  }
  for (const [kind, count] of Object.entries(seen)) expect(count, kind).toBeGreaterThan(20);
});

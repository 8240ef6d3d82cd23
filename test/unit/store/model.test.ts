import { expect, test } from 'vitest';
import type { Table } from '../../../src/catalog/catalog.ts';
import type { NewRow } from '../../../src/model/row.ts';
import type { Value } from '../../../src/model/value.ts';
import { encodeIndexKey, encodeKey, keyText } from '../../../src/store/keys.ts';
import type { KeyRange, Reader, Store } from '../../../src/store/store.ts';
import { makeCatalog } from '../../support/catalog.ts';
import { enumOf, scalar } from '../../support/make-table.ts';
import {
  emptyModel,
  modelDelete,
  modelScan,
  modelScanIndex,
  modelText,
  modelUpsert,
  readScan,
  readScanIndex,
} from '../../support/model-store.ts';
import type { ModelTable } from '../../support/model-store.ts';
import { makeDirectory, openTestStore, read } from '../../support/open-test-store.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';
import type { Random } from '../../support/random.ts';

const columns = [
  { name: 'region', type: scalar('String') },
  { name: 'id', type: scalar('BigInt') },
  { name: 'name', type: scalar('String') },
  { name: 'kind', type: enumOf('ROCK', 'JAZZ', 'ALT') },
  { name: 'price', type: scalar('Decimal') },
];
const catalog = makeCatalog([
  {
    name: 'Thing',
    key: ['region', 'id'],
    columns,
    indexes: ['name', 'kind price', 'price name id'],
    covering: ['kind price'],
    retentionMs: 50,
  },
  { name: 'Other', key: ['id'], columns: columns.slice(1), indexes: ['name kind'], covering: ['name kind'] },
]);

const regions = ['', 'a', 'a\0', 'é', null];
const names = [null, '', 'a', 'ab', 'a\0b', 'x'.repeat(600), `${'x'.repeat(600)}y`, '😀'];

function randomKey(random: Random, table: Table): readonly Value[] {
  return table.key.map(({ name }) => (name === 'id' ? BigInt(random.int(6)) : random.pick(regions)));
}

function randomRow(random: Random, table: Table, offset: number): NewRow {
  const keyValues = randomKey(random, table);
  const others: Readonly<Record<string, () => Value>> = {
    name: () => random.pick(names),
    kind: () => random.pick([null, 'ROCK', 'JAZZ', 'ALT']),
    price: () => random.pick([null, '1', '1.0', '-2.50', '1e3']),
  };
  const values = table.columns.map((column) => {
    const inKey = table.key.indexOf(column);
    return inKey >= 0 ? (keyValues[inKey] ?? null) : (others[column.name]?.() ?? null);
  });
  return { key: encodeKey(table.key, keyValues), values, partition: random.int(2), offset, timestampMs: offset };
}

function randomRange(random: Random, bound: () => Uint8Array): KeyRange {
  return {
    lower: random.int(2) === 0 ? undefined : bound(),
    upper: random.int(2) === 0 ? undefined : bound(),
    reverse: random.int(2) === 0,
  };
}

function compareReads(random: Random, reader: Reader, models: ReadonlyMap<Table, ModelTable>): void {
  for (const [table, model] of models) {
    expect(reader.count(table)).toBe(model.rows.size);
    const range = randomRange(random, () => encodeKey(table.key, randomKey(random, table)));
    expect(readScan(table, reader, range)).toEqual(modelScan(table, model, range));
    const index = random.pick(table.indexes);
    const bounds = randomRange(random, () => {
      const row = randomRow(random, table, 0);
      const values = index.columns.map(({ ordinal }) => row.values[ordinal] ?? null);
      return encodeIndexKey(index, values.slice(0, 1 + random.int(values.length))).bytes;
    });
    expect(readScanIndex(table, reader, index, bounds)).toEqual(modelScanIndex(table, model, index, bounds));
    const row = randomRow(random, table, 0);
    const wanted = model.rows.get(keyText(row.key));
    const found = reader.get(table, row.key);
    expect(found && table.columns.map((column) => found.json(column)).join('|')).toBe(
      wanted && modelText(table, wanted),
    );
  }
}

/** What the feed says of a table, from the contents at a version on. */
function foldFeed(
  store: Store,
  table: Table,
  from: ReadonlyMap<string, string>,
  after: number,
): ReadonlyMap<string, string> {
  const folded = new Map(from);
  const textOf = (row: { json(column: Table['columns'][number]): string }) =>
    table.columns.map((column) => row.json(column)).join('|');
  read(store, (snapshot) => {
    let last = after;
    for (const commit of snapshot.feed(table, after)) {
      expect(commit.version).toBeGreaterThan(last);
      last = commit.version;
      for (const change of commit.changes) {
        const key = keyText(change.key);
        expect(folded.get(key)).toBe(change.before && textOf(change.before));
        if (change.before && change.after) expect(textOf(change.before)).not.toBe(textOf(change.after));
        if (change.after === undefined) folded.delete(key);
        else folded.set(key, textOf(change.after));
      }
    }
  });
  return folded;
}

const contents = (table: Table, model: ModelTable) =>
  new Map([...model.rows].map(([key, row]) => [key, modelText(table, row)]));

const seed = seedFromEnvironment();

test.each(Array.from({ length: 15 }, (_, round) => seed + round))(
  'random commits leave what a naive model has (HEADGATE_SEED=%i)',
  async (roundSeed) => {
    const random = createRandom(roundSeed);
    const directory = makeDirectory();
    let store = openTestStore(catalog, { directory });
    let models = new Map(catalog.tables.map((table) => [table, { ...emptyModel }]));
    const marks: { version: number; contents: ReadonlyMap<Table, ReadonlyMap<string, string>> }[] = [];
    const held: { check: () => void; release: () => void }[] = [];
    let offset = 0;
    for (let commit = 0; commit < 40; commit += 1) {
      const next = new Map([...models].map(([table, model]) => [table, { ...model }]));
      const fail = random.int(8) === 0;
      const run = () =>
        store.write((tx) => {
          if (commit === 5) for (const table of catalog.tables) tx.setState(table, { phase: 'live' });
          for (let i = random.int(12); i > 0; i -= 1) {
            const table = random.pick(catalog.tables);
            const model = next.get(table)!;
            offset += 1;
            const row = randomRow(random, table, offset);
            if (random.int(3) === 0) {
              tx.delete(table, row.key, offset);
              modelDelete(model, row.key);
            } else {
              tx.upsert(table, row);
              modelUpsert(model, row);
            }
            if (random.int(6) === 0) compareReads(random, tx, next);
          }
          if (random.int(4) === 0) {
            const [table] = catalog.tables;
            const model = next.get(table!)!;
            const before = offset - random.int(60);
            const gone = [...model.rows.values()].filter(({ timestampMs }) => timestampMs < before);
            expect(tx.expire(table!, before)).toBe(gone.length);
            for (const row of gone) modelDelete(model, row.key);
          }
          compareReads(random, tx, next);
          if (fail) throw new Error('thrown away');
        });
      if (fail && commit !== 5) {
        expect(run).toThrow('thrown away');
      } else if (fail) {
        expect(run).toThrow();
        store.write((tx) => catalog.tables.forEach((table) => tx.setState(table, { phase: 'live' })));
      } else {
        const { version } = run();
        models = next;
        if (version > 0)
          marks.push({
            version,
            contents: new Map([...models].map(([table, model]) => [table, contents(table, model)])),
          });
      }
      const atCommit = models;
      read(store, (snapshot) => compareReads(random, snapshot, atCommit));
      if (random.int(5) === 0) {
        const snapshot = store.snapshot();
        held.push({ check: () => compareReads(random, snapshot, atCommit), release: () => snapshot.release() });
      }
      for (const { check } of held) check();
      if (held.length > 2) held.shift()?.release();
      if (random.int(15) === 0) {
        for (const { release } of held.splice(0)) release();
        await store.close();
        store = openTestStore(catalog, { directory });
      }
    }
    for (const { release } of held) release();
    for (const table of catalog.tables) {
      const horizon = read(store, (snapshot) => snapshot.feedHorizon(table));
      for (const mark of marks.filter(({ version }) => version >= horizon)) {
        expect(foldFeed(store, table, mark.contents.get(table)!, mark.version)).toEqual(
          contents(table, models.get(table)!),
        );
      }
      expect(read(store, (snapshot) => snapshot.state(table).takenOver)).toBe(models.get(table)!.takenOver);
    }
  },
);

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build.ts';
import { createWork } from '../../../src/common/work.ts';
import { createFold } from '../../../src/ingest/apply.ts';
import { openStore } from '../../../src/store/lmdb.ts';
import type { Store } from '../../../src/store/store.ts';
import { createTestGateway, type TestGateway } from '../../../src/testing.ts';

const base = 'type Play @table(topic: "plays") { id: ID! song: String! ms: Int! }';
const later = `
type Half @view(source: "Play", where: { ms: { lt: 5 } }) { id: ID! song: String! ms: Int! }
type PerSong @aggregation(source: "Play") { song: String! plays: Int! @aggregate(fn: COUNT) ms: BigInt! @aggregate(fn: SUM, arg: "ms") }`;

/** More than one transaction of the making takes. */
const plays = 20_100;
const expected = Array.from({ length: 7 }, (_, song) => {
  const heard = Array.from({ length: plays }, (__, i) => i).filter((i) => i % 7 === song);
  return { song: `s${song}`, plays: heard.length, ms: String(heard.reduce((sum, i) => sum + (i % 10), 0)) };
});

let dataDir = '';
let gateway: TestGateway | undefined;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'headgate-build-'));
  gateway = await createTestGateway({ schema: base, dataDir });
  await gateway.produce(
    Array.from({ length: plays }, (_, i) => ({
      topic: 'plays',
      key: `p${i}`,
      value: { song: `s${i % 7}`, ms: i % 10 },
    })),
  );
  await gateway.close();
});
afterEach(async () => {
  await gateway?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function perSong(): Promise<unknown> {
  gateway = await createTestGateway({ schema: base + later, dataDir });
  return ((await gateway.query('{ perSongs { song plays ms } }')).data as { perSongs: unknown }).perSongs;
}

/** Makes what is new; after some writes the disk is full. */
function buildUntil(writes: number): Promise<void> {
  const catalog = buildCatalog([{ file: 'schema.graphql', text: base + later }]);
  const work = createWork();
  const opened = openStore({ directory: dataDir, catalog, writable: true, work, now: () => 0 });
  let left = writes;
  const store: Store = {
    ...opened,
    write(apply) {
      if (left === 0) throw new Error('No space left on device');
      left -= 1;
      return opened.write(apply);
    },
  };
  const fold = createFold({ catalog, work, events: { halted: () => {}, skipped: () => {} } });
  expect(() => fold.build(store)).toThrow('No space left');
  return opened.close();
}

test('a derived table is made of all rows of its source, however many', async () => {
  expect(await perSong()).toEqual(expected);
});

test.each([1, 3])('a making that ends after %d writes is begun again', async (writes) => {
  await buildUntil(writes);
  expect(await perSong()).toEqual(expected);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build.ts';
import { createWork } from '../../../src/common/work.ts';
import { createIngest } from '../../../src/ingest/ingest.ts';
import { createLogSource } from '../../../src/source/log.ts';
import { openStore } from '../../../src/store/lmdb.ts';
import type { Store } from '../../../src/store/store.ts';
import { createDecodingSource } from '../../support/decoding-source.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headgate-ingest-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a commit that fails is told of once, tried again, and nothing is lost', async () => {
  const log = join(directory, 'log');
  mkdirSync(log);
  writeFileSync(join(log, 'songs.ndjson'), '{"key":"a","value":{}}\n{"key":"b","value":{}}\n');
  const catalog = buildCatalog([{ file: 'a.graphql', text: 'type Song @table(topic: "songs") { id: ID! }' }]);
  const opened = openStore({
    directory: join(directory, 'data'),
    catalog,
    writable: true,
    work: createWork(),
    now: Date.now,
  });
  let refused = 0;
  // The first write says where to read from; then the disk is full for a while.
  let writes = 0;
  const store: Store = {
    ...opened,
    write(apply) {
      writes += 1;
      if (writes === 1 || refused === 2) return opened.write(apply);
      opened.write(() => {});
      refused += 1;
      throw new Error('Input/output error');
    },
  };
  const messages: string[] = [];
  const say = (message: string, facts?: Readonly<Record<string, unknown>>): void => {
    messages.push(facts?.['reason'] === undefined ? message : `${message}: ${String(facts['reason'])}`);
  };
  const table = catalog.tables[0];
  if (table === undefined) throw new Error('no table');
  await new Promise<void>((resolve, reject) => {
    const ingest = createIngest({
      catalog,
      store,
      source: createDecodingSource(createLogSource({ directory: log }), catalog, store),
      now: Date.now,
      log: { info: say, warn: say, error: say },
      failureOf: (cause) => `full, says ${String(cause)}`,
      maxCommitRows: 1_000,
      onCommit() {
        const snapshot = store.snapshot();
        const rows = snapshot.count(table);
        snapshot.release();
        if (rows === 2) setImmediate(() => void ingest.close().then(resolve, reject));
      },
      onProgress: () => {},
      onFailure: reject,
    });
    ingest.start();
  });
  await opened.close();
  expect(refused).toBe(2);
  expect(messages.filter((message) => message.includes('Input/output error'))).toEqual([
    'a commit failed and nothing of it was kept; ingest waits and tries it again: full, says Error: Input/output error',
  ]);
  expect(messages).toContain('commits succeed again; ingest goes on where it stopped');
});

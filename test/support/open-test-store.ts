import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { createWork } from '../../src/common/work.ts';
import { openEnvironment } from '../../src/store/lmdb.ts';
import { openStoreIn } from '../../src/store/open-store.ts';
import type { OpenEnvironment } from '../../src/store/open-store.ts';
import type { Snapshot, Store, StoreOptions } from '../../src/store/store.ts';

/** A directory that goes with the test. */
export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A writable store that is closed with the test, if the test has not closed it. */
export function openTestStore(
  catalog: Catalog,
  options: Partial<StoreOptions> = {},
  open: OpenEnvironment = openEnvironment,
): Store {
  const directory = options.directory ?? makeDirectory();
  const given = { writable: true, work: createWork(), now: () => 1_000, ...options, directory, catalog };
  const store = openStoreIn(given, open);
  onTestFinished(() => store.close());
  return store;
}

/** Reads at the newest version, and releases it. */
export function read<T>(store: Store, look: (snapshot: Snapshot) => T): T {
  const snapshot = store.snapshot();
  try {
    return look(snapshot);
  } finally {
    snapshot.release();
  }
}

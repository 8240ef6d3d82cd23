import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import { SetupError } from '../common/errors.ts';
import { createWork } from '../common/work.ts';
import { openStore } from '../store/lmdb.ts';
import type { Store } from '../store/store.ts';

/** The store in a folder as its user named it, beside whoever writes it. Throws SetupError where there is none. */
export function openToRead(catalog: Catalog, data: string, cwd: string): Store {
  const directory = resolve(cwd, data);
  if (!existsSync(directory)) {
    throw new SetupError([{ message: `There is no store in ${data}. Name its folder with --data.` }]);
  }
  return openStore({ directory, catalog, writable: false, work: createWork(), now: Date.now });
}

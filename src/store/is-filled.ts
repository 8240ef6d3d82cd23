import type { Catalog } from '../catalog/catalog.ts';
import type { Store } from './store.ts';

/** Whether every table has been caught up once. */
export function isFilled(store: Store, catalog: Catalog): boolean {
  const snapshot = store.snapshot();
  try {
    return catalog.tables.every((table) => snapshot.state(table).phase !== 'filling');
  } finally {
    snapshot.release();
  }
}

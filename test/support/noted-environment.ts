import type { Database } from '../../src/store/environment.ts';
import type { OpenEnvironment } from '../../src/store/open-store.ts';

/** What was asked of LMDB, by the name of the database. */
export interface Noted {
  /** Entries that were got by their keys. */
  readonly got: Map<string, number>;
  readonly written: Map<string, number>;
}

export function createNoted(): Noted {
  return { got: new Map(), written: new Map() };
}

/** An environment that notes what of each database is got by key, and written. */
export function notedEnvironment(openEnvironment: OpenEnvironment, { got, written }: Noted): OpenEnvironment {
  return (directory, settings) => {
    const env = openEnvironment(directory, settings);
    return {
      ...env,
      database<V>(name: string, decode: (bytes: Buffer) => V): Database<V> {
        const database = env.database(name, decode);
        const count = (counts: Map<string, number>): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
        return {
          ...database,
          get(key, transaction) {
            count(got);
            return database.get(key, transaction);
          },
          bytes(key, transaction) {
            count(got);
            return database.bytes(key, transaction);
          },
          put(key, value) {
            count(written);
            database.put(key, value);
          },
          putSlice(key, value) {
            count(written);
            database.putSlice(key, value);
          },
          remove(key) {
            count(written);
            database.remove(key);
          },
        };
      },
    };
  };
}

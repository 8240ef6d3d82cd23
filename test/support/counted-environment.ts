import type { Environment } from '../../src/store/environment.ts';
import type { OpenEnvironment } from '../../src/store/open-store.ts';

/** What was asked of LMDB. */
export interface StoreWork {
  /** Entries fetched by key or by cursor, and names of databases listed. */
  read: number;
  written: number;
}

/** An environment that counts; the least that a store can do, and all that it does, goes through it. */
export function countedEnvironment(openEnvironment: OpenEnvironment, work: StoreWork): OpenEnvironment {
  return (directory, settings): Environment => {
    const env = openEnvironment(directory, settings);
    return {
      ...env,
      names() {
        const names = env.names();
        work.read += names.length;
        return names;
      },
      database(name, decode) {
        const database = env.database(name, decode);
        return {
          ...database,
          get(key, transaction) {
            work.read += 1;
            return database.get(key, transaction);
          },
          cursor(range, transaction) {
            const cursor = database.cursor(range, transaction);
            return {
              next() {
                work.read += 1;
                return cursor.next();
              },
              get key() {
                return cursor.key;
              },
              get value() {
                return cursor.value;
              },
              close: () => cursor.close(),
            };
          },
          put(key, value) {
            work.written += 1;
            database.put(key, value);
          },
          putSlice(key, value) {
            work.written += 1;
            database.putSlice(key, value);
          },
          remove(key) {
            work.written += 1;
            database.remove(key);
          },
        };
      },
    };
  };
}

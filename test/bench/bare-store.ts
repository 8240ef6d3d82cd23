import { open } from 'lmdb';
import type { Database } from 'lmdb';
import type { Order } from './orders.ts';

/**
 * The least that keeps rows, one index, a change feed with images before and after, and offsets in LMDB: plain puts in one
 * synchronous transaction a batch, with the settings that Headgate's store uses. Nothing is decoded, checked or compared.
 */
export interface BareStore {
  /** One transaction. */
  write(upserts: readonly BareUpsert[], next: number): void;
  close(): Promise<void>;
}

/** Everything that a put needs, made beforehand. */
export interface BareUpsert {
  readonly key: Buffer;
  readonly row: Buffer;
  readonly indexKey: Buffer;
  /** Of the row as it is before; equal where the index stays as it is. Absent for a new row. */
  readonly indexKeyBefore?: Buffer | undefined;
}

export function bareUpsert(order: Order, before: Order | undefined): BareUpsert {
  return {
    key: Buffer.from(order.id),
    row: Buffer.from(JSON.stringify(order)),
    indexKey: Buffer.from(`${order.customerId}\0${order.id}`),
    indexKeyBefore: before && Buffer.from(`${before.customerId}\0${before.id}`),
  };
}

export function openBareStore(path: string): BareStore {
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const root = open<Buffer, Buffer>({
    path,
    noSync: true,
    maxDbs: 10,
    ...binary,
  });
  const database = (name: string): Database<Buffer, Buffer> => root.openDB<Buffer, Buffer>(name, binary);
  const [rows, index, feed, offsets] = [database('rows'), database('index'), database('feed'), database('offsets')];
  const nothing = Buffer.alloc(0);
  let version = 0;

  return {
    write(upserts, next) {
      root.transactionSync(() => {
        version += 1;
        let sequence = 0;
        for (const { key, row, indexKey, indexKeyBefore } of upserts) {
          const before = rows.get(key) ?? nothing;
          void rows.put(key, row);
          if (indexKeyBefore === undefined || !indexKeyBefore.equals(indexKey)) {
            if (indexKeyBefore !== undefined) void index.remove(indexKeyBefore);
            void index.put(indexKey, nothing);
          }
          const feedKey = Buffer.allocUnsafe(12);
          feedKey.writeDoubleBE(version, 0);
          feedKey.writeUInt32BE((sequence += 1), 8);
          void feed.put(feedKey, Buffer.concat([key, before, row]));
        }
        const nextBytes = Buffer.allocUnsafe(8);
        nextBytes.writeDoubleBE(next, 0);
        void offsets.put(Buffer.from('orders/0'), nextBytes);
      });
    },
    close: () => root.close(),
  };
}

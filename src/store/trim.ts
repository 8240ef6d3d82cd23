import type { Environment } from './environment.ts';
import { unpackFeedHeader } from './feed.ts';
import { metaKeys, readFeedKey, tableKey, under } from './layout.ts';
import { packJson } from './table-record.ts';
import type { TableRecord } from './table-record.ts';
import { readRecord } from './tables.ts';
import type { SharedDatabases, TableHandle } from './tables.ts';

/** Feed entries removed in one transaction; more than that goes in several, so that writes are not held up. */
const maxTrimmed = 50_000;

/**
 * Removes commits from the start of each table's feed: those older than its `retainMs`, and as many as are over its `maxBytes`.
 * A table with nothing to remove costs one look. No version is taken: nothing that a position tells has changed. True where
 * something was removed.
 */
export function trimFeeds(
  env: Environment,
  shared: SharedDatabases,
  tables: Iterable<TableHandle>,
  nowMs: number,
): boolean {
  let removed = false;
  for (const handle of tables) {
    for (let more = isDue(env, shared, handle, nowMs); more;) {
      removed = true;
      env.write(() => {
        more = trimTable(shared, handle, nowMs);
        return true;
      });
    }
  }
  return removed;
}

function isDue(env: Environment, shared: SharedDatabases, handle: TableHandle, nowMs: number): boolean {
  const transaction = env.read();
  const cursor = shared.feed.cursor(under(tableKey(handle.id)), transaction);
  try {
    if (!cursor.next()) return false;
    const record = readRecord(shared.meta.get(metaKeys.state(handle.id), transaction), handle.table);
    return isExpired(handle, record, unpackFeedHeader(cursor.value).committedMs, nowMs);
  } finally {
    cursor.close();
    transaction.done();
  }
}

function isExpired({ table }: TableHandle, record: TableRecord, committedMs: number, nowMs: number): boolean {
  return committedMs < nowMs - table.changes.retainMs || record.feedBytes > table.changes.maxBytes;
}

/** True where there is more to remove. */
function trimTable(shared: SharedDatabases, handle: TableHandle, nowMs: number): boolean {
  let record = readRecord(shared.meta.get(metaKeys.state(handle.id)), handle.table);
  const keys: Uint8Array[] = [];
  let more = false;
  const cursor = shared.feed.cursor(under(tableKey(handle.id)));
  while (cursor.next()) {
    const { version, sequence } = readFeedKey(cursor.key);
    if (sequence === 0) {
      const header = unpackFeedHeader(cursor.value);
      if (!isExpired(handle, record, header.committedMs, nowMs)) break;
      more = keys.length >= maxTrimmed;
      if (more) break;
      record = {
        ...record,
        feedHorizon: record.feedHorizon === undefined ? undefined : Math.max(record.feedHorizon, version),
        feedBytes: record.feedBytes - header.bytes,
      };
    }
    keys.push(cursor.key);
  }
  cursor.close();
  for (const key of keys) shared.feed.remove(key);
  shared.meta.put(metaKeys.state(handle.id), packJson(record));
  return more;
}

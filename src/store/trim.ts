import type { Environment, ReadTransaction } from './environment.ts';
import { unpackFeedHeader } from './feed.ts';
import type { FeedHeader } from './feed.ts';
import { changeRange, headerRange, metaKeys, ownId, readVersion } from './layout.ts';
import { packHead, packJson } from './table-record.ts';
import type { TableRecord } from './table-record.ts';
import { readHead, readRecord } from './tables.ts';
import type { SharedDatabases, TableHandle } from './tables.ts';

/** Feed entries removed in one transaction; more than that goes in several, so that writes are not held up. */
const maxTrimmed = 50_000;

/**
 * Removes commits from the start of each table's feed: those older than its `retainMs`, and as many as are over its `maxBytes`.
 * What is known of Headgate's own numbers goes once it is older than the longest `retainMs`. A feed with nothing to remove costs
 * one look. No version is taken: nothing that a position tells has changed. True where something was removed.
 */
export function trimFeeds(
  env: Environment,
  shared: SharedDatabases,
  tables: Iterable<TableHandle>,
  nowMs: number,
): boolean {
  let removed = false;
  const trimAll = (due: boolean, trim: () => boolean): void => {
    for (let more = due; more;) {
      removed = true;
      env.write(() => {
        more = trim();
        return true;
      });
    }
  };
  let longestMs = 0;
  for (const handle of tables) {
    longestMs = Math.max(longestMs, handle.table.changes.retainMs);
    const due = isDue(env, shared, handle.id, (header, transaction) => {
      const record = readRecord(shared.meta.get(metaKeys.state(handle.id), transaction), handle.table);
      return isExpired(handle, record, header, nowMs);
    });
    trimAll(due, () => trimTable(shared, handle, nowMs));
  }
  const isOld = ({ committedMs }: FeedHeader): boolean => committedMs < nowMs - longestMs;
  trimAll(isDue(env, shared, ownId, isOld), () => trimTicks(shared, isOld));
  return removed;
}

function isDue(
  env: Environment,
  shared: SharedDatabases,
  id: number,
  isGone: (oldest: FeedHeader, transaction: ReadTransaction) => boolean,
): boolean {
  const transaction = env.read();
  const cursor = shared.feed.cursor(headerRange(id), transaction);
  try {
    return cursor.next() && isGone(unpackFeedHeader(cursor.value), transaction);
  } finally {
    cursor.close();
    transaction.done();
  }
}

function isExpired(
  { table }: TableHandle,
  { feedBytes }: TableRecord,
  { committedMs }: FeedHeader,
  nowMs: number,
): boolean {
  return committedMs < nowMs - table.changes.retainMs || feedBytes > table.changes.maxBytes;
}

/** True where there may be more to remove. */
function trimTable(shared: SharedDatabases, handle: TableHandle, nowMs: number): boolean {
  let record = readRecord(shared.meta.get(metaKeys.state(handle.id)), handle.table);
  const more = removeOldest(shared, handle.id, (header, version, bytes) => {
    if (!isExpired(handle, record, header, nowMs)) return false;
    const { feedHorizon, feedBytes } = record;
    record = {
      ...record,
      feedHorizon: feedHorizon === undefined ? undefined : Math.max(feedHorizon, version),
      feedBytes: feedBytes - bytes,
    };
    return true;
  });
  shared.meta.put(metaKeys.state(handle.id), packJson(record));
  return more;
}

/** True where there may be more to remove. */
function trimTicks(shared: SharedDatabases, isOld: (header: FeedHeader) => boolean): boolean {
  const head = readHead(shared.meta.get(metaKeys.head));
  let { ticksHorizon } = head;
  const more = removeOldest(shared, ownId, (header, version) => {
    if (!isOld(header)) return false;
    ticksHorizon = version;
    return true;
  });
  shared.meta.put(metaKeys.head, packHead({ ...head, ticksHorizon }));
  return more;
}

/**
 * Removes commits from the start of a feed as long as `remove` says so, told what they take. True where it stopped since that is
 * enough for one transaction.
 */
function removeOldest(
  { feed }: SharedDatabases,
  id: number,
  remove: (header: FeedHeader, version: number, bytes: number) => boolean,
): boolean {
  const keys: Uint8Array[] = [];
  let entries = 0;
  let until = -1;
  const headers = feed.cursor(headerRange(id));
  while (entries < maxTrimmed && headers.next()) {
    const header = unpackFeedHeader(headers.value);
    const version = readVersion(headers.key);
    if (!remove(header, version, headers.value.length + header.changeBytes)) break;
    entries += 1 + header.changes;
    until = version;
    keys.push(headers.key);
  }
  headers.close();
  const changes = feed.cursor(changeRange(id, -1, until));
  while (changes.next()) keys.push(changes.key);
  for (const key of keys) feed.remove(key);
  return entries >= maxTrimmed;
}

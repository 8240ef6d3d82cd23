import type { DerivedTable } from '../catalog/catalog.ts';
import type { AggregationDefinition, Window } from '../catalog/derivation.ts';
import { must } from '../common/errors.ts';
import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import { encodeBound, encodeBriefKey, keyText } from '../store/keys.ts';
import type { WriteTransaction } from '../store/store.ts';
import { closeRows } from './aggregation.ts';
import { bucketId, msOf, sessionBucket } from './buckets.ts';
import { createContributions } from './contribution.ts';
import type { Contribution } from './contribution.ts';
import { writeGroupRow } from './group-row.ts';
import type { Group, GroupInput } from '../aggregate/group.ts';
import { createGroups } from '../aggregate/groups.ts';
import type { Lateness } from './lateness.ts';
import { groupsPrefix, memoryUnder, sessionsPrefix } from './memory-keys.ts';
import type { Moves } from './moves.ts';
import { sourceOf } from './operator.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { SessionRows } from './session-rows.ts';
import type { Session } from './session-rows.ts';

/** A session that the commit has moved. */
interface OpenedSession {
  session: Session;
  readonly dimensions: readonly Value[];
  readonly dimensionsKey: Uint8Array;
  readonly group: Group;
  timestampMs: number;
}

/**
 * One row per session: rows of a group belong together where each is at most the gap away from the next. A row that comes may extend a
 * session, or join two: the rows of the later one change over. One that goes may cut a session: those behind it do. A row that
 * comes in order of time costs no more than in a bucket.
 */
export function createSessions(
  context: OperatorContext,
  table: DerivedTable,
  definition: AggregationDefinition & { readonly window: Window },
  latenessOf: (tx: WriteTransaction) => Lateness | undefined,
): Operator {
  const source = sourceOf(context.catalog, table);
  const openGroup = createGroups(definition);
  const contributions = createContributions(context, table, definition);
  const { columns, sessionGapMs } = definition.window;
  const gapMs = must(sessionGapMs, 'sessions have a gap');
  const gapUs = BigInt(gapMs) * 1_000n;
  const end = must(columns.end, 'sessions have an end');

  class Commit {
    readonly #tx: WriteTransaction;
    readonly #rows: SessionRows;
    readonly #opened = new Map<number, OpenedSession>();
    readonly #gone = new Map<string, { readonly key: Uint8Array; readonly timestampMs: number }>();

    constructor(tx: WriteTransaction) {
      this.#tx = tx;
      this.#rows = new SessionRows(memoryUnder(tx.memory(table), sessionsPrefix), definition);
    }

    add({ dimensions, input }: Contribution, timestampMs: number): void {
      const dimensionsKey = encodeBound(definition.dimensions, dimensions);
      const { eventTime } = input;
      const [first, second] = this.#rows.around(dimensionsKey, eventTime, gapUs);
      this.#rows.put(dimensionsKey, input);
      if (first === undefined) {
        const session = { startUs: eventTime, endUs: eventTime, id: this.#rows.nextId() };
        this.#rows.putSession(dimensionsKey, session);
        const opened = this.#open(session, dimensions, dimensionsKey, timestampMs);
        opened.group.add(input);
        return;
      }
      const opened = this.#open(first, dimensions, dimensionsKey, timestampMs);
      opened.group.add(input);
      let startUs = least(first.startUs, eventTime);
      let endUs = greatest(first.endUs, eventTime);
      if (second !== undefined) {
        const other = this.#open(second, dimensions, dimensionsKey, timestampMs);
        for (const row of this.#rows.between(dimensionsKey, second.startUs, second.endUs)) {
          // The new row is in one of them already.
          if (sameRow(row, input)) continue;
          other.group.retract(row);
          opened.group.add(row);
        }
        this.#leave(other);
        startUs = least(startUs, second.startUs);
        endUs = greatest(endUs, second.endUs);
      }
      this.#bound(opened, { ...opened.session, startUs, endUs });
    }

    retract({ dimensions, input }: Contribution, timestampMs: number): void {
      const dimensionsKey = encodeBound(definition.dimensions, dimensions);
      const { eventTime } = input;
      const session = must(this.#rows.around(dimensionsKey, eventTime, 0n)[0], 'a row is in a session');
      const opened = this.#open(session, dimensions, dimensionsKey, timestampMs);
      this.#rows.remove(dimensionsKey, input);
      opened.group.retract(input);
      const before = this.#inside(session, this.#rows.nearest(dimensionsKey, eventTime + 1n, 'before'));
      const behind = this.#inside(session, this.#rows.nearest(dimensionsKey, eventTime, 'behind'));
      if (before === undefined && behind === undefined) {
        this.#leave(opened);
      } else if (before === undefined) {
        this.#bound(opened, { ...session, startUs: behind ?? session.startUs });
      } else if (behind === undefined) {
        this.#bound(opened, { ...session, endUs: before });
      } else if (behind - before > gapUs) {
        this.#bound(opened, { ...session, endUs: before });
        const cut = { startUs: behind, endUs: session.endUs, id: this.#rows.nextId() };
        this.#rows.putSession(dimensionsKey, cut);
        const other = this.#open(cut, dimensions, dimensionsKey, timestampMs);
        for (const row of this.#rows.between(dimensionsKey, cut.startUs, cut.endUs)) {
          opened.group.retract(row);
          other.group.add(row);
        }
      }
    }

    /** Rows of sessions that have moved; those whose start is another now, or that are no more, lose the row they had. */
    write(lateness: Lateness | undefined): void {
      const closedTo = lateness?.streamTime.closedTo ?? -Infinity;
      for (const { session, group } of this.#opened.values()) {
        group.save();
        if (group.rows > 0) this.#gone.delete(keyText(this.#keyOf(session.id)));
      }
      for (const { key, timestampMs } of this.#gone.values()) this.#tx.delete(table, key, timestampMs);
      for (const opened of this.#opened.values()) {
        if (opened.group.rows === 0) continue;
        const { session, dimensions, group, timestampMs } = opened;
        const rowTimeMs = msOf(session.endUs) + 2 * gapMs;
        const keyValues = contributions.key(dimensions, null, session.startUs);
        writeGroupRow(
          context,
          this.#tx,
          { table, definition },
          {
            key: encodeBriefKey(table.key, keyValues),
            keyValues,
            group,
            others: [
              [columns.closed.ordinal, rowTimeMs <= closedTo],
              [end.ordinal, session.endUs],
            ],
            rowTimeMs,
            timestampMs,
          },
        );
      }
    }

    #keyOf(id: number): Uint8Array {
      const { session, dimensions } = must(this.#opened.get(id), 'a session of the commit');
      return encodeBriefKey(table.key, contributions.key(dimensions, null, session.startUs));
    }

    #open(
      session: Session,
      dimensions: readonly Value[],
      dimensionsKey: Uint8Array,
      timestampMs: number,
    ): OpenedSession {
      let opened = this.#opened.get(session.id);
      if (opened === undefined) {
        const memory = memoryUnder(this.#tx.memory(table), groupsPrefix);
        const group = openGroup(memory, idBytes(session.id));
        opened = { session, dimensions, dimensionsKey, group, timestampMs };
        this.#opened.set(session.id, opened);
      }
      opened.timestampMs = Math.max(opened.timestampMs, timestampMs);
      return opened;
    }

    /** Gives a session other bounds; its row goes with its start. */
    #bound(opened: OpenedSession, session: Session): void {
      if (session.startUs !== opened.session.startUs) this.#leave(opened);
      opened.session = session;
      this.#rows.putSession(opened.dimensionsKey, session);
    }

    #leave(opened: OpenedSession): void {
      const key = this.#keyOf(opened.session.id);
      this.#gone.set(keyText(key), { key, timestampMs: opened.timestampMs });
      this.#rows.removeSession(opened.dimensionsKey, opened.session);
    }

    #inside({ startUs, endUs }: Session, atUs: bigint | undefined): bigint | undefined {
      return atUs !== undefined && atUs >= startUs && atUs <= endUs ? atUs : undefined;
    }
  }

  return {
    table,
    follow(tx, moves: Moves) {
      const lateness = latenessOf(tx);
      const commit = new Commit(tx);
      const counts = (row: Row, { input }: Contribution, when: 'before' | 'after') =>
        lateness?.refused(row.key, when).has(bucketId(sessionBucket(msOf(input.eventTime), gapMs))) !== true;
      for (const { key, before, after, expired, timestampMs } of moves.of(source)) {
        if (expired) {
          lateness?.forget(key);
          continue;
        }
        context.work.rowsDerived += 1;
        const was = before && contributions.of(tx, before, false);
        const is = after && contributions.of(tx, after, true);
        if (before !== undefined && was !== undefined && counts(before, was, 'before'))
          commit.retract(was, timestampMs);
        if (after !== undefined && is !== undefined && counts(after, is, 'after')) commit.add(is, timestampMs);
      }
      commit.write(lateness);
      lateness?.save();
    },
    passTime(tx) {
      const lateness = latenessOf(tx);
      if (lateness !== undefined) closeRows(tx, table, lateness, Math.max(0, lateness.streamTime.greatest));
    },
  };
}

function idBytes(id: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(id), 0);
  return bytes;
}

function sameRow(a: GroupInput, b: GroupInput): boolean {
  const samePlace = a.eventTime === b.eventTime && a.partition === b.partition && a.offset === b.offset;
  return samePlace && Buffer.compare(a.key, b.key) === 0;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function greatest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

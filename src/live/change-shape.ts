import type { Table } from '../catalog/catalog.ts';
import { must } from '../common/errors.ts';
import type { Work } from '../common/work.ts';
import type { FeedHistory } from '../feed/history.ts';
import type { TableCommit } from '../model/change.ts';
import { encodePosition, type Position } from '../model/position.ts';
import { positionOf } from '../query/position-of.ts';
import type {
  ChangeMessage,
  ChangeStreamArguments,
  Prepared,
  Progress,
  QueryEngine,
  SeenChange,
} from '../query/query.ts';
import type { Snapshot } from '../store/store.ts';
import { frameText } from './frame.ts';
import { type CommitsByTable, createMembership, type Membership } from './membership.ts';
import type { TablesByName } from './relation-paths.ts';
import { snapshotRows } from './stream-start.ts';
import { Tally } from './tally.ts';
import type { Turn } from './turns.ts';

export interface ChangeShapeHost {
  readonly engine: QueryEngine;
  readonly work: Work;
  readonly progress: () => Progress;
  /** ms since 1970. */
  readonly now: () => number;
  readonly tables: TablesByName;
  readonly history: FeedHistory;
  /** The table's commits after a version, up to the snapshot's. */
  readonly commits: (snapshot: Snapshot, table: Table, after: number) => Iterable<TableCommit>;
  readonly maxChangesPerMessage: number;
}

/** How far a stream has come. */
export interface StreamPoint {
  /** Every commit up to this version has been looked at. */
  readonly version: number;
  /** Of the last message; the client's token before the first. */
  readonly position: Position;
  /** Whether the next message is of what happened since the stream began, and not of what it resumes. */
  readonly live: boolean;
}

/** One commit, or one snapshot, as the members of a shape are sent it: in one message or several. */
export interface StreamBatch {
  /** The version it brings a member to. */
  readonly version: number;
  readonly position: Position;
  readonly parts: number;
  /** The text of a part; made once, at the version of the batch. */
  text(part: number, snapshot: Snapshot): string;
}

export type Step =
  | { readonly kind: 'batch'; readonly batch: StreamBatch }
  /** Nothing for this stream up to the snapshot's version. */
  | { readonly kind: 'caught-up' }
  /** Nothing up to this version; the turn is over. */
  | { readonly kind: 'paused'; readonly version: number };

/** A message that could not be made, such as one that takes too long or becomes too large. The text is the frame that says so. */
export class MessageFailed extends Error {
  override readonly name = 'MessageFailed';
}

/** Equal change streams: what a commit means for them is worked out and serialized once. */
export class ChangeShape {
  readonly prepared: Prepared;
  readonly stream: ChangeStreamArguments;
  readonly membership: Membership;
  readonly tally: Tally;
  /** What its positions name, each table as it was at the version of the message. */
  readonly #named: Pick<Prepared, 'tables' | 'grants'>;
  readonly #host: ChangeShapeHost;
  #memo: { readonly key: string; readonly step: Step } | undefined;

  constructor(prepared: Prepared, host: ChangeShapeHost) {
    this.prepared = prepared;
    this.stream = must(prepared.changes, 'a change stream is prepared with its arguments');
    this.membership = createMembership(host.tables, this.stream);
    this.#named = { tables: [this.stream.table, ...this.stream.related], grants: prepared.grants };
    this.tally = new Tally(host.work, host.now);
    this.#host = host;
  }

  /** What comes next for a stream at this point. Members at the same point share the result. */
  next(point: StreamPoint, turn: Turn): Step {
    const { version } = turn.snapshot;
    const key = `${point.version} ${version} ${point.live} ${encodePosition(point.position)}`;
    if (this.#memo?.key !== key) {
      const step = this.#next(point, turn);
      if (step.kind === 'paused') return step;
      this.#memo = { key, step };
    }
    return this.#memo.step;
  }

  /** What members were told may be let go of. */
  forget(): void {
    this.#memo = undefined;
  }

  /** The rows of the set as inserts, in one cut. Throws SNAPSHOT_TOO_LARGE, and what a list would. */
  rows(snapshot: Snapshot, limit: number): readonly SeenChange[] {
    const { engine } = this.#host;
    return this.tally.evaluate(() =>
      snapshotRows(engine.rowsOf(this.prepared, snapshot), this.stream, this.membership, snapshot, limit),
    );
  }

  /** A message that does not come from a commit: the first of a stream, or that it has caught up. */
  message(changes: readonly SeenChange[], reset: boolean, snapshot: Snapshot): StreamBatch {
    const position = positionOf(this.#named, snapshot);
    return {
      version: snapshot.version,
      position,
      parts: 1,
      text: (_, now) =>
        this.#text(
          { changes, position: encodePosition(position), live: true, reset, complete: true },
          snapshot.version,
          now,
        ),
    };
  }

  #next(point: StreamPoint, turn: Turn): Step {
    const { snapshot } = turn;
    const { history } = this.#host;
    for (const { version, commits } of this.#commitsAfter(snapshot, point.version)) {
      const [before, after] = this.membership.crossing
        ? [history.at(version - 1, snapshot), history.at(version, snapshot)]
        : [snapshot, snapshot];
      const changes = this.membership.changes(commits, before, after);
      if (changes.length > 0) {
        return { kind: 'batch', batch: this.#batch(point, version, changes, snapshot) };
      }
      if (turn.over()) return { kind: 'paused', version };
    }
    return { kind: 'caught-up' };
  }

  #batch(point: StreamPoint, version: number, changes: readonly SeenChange[], snapshot: Snapshot): StreamBatch {
    const size = this.#host.maxChangesPerMessage;
    const parts = Math.ceil(changes.length / size);
    const position = positionOf(this.#named, snapshot, version);
    const texts: string[] = [];
    const text = (part: number, now: Snapshot) => {
      const complete = part === parts - 1;
      const message: ChangeMessage = {
        changes: changes.slice(part * size, (part + 1) * size),
        position: encodePosition(complete ? position : point.position),
        live: point.live,
        reset: false,
        complete,
      };
      texts[part] ??= this.#text(message, version, now);
      return texts[part];
    };
    return { version, position, parts, text };
  }

  #text(message: ChangeMessage, version: number, snapshot: Snapshot): string {
    const { engine, progress, history } = this.#host;
    const { data, errors } = this.tally.evaluate(() =>
      engine.executeChanges(this.prepared, message, {
        snapshot,
        reader: history.at(version, snapshot),
        progress: progress(),
      }),
    );
    // Without its changes the message must not count as told, nor may what comes after it: the stream ends here.
    if (data === 'null') throw new MessageFailed(frameText(data, errors, undefined));
    const text = frameText(data, errors, message.position);
    this.tally.made(text);
    return text;
  }

  /** The commits of all tables watched, version by version. Lazy. */
  *#commitsAfter(
    snapshot: Snapshot,
    after: number,
  ): Generator<{ readonly version: number; readonly commits: CommitsByTable }> {
    const feeds = this.membership.watched.map((table) => {
      const commits = this.#host.commits(snapshot, table, after)[Symbol.iterator]();
      return { table, commits, next: commits.next() };
    });
    try {
      for (;;) {
        let version = Infinity;
        for (const { next } of feeds) if (next.done !== true) version = Math.min(version, next.value.version);
        if (version === Infinity) return;
        const commits = new Map<Table, TableCommit>();
        for (const feed of feeds) {
          if (feed.next.done === true || feed.next.value.version !== version) continue;
          commits.set(feed.table, feed.next.value);
          feed.next = feed.commits.next();
        }
        yield { version, commits };
      }
    } finally {
      for (const { commits } of feeds) commits.return?.();
    }
  }
}

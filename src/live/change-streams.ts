import type { Table } from '../catalog/catalog.ts';
import { FeedHistory } from '../feed/history.ts';
import type { Change } from '../model/change.ts';
import type { Prepared } from '../query/query.ts';
import { ChangeRouter } from './change-router.ts';
import { ChangeShape, type ChangeShapeHost } from './change-shape.ts';
import { ChangeStream, type ChangeStreamHost } from './change-stream.ts';
import type { FeedFollower } from './feed-follower.ts';
import type { FrameSink, HubOptions } from './live.ts';
import type { Open } from './tally.ts';
import type { Turns } from './turns.ts';

/** The change streams that somebody listens to, and who is concerned by what. */
export class ChangeStreams {
  readonly #turns: Turns;
  readonly #shapeHost: ChangeShapeHost;
  readonly #streamHost: ChangeStreamHost;
  readonly #history: FeedHistory;
  readonly #router = new ChangeRouter<ChangeShape>();
  readonly #shapes = new Map<string, { readonly shape: ChangeShape; readonly streams: Set<ChangeStream> }>();
  readonly #streamsByTable = new Map<Table, Set<ChangeStream>>();

  constructor(
    { store, engine, progress, tables, limits, now = Date.now, onFailure }: HubOptions,
    turns: Turns,
    follower: FeedFollower,
    sent: () => void,
  ) {
    const { work } = store;
    this.#turns = turns;
    this.#history = new FeedHistory(limits.maxHistoryRows);
    this.#shapeHost = {
      engine,
      work,
      progress,
      now,
      tables: new Map(tables.map((table) => [table.name, table])),
      history: this.#history,
      commits: (snapshot, table, after) => follower.commits(snapshot, table, after),
      maxChangesPerMessage: limits.maxChangesPerMessage,
    };
    this.#streamHost = {
      snapshotLimit: limits.snapshotLimit,
      due: (stream) => turns.add(stream),
      sent,
      onFailure,
      ended: (stream) => this.remove(stream),
    };
  }

  get size(): number {
    return this.#shapes.size;
  }

  get streams(): number {
    let streams = 0;
    for (const entry of this.#shapes.values()) streams += entry.streams.size;
    return streams;
  }

  *open(): Iterable<Open> {
    for (const { shape, streams } of this.#shapes.values()) {
      yield { prepared: shape.prepared, tally: shape.tally, subscribers: streams.size };
    }
  }

  has(shapeId: string): boolean {
    return this.#shapes.has(shapeId);
  }

  tables(): Iterable<Table> {
    return this.#streamsByTable.keys();
  }

  add(prepared: Prepared, sink: FrameSink): ChangeStream {
    let entry = this.#shapes.get(prepared.shapeId);
    if (entry === undefined) {
      const shape = new ChangeShape(prepared, this.#shapeHost);
      entry = { shape, streams: new Set() };
      this.#shapes.set(prepared.shapeId, entry);
      this.#router.add(shape, shape.stream, shape.membership);
    }
    const stream = new ChangeStream(entry.shape, sink, this.#streamHost);
    entry.streams.add(stream);
    for (const table of entry.shape.membership.watched) {
      this.#streamsByTable.set(table, (this.#streamsByTable.get(table) ?? new Set()).add(stream));
    }
    this.#turns.add(stream);
    return stream;
  }

  /** Idempotent. */
  remove(stream: ChangeStream): void {
    const { shape } = stream;
    const entry = this.#shapes.get(shape.prepared.shapeId);
    if (entry?.streams.delete(stream) !== true) return;
    stream.stop();
    this.#turns.remove(stream);
    for (const table of shape.membership.watched) {
      const streams = this.#streamsByTable.get(table);
      streams?.delete(stream);
      if (streams?.size === 0) this.#streamsByTable.delete(table);
    }
    if (entry.streams.size > 0) return;
    this.#shapes.delete(shape.prepared.shapeId);
    this.#router.remove(shape);
  }

  wants(table: Table): boolean {
    return this.#streamsByTable.has(table);
  }

  /** Something of the table changed in a commit after version `since`. */
  touch(table: Table, change: Change, since: number): void {
    this.#router.touch(table, change, (shape) => {
      for (const stream of this.#shapes.get(shape.prepared.shapeId)?.streams ?? []) stream.touch(since);
    });
  }

  touchTable(table: Table, since: number): void {
    for (const stream of this.#streamsByTable.get(table) ?? []) stream.touch(since);
  }

  /** After a turn: lets go of history and messages that no stream will ask for. */
  endTurn(): void {
    if (this.#history.rows === 0) return;
    let oldest = Infinity;
    for (const { streams } of this.#shapes.values()) {
      for (const { reading } of streams) oldest = Math.min(oldest, reading ?? Infinity);
    }
    if (oldest === Infinity) this.#history.clear();
    else this.#history.forget(oldest);
  }

  complete(): void {
    for (const { streams } of this.#shapes.values()) for (const stream of streams) stream.complete();
    this.#shapes.clear();
    this.#streamsByTable.clear();
    this.#history.clear();
  }
}

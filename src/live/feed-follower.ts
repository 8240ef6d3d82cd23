import type { Table } from '../catalog/catalog.ts';
import type { TableCommit } from '../model/change.ts';
import { servingState } from '../query/serving.ts';
import type { Snapshot, TableState } from '../store/store.ts';

export interface FollowerSink {
  /** Whether the commits are to be told one by one, given their size; else `unknown` is. */
  wants(table: Table, bytes: number): boolean;
  /** A commit of the table, in order. */
  commit(table: Table, commit: TableCommit): void;
  /** What happened to the table is not told (wholly): anything that reads it may have changed. */
  unknown(table: Table): void;
}

/** Reads the change feed from version to version, once for all who wait for it. */
export class FeedFollower {
  #version = -1;
  readonly #phases = new Map<Table, TableState['phase']>();
  /** What was told last: all commits in (`since`, `version`], for those who look at them again in the same turn. */
  #since = -1;
  readonly #told = new Map<Table, TableCommit[]>();

  /** Everything up to this version has been told. */
  get version(): number {
    return this.#version;
  }

  /** Tells what happened to these tables between the version last seen and the snapshot's. */
  advance(snapshot: Snapshot, tables: Iterable<Table>, sink: FollowerSink): void {
    const after = this.#version;
    if (snapshot.version === after) return;
    this.#told.clear();
    for (const table of tables) {
      const { phase } = servingState(table, snapshot);
      const before = this.#phases.get(table);
      this.#phases.set(table, phase);
      // While a table fills for the first time nothing enters the feed; and a feed that was trimmed further than we
      // had read tells only part of the story.
      const isWhole = phase !== 'filling' && (before ?? phase) === phase && snapshot.feedHorizon(table) <= after;
      if (!isWhole || !sink.wants(table, snapshot.feedBytes(table, after, snapshot.version))) {
        sink.unknown(table);
        continue;
      }
      const told: TableCommit[] = [];
      for (const commit of snapshot.feed(table, after, snapshot.version)) {
        told.push(commit);
        sink.commit(table, commit);
      }
      this.#told.set(table, told);
    }
    this.#since = after;
    this.#version = snapshot.version;
  }

  /** The table's commits after a version: those just told where they are enough, else from the disk. */
  commits(snapshot: Snapshot, table: Table, after: number): Iterable<TableCommit> {
    const told = this.#told.get(table);
    if (told === undefined || after < this.#since || snapshot.version !== this.#version) {
      return snapshot.feed(table, after, snapshot.version);
    }
    return after === this.#since ? told : told.filter(({ version }) => version > after);
  }

  /** Nobody is going to look again at what was told. */
  forget(): void {
    this.#told.clear();
  }

  /** What happened since then will not be told: whoever comes next begins at the snapshot he finds. */
  reset(): void {
    this.#version = -1;
    this.#phases.clear();
    this.#told.clear();
  }
}

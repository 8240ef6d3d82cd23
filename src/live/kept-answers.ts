import type { Table } from '../catalog/catalog.ts';
import type { Work } from '../common/work.ts';
import type { Change } from '../model/change.ts';
import type { Row } from '../model/row.ts';
import type { Access, RangePath } from '../query/access.ts';
import { isKeepable, type Kept, type KeptAnswer, KeptCount, KeptList, spareOf } from '../query/kept.ts';
import type { Reading } from '../query/reading.ts';
import { isLimited, scan } from '../query/scan.ts';
import type { Snapshot } from '../store/store.ts';
import type { RecordingReader } from './read-set.ts';
import { type Route, routesOf, ValueRoutes } from './value-routes.ts';

/** Rows that all kept lists hold together, at most. */
const maxHeldRows = 200_000;
/** Kept answers of one table that every change of it is tested for: beyond, what is not routed is read again. */
const maxUnrouted = 200;

/**
 * Lists and counts that are kept up to date by the changes of their tables, where reading them takes more than it gives: sorted
 * lists, filters that no index serves, counts. What follows from more than the row itself is not kept, nor what costs little.
 */
export class KeptAnswers<S> {
  readonly #work: Work;
  readonly #byShape = new Map<S, Map<Access, Entry<S>>>();
  readonly #byTable = new Map<Table, TableAnswers<S>>();
  #heldRows = 0;

  constructor(work: Work) {
    this.#work = work;
  }

  /** Whether changes of the table have to be told whatever else wants them. */
  follows(table: Table): number {
    return this.#byTable.get(table)?.entries.size ?? 0;
  }

  /** For one evaluation of a shape. What is kept afterwards is not in what the reader has recorded. */
  of(shape: S, reader: RecordingReader, snapshot: Snapshot): Kept {
    return {
      rows: (reading, access, size) => {
        const entry = this.#find(shape, access);
        const known = entry?.answer instanceof KeptList ? entry.answer.shown : undefined;
        if (known !== undefined) {
          reading.spend(known.length);
          return known;
        }
        return this.#readRows(shape, reader, snapshot, { reading, access, size });
      },
      count: (reading, access, read) => {
        const entry = this.#find(shape, access);
        const known = entry?.answer instanceof KeptCount ? entry.answer.count : undefined;
        return known ?? this.#readCount(shape, reader, snapshot, { reading, access, read });
      },
    };
  }

  /** Calls `mark` for the shapes whose answer may be another one now. */
  touch(table: Table, change: Change, mark: (shape: S) => void): void {
    const answers = this.#byTable.get(table);
    if (answers === undefined) return;
    answers.routes.touch(change, (entry) => {
      if (change.after !== undefined) entry.grown += 1;
      const held = entry.answer.held;
      if (entry.grown > entry.room) entry.answer.lose();
      if (entry.answer.apply(change)) mark(entry.shape);
      this.#heldRows += entry.answer.held - held;
    });
  }

  /** Not everything that happened to the table was told. */
  lose(table: Table): void {
    for (const entry of this.#byTable.get(table)?.entries ?? []) this.#lose(entry);
  }

  /** After the changes up to the snapshot: who may not look at so many rows any more is told so, as a query is. */
  check(snapshot: Snapshot, mark: (shape: S) => void): void {
    for (const [table, { limited, mostRows }] of this.#byTable) {
      if (limited.size === 0 || snapshot.count(table) <= mostRows) continue;
      for (const entry of limited) {
        this.#lose(entry);
        mark(entry.shape);
      }
    }
  }

  remove(shape: S): void {
    for (const entry of this.#byShape.get(shape)?.values() ?? []) this.#drop(entry);
    this.#byShape.delete(shape);
  }

  #find(shape: S, access: Access): Entry<S> | undefined {
    return this.#byShape.get(shape)?.get(access);
  }

  #readRows(
    shape: S,
    reader: RecordingReader,
    snapshot: Snapshot,
    { reading, access, size }: { readonly reading: Reading; readonly access: Access; readonly size: number },
  ): readonly Row[] | undefined {
    if (!this.#mayKeep(access, reading, snapshot)) return this.#forget(shape, access);
    const mark = reader.mark();
    const spent = reading.spent;
    const source = scan(reading, access)[Symbol.iterator]();
    const rows: Row[] = [];
    let complete = false;
    const readTo = (most: number): void => {
      while (!complete && rows.length < most) {
        const next = source.next();
        if (next.done === true) complete = true;
        else rows.push(next.value);
      }
    };
    try {
      readTo(size);
      if (pays(reading.spent - spent, rows.length) && this.#hasRoom(access, size)) {
        readTo(size + spareOf(size));
        if (!reading.halfUsed) {
          reader.forget(mark);
          const list = new KeptList(access, size, this.#work);
          list.fill(rows, complete);
          this.#keep(shape, access, list, reading);
          return rows.slice(0, size);
        }
      }
    } finally {
      source.return?.();
    }
    this.#forget(shape, access);
    return rows.slice(0, size);
  }

  #readCount(
    shape: S,
    reader: RecordingReader,
    snapshot: Snapshot,
    { reading, access, read }: { readonly reading: Reading; readonly access: Access; readonly read: () => number },
  ): number {
    const mark = reader.mark();
    const spent = reading.spent;
    const count = read();
    this.#forget(shape, access);
    const keeps =
      this.#mayKeep(access, reading, snapshot) &&
      pays(reading.spent - spent, 0) &&
      !reading.halfUsed &&
      this.#hasRoom(access, 0);
    if (keeps) {
      reader.forget(mark);
      const kept = new KeptCount(access, this.#work);
      kept.fill(count);
      this.#keep(shape, access, kept, reading);
    }
    return count;
  }

  /**
   * A query that comes near a limit is read again at every change that may concern it: so that the two fail at the same change.
   * What is read to the end in order, to find a few more rows, must not come there either.
   */
  #mayKeep(access: Access, { limits }: Reading, snapshot: Snapshot): boolean {
    if (!isKeepable(access)) return false;
    const rows = snapshot.count(access.table);
    if (isLimited(access)) return rows <= limits.scanLimit;
    return isSorted(access) || rows <= limits.maxRowsRead / 2;
  }

  #hasRoom(access: Access, size: number): boolean {
    if (this.#heldRows + size + spareOf(size) > maxHeldRows) return false;
    const unrouted = this.#byTable.get(access.table)?.routes.unrouted ?? 0;
    return unrouted < maxUnrouted || waysOf(access).length > 0;
  }

  #keep(shape: S, access: Access, answer: KeptAnswer, { limits }: Reading): void {
    this.#forget(shape, access);
    const { table } = access;
    const answers = this.#byTable.get(table) ?? {
      entries: new Set(),
      routes: new ValueRoutes<Entry<S>>(),
      limited: new Set(),
      mostRows: limits.scanLimit,
    };
    this.#byTable.set(table, answers);
    const entry: Entry<S> = {
      shape,
      table,
      answer,
      room: limits.maxRowsRead / 2,
      grown: 0,
      undo: () => {},
    };
    entry.undo = answers.routes.add(waysOf(access), entry);
    answers.entries.add(entry);
    if (isLimited(access)) answers.limited.add(entry);
    this.#heldRows += answer.held;
    const byAccess = this.#byShape.get(shape) ?? new Map<Access, Entry<S>>();
    this.#byShape.set(shape, byAccess.set(access, entry));
  }

  #forget(shape: S, access: Access): undefined {
    const byAccess = this.#byShape.get(shape);
    const entry = byAccess?.get(access);
    if (byAccess === undefined || entry === undefined) return;
    this.#drop(entry);
    byAccess.delete(access);
    if (byAccess.size === 0) this.#byShape.delete(shape);
  }

  #drop(entry: Entry<S>): void {
    this.#lose(entry);
    entry.undo();
    const answers = this.#byTable.get(entry.table);
    answers?.entries.delete(entry);
    answers?.limited.delete(entry);
    if (answers?.entries.size === 0) this.#byTable.delete(entry.table);
  }

  #lose({ answer }: Entry<S>): void {
    this.#heldRows -= answer.held;
    answer.lose();
  }
}

interface TableAnswers<S> {
  readonly entries: Set<Entry<S>>;
  readonly routes: ValueRoutes<Entry<S>>;
  /** Of queries that fail where the table has more than `mostRows`. */
  readonly limited: Set<Entry<S>>;
  readonly mostRows: number;
}

interface Entry<S> {
  readonly shape: S;
  readonly table: Table;
  readonly answer: KeptAnswer;
  /** Rows that may come among those it looks at before it has to be read again, to learn whether it still may. */
  readonly room: number;
  grown: number;
  undo: () => void;
}

/** Whether it took more to read than a query of so many rows does by an index of its order. */
function pays(looked: number, given: number): boolean {
  return looked > 2 * given;
}

function isSorted({ path }: Access): boolean {
  return path.kind !== 'range' || path.ordering.kind === 'sort';
}

/** By what its path is bounded by: so whatever comes among the rows that it looks at is told, not only what it keeps. */
function waysOf({ path, predicate }: Access): readonly Route[] {
  const paths = (path.kind === 'union' ? path.parts : [path]) as readonly RangePath[];
  const routes = paths.map(routeOf);
  return routes.every((route) => route !== undefined) ? routes : routesOf(predicate);
}

function routeOf({ bounded, columns, equal, range }: RangePath): Route | undefined {
  const [column] = columns;
  if (!bounded || column === undefined) return undefined;
  const [values] = equal;
  if (values !== undefined) return { column, fact: { equal: values } };
  return range === undefined ? undefined : { column, fact: range };
}

import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import type { Access } from './access.ts';
import { countRows } from './count.ts';
import { encodeCursor } from './cursor.ts';
import type { Reading } from './reading.ts';
import { scan } from './scan.ts';
import { isWithin } from './window.ts';
import type { Window } from './window.ts';

/** How the rows of a connection are found: in its order, in the reverse of it, and for counting in none. */
export interface ConnectionAccess {
  readonly forward: Access;
  readonly backward: Access;
  readonly counting: Access;
}

export interface ConnectionPage {
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly after: readonly Value[] | undefined;
  readonly before: readonly Value[] | undefined;
  /** Where neither first nor last is given. */
  readonly defaultSize: number;
}

/** What `songsConnection` resolves to: one page by Relay's rules, of which only what is selected is read. */
export class Connection {
  readonly #reading: Reading;
  readonly #access: ConnectionAccess;
  readonly #page: ConnectionPage;
  #loaded: Loaded | undefined;
  #all: readonly Row[] | undefined;

  constructor(reading: Reading, access: ConnectionAccess, page: ConnectionPage) {
    this.#reading = reading;
    this.#access = access;
    this.#page = page;
  }

  rows(): readonly Row[] {
    return this.#load().rows;
  }

  cursor(row: Row): string {
    const { table, order } = this.#access.forward;
    return encodeCursor(table, order, row);
  }

  hasNextPage(): boolean {
    const { rows, moreAfter } = this.#load();
    const { before } = this.#page;
    if (moreAfter || before === undefined) return moreAfter;
    const end = rows.at(-1);
    return this.#exists(
      end === undefined ? { after: before, inclusive: true } : { after: this.#place(end) },
      'forward',
    );
  }

  hasPreviousPage(): boolean {
    const { rows, moreBefore } = this.#load();
    const { after } = this.#page;
    if (moreBefore || after === undefined) return moreBefore;
    const start = rows[0];
    return this.#exists(
      start === undefined ? { before: after, inclusive: true } : { before: this.#place(start) },
      'backward',
    );
  }

  totalCount(): number {
    if (this.#all !== undefined) return this.#all.length;
    const { counting } = this.#access;
    const count = () => countRows(this.#reading, counting);
    return this.#reading.kept?.count(this.#reading, counting, count) ?? count();
  }

  #load(): Loaded {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  #read(): Loaded {
    const { first, last, after, before, defaultSize } = this.#page;
    const window = { after, before };
    if (first === undefined && last !== undefined) {
      const { rows, more } = this.#take(window, 'backward', last);
      return { rows: rows.toReversed(), moreBefore: more, moreAfter: false };
    }
    const { rows, more } = this.#take(window, 'forward', first ?? defaultSize);
    if (last === undefined || rows.length <= last) return { rows, moreBefore: false, moreAfter: more };
    return { rows: last === 0 ? [] : rows.slice(-last), moreBefore: true, moreAfter: more };
  }

  /** The first rows of the window from one end, and whether there are more. */
  #take(window: Window, direction: Direction, size: number): { rows: readonly Row[]; more: boolean } {
    const rows: Row[] = [];
    for (const row of this.#rowsIn(window, direction)) {
      if (rows.length === size) return { rows, more: true };
      rows.push(row);
    }
    return { rows, more: false };
  }

  #exists(window: Window, direction: Direction): boolean {
    for (const _row of this.#rowsIn(window, direction)) return true;
    return false;
  }

  #rowsIn(window: Window, direction: Direction): Iterable<Row> {
    const { forward, backward } = this.#access;
    if (isSorted(forward)) {
      const rows = this.#sorted().filter((row) => isWithin(forward.order, row, window));
      return direction === 'forward' ? rows : rows.reverse();
    }
    if (direction === 'forward') return scan(this.#reading, forward, [], window);
    const { after, before, inclusive } = window;
    return scan(this.#reading, backward, [], { after: before, before: after, inclusive });
  }

  /** All rows, where they have to be sorted in memory anyway. */
  #sorted(): readonly Row[] {
    this.#all ??= [...scan(this.#reading, this.#access.forward)];
    return this.#all;
  }

  #place(row: Row): readonly Value[] {
    return this.#access.forward.order.map(({ column }) => row.value(column));
  }
}

type Direction = 'forward' | 'backward';

interface Loaded {
  readonly rows: readonly Row[];
  readonly moreBefore: boolean;
  readonly moreAfter: boolean;
}

function isSorted({ path }: Access): boolean {
  return path.kind !== 'range' || path.ordering.kind === 'sort';
}

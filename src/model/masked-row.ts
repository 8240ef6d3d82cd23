import type { Column } from '../catalog/column.ts';
import type { Row } from './row.ts';
import type { Value } from './value.ts';

/** A row as a caller sees it who may not read all of it: what it may not read is null. */
export class MaskedRow implements Row {
  /** The row as it is stored: rules go by it. */
  readonly row: Row;
  readonly #isReadable: (column: Column) => boolean;

  constructor(row: Row, isReadable: (column: Column) => boolean) {
    this.row = row;
    this.#isReadable = isReadable;
  }

  get key(): Uint8Array {
    return this.row.key;
  }

  get partition(): number {
    return this.row.partition;
  }

  get offset(): number {
    return this.row.offset;
  }

  get timestampMs(): number {
    return this.row.timestampMs;
  }

  get size(): number {
    return this.row.size;
  }

  value(column: Column): Value {
    return this.#isReadable(column) ? this.row.value(column) : null;
  }

  json(column: Column): string {
    return this.#isReadable(column) ? this.row.json(column) : 'null';
  }
}

/** The row that rules see. */
export function storedRow(row: Row): Row {
  return row instanceof MaskedRow ? row.row : row;
}

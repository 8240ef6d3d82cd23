import type { Index, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { valueToJson } from '../model/value.ts';
import type { ColumnType } from '../model/value.ts';
import { decodeKey } from './keys.ts';
import type { ByteText, CopiedColumn } from './row-copier.ts';

/** Writes rows as JSON objects out of the keys of an index, which hold all that is asked for: no row is read. */
export class KeyCopier {
  readonly #columns: readonly CopiedColumn[];
  readonly #after: string;
  readonly #index: Index;
  readonly #table: Table;
  /** By copied column: its place among the index's columns and then the key's. */
  readonly #places: readonly number[];

  private constructor(columns: readonly CopiedColumn[], after: string, table: Table, index: Index) {
    this.#columns = columns;
    this.#after = after;
    this.#index = index;
    this.#table = table;
    const inKeys = columnsInKeys(table, index);
    this.#places = columns.map(({ column }) => inKeys.indexOf(column));
  }

  /** Undefined where the keys do not tell all columns as they are shown. */
  static of(columns: readonly CopiedColumn[], after: string, table: Table, index: Index): KeyCopier | undefined {
    const inKeys = columnsInKeys(table, index);
    const tells = columns.every(({ column }) => inKeys.includes(column) && isToldByKeys(column.type));
    return tells ? new KeyCopier(columns, after, table, index) : undefined;
  }

  /** False where a value is null that never is. */
  copy(indexKey: Uint8Array, rowKey: Uint8Array, to: ByteText): boolean {
    const values = [...decodeKey(this.#index.columns, indexKey), ...decodeKey(this.#table.key, rowKey)];
    let text = '';
    for (const [i, { before, column, required }] of this.#columns.entries()) {
      const value = values[this.#places[i] ?? -1] ?? null;
      if (value === null && required) return false;
      text += before;
      text += valueToJson(column.type, value);
    }
    to.string(text + this.#after);
    return true;
  }
}

function columnsInKeys(table: Table, index: Index): readonly Column[] {
  return [...index.columns, ...table.key];
}

/** Keys have decimals in their canonical form, and bytes are not compared as text. */
function isToldByKeys(type: ColumnType): boolean {
  return type.kind === 'enum' || (type.kind === 'scalar' && !['Decimal', 'Bytes', 'JSON'].includes(type.scalar));
}

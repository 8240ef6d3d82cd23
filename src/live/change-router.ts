import type { Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import type { Change } from '../model/change.ts';
import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import type { ChangeStreamArguments } from '../query/query.ts';
import { encodeBound, keyText } from '../store/keys.ts';
import type { Membership } from './membership.ts';
import { collectEqualities } from './stream-start.ts';

/**
 * Finds the change streams that a change may concern: by hash where `where` asks for a column to equal a value, else all
 * of the table. Streams whose `where` crosses relations hear of every change to the tables that it reaches.
 */
export class ChangeRouter<S> {
  readonly #routesByTable = new Map<Table, TableRoutes<S>>();
  readonly #undoByShape = new Map<S, (() => void)[]>();

  add(shape: S, stream: ChangeStreamArguments, { watched, crossing }: Membership): void {
    const undo: (() => void)[] = [];
    const equality = crossing ? undefined : equalityOf(stream);
    if (equality === undefined) {
      for (const table of watched) {
        const { all } = this.#routes(table);
        all.add(shape);
        undo.push(() => all.delete(shape));
      }
    } else {
      const { byColumn } = this.#routes(stream.table);
      const { column, text } = equality;
      const shapesByValue = byColumn.get(column) ?? new Map<string, Set<S>>();
      byColumn.set(column, shapesByValue);
      const shapes = shapesByValue.get(text) ?? new Set<S>();
      shapesByValue.set(text, shapes.add(shape));
      undo.push(() => {
        shapes.delete(shape);
        if (shapes.size === 0) shapesByValue.delete(text);
        if (shapesByValue.size === 0) byColumn.delete(column);
      });
    }
    this.#undoByShape.set(shape, undo);
  }

  remove(shape: S): void {
    for (const undo of this.#undoByShape.get(shape) ?? []) undo();
    this.#undoByShape.delete(shape);
  }

  /** Calls `mark` for every shape that the change may concern, some perhaps twice. */
  touch(table: Table, change: Change, mark: (shape: S) => void): void {
    const routes = this.#routesByTable.get(table);
    if (routes === undefined) return;
    for (const shape of routes.all) mark(shape);
    for (const [column, shapesByValue] of routes.byColumn) {
      for (const row of [change.before, change.after]) {
        const text = row && valueText(column, row);
        if (text !== undefined) for (const shape of shapesByValue.get(text) ?? []) mark(shape);
      }
    }
  }

  #routes(table: Table): TableRoutes<S> {
    const routes = this.#routesByTable.get(table) ?? { all: new Set<S>(), byColumn: new Map() };
    this.#routesByTable.set(table, routes);
    return routes;
  }
}

interface TableRoutes<S> {
  readonly all: Set<S>;
  readonly byColumn: Map<Column, Map<string, Set<S>>>;
}

function equalityOf({ where }: ChangeStreamArguments): { column: Column; text: string } | undefined {
  const values = new Map<Column, Value>();
  collectEqualities(where, values);
  for (const [column, value] of values) return { column, text: keyText(encodeBound([column], [value])) };
  return undefined;
}

function valueText(column: Column, row: Row): string {
  return keyText(encodeBound([column], [row.value(column)]));
}

import type { Table } from '../catalog/catalog.ts';
import type { Change } from '../model/change.ts';
import type { ChangeStreamArguments } from '../query/query.ts';
import type { Membership } from './membership.ts';
import { routesOf, ValueRoutes } from './value-routes.ts';

/**
 * Finds the change streams that a change may concern: by what `where` asks of one column, else all of the table. Streams whose
 * `where` crosses relations hear of every change to the tables that it reaches.
 */
export class ChangeRouter<S extends object> {
  readonly #routesByTable = new Map<Table, ValueRoutes<S>>();
  readonly #undoByShape = new Map<S, readonly (() => void)[]>();

  add(shape: S, { table, where }: ChangeStreamArguments, { watched, crossing }: Membership): void {
    const undo = crossing
      ? watched.map((each) => this.#routes(each).add([], shape))
      : [this.#routes(table).add(routesOf(where), shape)];
    this.#undoByShape.set(shape, undo);
  }

  remove(shape: S): void {
    for (const undo of this.#undoByShape.get(shape) ?? []) undo();
    this.#undoByShape.delete(shape);
  }

  /** Calls `mark` for every shape that the change may concern. */
  touch(table: Table, change: Change, mark: (shape: S) => void): void {
    this.#routesByTable.get(table)?.touch(change, mark);
  }

  #routes(table: Table): ValueRoutes<S> {
    const routes = this.#routesByTable.get(table) ?? new ValueRoutes<S>();
    this.#routesByTable.set(table, routes);
    return routes;
  }
}

import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Relation } from '../catalog/column.ts';
import { must } from '../common/errors.ts';
import type { ColumnReader, Predicate } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import type { Reader } from '../store/store.ts';
import type { Moves } from './moves.ts';
import { joinOf, relatedRow, relatingRows } from './related.ts';
import type { Join } from './related.ts';

/** The relations that a view's columns and filter lead through, from one table on. */
export interface Joins {
  /** The row that a row relates to. */
  one(reader: Reader, row: ColumnReader, relation: Relation): Row | undefined;
  /** Rows of the table from which a moved row was reached, or is reached now; several times where several paths lead there. */
  concerned(reader: Reader, moves: Moves): Iterable<Concerned>;
}

/** A row, and the time of the change that moved a row it relates to. */
export interface Concerned {
  readonly row: Row;
  readonly timestampMs: number;
}

export function createJoins(catalog: Catalog, origin: Table): Joins & { add(relations: readonly Relation[]): void } {
  const joins = new Map<Relation, Join>();
  /** Every way from the origin, the shorter ones included, by the names of its relations. */
  const ways = new Map<string, readonly Join[]>();
  return {
    add(relations) {
      let owner = origin;
      const way: Join[] = [];
      for (const relation of relations) {
        const join = joins.get(relation) ?? joinOf(catalog, owner, relation);
        joins.set(relation, join);
        way.push(join);
        ways.set(
          way.map(({ owner: from, columns }) => `${from.name}(${columns.map(({ name }) => name).join()})`).join('>') +
            join.target.name,
          [...way],
        );
        owner = join.target;
      }
    },
    one: (reader, row, relation) => relatedRow(reader, must(joins.get(relation), 'a relation of the view'), row),
    *concerned(reader, moves) {
      for (const way of ways.values()) {
        const last = must(way.at(-1), 'a way has a join');
        for (const { before, after, timestampMs } of moves.of(last.target)) {
          for (const row of [before, after]) if (row !== undefined) yield* back(reader, way, row, timestampMs);
        }
      }
    },
  };
}

/** Follows the joins from their far end to where they begin. */
function* back(reader: Reader, way: readonly Join[], row: Row, timestampMs: number): Generator<Concerned> {
  const last = way.at(-1);
  if (last === undefined) {
    yield { row, timestampMs };
    return;
  }
  for (const owner of relatingRows(reader, last, row)) yield* back(reader, way.slice(0, -1), owner, timestampMs);
}

/** Every path of relations in a filter. */
export function* relationsOf(predicate: Predicate, before: readonly Relation[] = []): Generator<readonly Relation[]> {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const part of predicate.parts) yield* relationsOf(part, before);
      return;
    case 'not':
      yield* relationsOf(predicate.part, before);
      return;
    case 'related': {
      const path = [...before, predicate.relation];
      yield path;
      yield* relationsOf(predicate.part, path);
      return;
    }
    case 'compare':
  }
}

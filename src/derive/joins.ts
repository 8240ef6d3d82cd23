import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Relation } from '../catalog/column.ts';
import { must } from '../common/errors.ts';
import type { ColumnReader, Predicate } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import { keyText } from '../store/keys.ts';
import type { Reader } from '../store/store.ts';
import type { Moves } from './moves.ts';
import { joinOf, relatedRow, relatingRows } from './related.ts';
import type { Join } from './related.ts';

/** The relations that a view's columns and filter lead through, from one table on. */
export interface Joins {
  /** The row that a row relates to. */
  one(reader: Reader, row: ColumnReader, relation: Relation): Row | undefined;
  /** Rows of the table from which a moved row was reached, or is reached now; once for each path that leads there. */
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
        let reached: readonly Concerned[] = moves
          .of(last.target)
          .flatMap(({ before, after, timestampMs }): readonly Concerned[] => {
            return [before, after].flatMap((row) => (row === undefined ? [] : { row, timestampMs }));
          });
        for (const join of way.toReversed()) reached = relatingAll(reader, join, reached);
        yield* reached;
      }
    },
  };
}

/**
 * The rows that relate to these. Each once, and looked for once for each value that they refer to: rows that many moved ones lead to
 * would else be gone through again and again, and from there on, too.
 */
function relatingAll(reader: Reader, join: Join, targets: readonly Concerned[]): readonly Concerned[] {
  const byReference = new Map<string, Concerned>();
  for (const target of targets)
    addNewest(byReference, join.references.map((column) => target.row.json(column)).join(), target);
  const owners = new Map<string, Concerned>();
  for (const { row: target, timestampMs } of byReference.values()) {
    for (const row of relatingRows(reader, join, target)) addNewest(owners, keyText(row.key), { row, timestampMs });
  }
  return [...owners.values()];
}

/** Of those with one name the one that moved last. */
function addNewest(to: Map<string, Concerned>, name: string, concerned: Concerned): void {
  if (concerned.timestampMs >= (to.get(name)?.timestampMs ?? -Infinity)) to.set(name, concerned);
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

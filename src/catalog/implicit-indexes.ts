import { must } from '../common/errors.ts';
import type { ColumnPath } from '../model/expression.ts';
import type { Table } from './catalog.ts';
import type { Relation } from './column.ts';
import type { DraftTable } from './draft.ts';

/**
 * Gives the tables along paths the indexes by which the rows are found that a changed related row concerns: from `Song` back to the
 * rows of `Play` with its id. `origin` is where the paths begin.
 */
export function addReverseIndexes(
  drafts: ReadonlyMap<string, DraftTable>,
  origin: DraftTable,
  paths: readonly ColumnPath[],
): void {
  for (const { relations } of paths) {
    let owner = origin;
    for (const relation of relations) {
      if (!isFoundBy(owner, relation)) {
        owner.indexes = [
          ...owner.indexes,
          {
            name: relation.columns.join(' '),
            columns: relation.columns.map((name) =>
              must(owner.columnsByName.get(name), `no column ${owner.name}.${name}`),
            ),
            unique: false,
            covering: false,
          },
        ];
      }
      owner = must(drafts.get(relation.target), `no table ${relation.target}`);
    }
  }
}

/** Whether the key or an index begins with the relation's columns, in whatever order. */
function isFoundBy({ indexes, key }: Pick<Table, 'indexes' | 'key'>, relation: Relation): boolean {
  const columns = new Set(relation.columns);
  return [key, ...indexes.map((index) => index.columns)].some((path) => {
    const first = path.slice(0, columns.size);
    return first.length === columns.size && first.every(({ name }) => columns.has(name));
  });
}

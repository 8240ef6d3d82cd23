import { didYouMean } from '../common/did-you-mean.ts';
import { typeText } from '../config/rules.ts';
import type { ColumnType } from '../model/value.ts';
import type { Table } from './catalog.ts';
import type { Column, Relation } from './column.ts';
import type { ExpressionScope, PathProblem, ResolvedPath } from './expression.ts';

/** What is known of a table while the catalog is still being built. */
export type ScopeTable = Pick<Table, 'name' | 'columnsByName' | 'relationsByName' | 'key'>;

export interface ScopeOptions {
  /** Whether paths may lead through relations to one row, however many. Where they may not, only the row itself is known. */
  readonly relations: boolean;
}

/**
 * The columns of a table, the fields of its embedded objects (`place.city`), and those of the rows that it relates to
 * (`song.artist.name`). `tableNamed` finds the target of a relation. Nothing is looked up before a path asks for it.
 */
export function scopeOf(
  tableNamed: (name: string) => ScopeTable | undefined,
  table: ScopeTable,
  options: ScopeOptions,
): ExpressionScope {
  function resolve(path: readonly string[]): ResolvedPath | PathProblem {
    const relations: Relation[] = [];
    let owner = table;
    for (const [at, name] of path.entries()) {
      const column = owner.columnsByName.get(name);
      if (column !== undefined) return inside(owner, relations, column, path, at);
      const relation = owner.relationsByName.get(name);
      if (relation === undefined) return { at, problem: unknown(owner, name, options) };
      const target = tableNamed(relation.target);
      if (!options.relations) {
        return { at, problem: `"${name}" is a relation; only columns of ${table.name} itself can be used here` };
      }
      if (relation.many) return { at, problem: `"${name}" leads to many rows; a path can only lead to one` };
      // The schema's own rules report a relation to a table that is not there.
      if (target === undefined) return { at, problem: `"${name}" leads to ${relation.target}, which is no table` };
      relations.push(relation);
      owner = target;
    }
    const at = path.length - 1;
    const example = owner.columnsByName.keys().next().value;
    return {
      at,
      problem: `"${path.join('.')}" is a row, not a value: write one of its columns, as in ${path.join('.')}.${example}`,
    };
  }
  return { owner: table.name, resolve };
}

function inside(
  owner: ScopeTable,
  relations: readonly Relation[],
  column: Column,
  path: readonly string[],
  columnAt: number,
): ResolvedPath | PathProblem {
  const fields = path.slice(columnAt + 1);
  let type: ColumnType = column.type;
  const always = column.required || owner.key.includes(column) || (column.default ?? null) !== null;
  let nullable = relations.length > 0 || !always;
  for (const [i, name] of fields.entries()) {
    const at = columnAt + 1 + i;
    const holder = path.slice(0, at).join('.');
    if (type.kind !== 'object') return { at, problem: `"${holder}" is ${typeText(type)}: it has no field "${name}"` };
    const known = type.fields;
    const field = known.find((each) => each.name === name);
    if (field === undefined) {
      const hint = didYouMean(
        name,
        known.map((each) => each.name),
      );
      return { at, problem: `"${holder}" has no field "${name}".${hint}` };
    }
    type = field.type;
    nullable ||= !field.required;
  }
  return { read: { relations, column, fields }, type, nullable };
}

function unknown(table: ScopeTable, name: string, { relations }: ScopeOptions): string {
  const known = [...table.columnsByName.keys(), ...(relations ? table.relationsByName.keys() : [])];
  return `${table.name} has no column "${name}".${didYouMean(name, known)}`;
}

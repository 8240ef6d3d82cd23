import type { Table } from '../catalog/catalog.ts';
import type { Column, Relation } from '../catalog/column.ts';
import { must, unreachable } from '../common/errors.ts';
import type { ColumnReader, Predicate } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import { encodeBound, keyText } from '../store/keys.ts';
import type { Reader } from '../store/store.ts';
import { accessPath, findRows } from '../store/find-rows.ts';

/** A relation that a predicate crosses, and how its owner was reached from the predicate's own table. */
export interface RelationStep {
  readonly relation: Relation;
  readonly owner: Table;
  readonly target: Table;
  /** Joined by value: `columns[i]` of the owner equals `references[i]` of the target. */
  readonly columns: readonly Column[];
  readonly references: readonly Column[];
  /** Absent where the owner is the predicate's own table. */
  readonly parent?: RelationStep | undefined;
}

export type TablesByName = ReadonlyMap<string, Table>;

/** Every relation that the predicate crosses, outer ones first. */
export function relationSteps(tables: TablesByName, table: Table, predicate: Predicate): readonly RelationStep[] {
  const steps: RelationStep[] = [];
  collect(tables, table, predicate, undefined, steps);
  return steps;
}

/** What `evaluate` asks for: the rows of a relation as this reader sees them. */
export function relatedRows(
  steps: readonly RelationStep[],
  reader: Reader,
): (row: ColumnReader, relation: Relation) => Iterable<ColumnReader> {
  return (row, relation) => {
    const step = must(
      steps.find((candidate) => candidate.relation === relation),
      `relation ${relation.name} is not one that the predicate crosses`,
    );
    const values = valuesOf(row, step.columns);
    return values === undefined ? [] : findRows(reader, step.target, zip(step.references, values));
  };
}

/**
 * The rows of the predicate's own table that are related, over `step` and the steps above it, to any of these rows of the
 * step's target; in any of the readers.
 */
export function rowsRelatedTo(step: RelationStep, targets: readonly Row[], readers: readonly Reader[]): readonly Row[] {
  const owners = ownersOf(step, targets, readers);
  return step.parent === undefined || owners.length === 0 ? owners : rowsRelatedTo(step.parent, owners, readers);
}

function ownersOf(step: RelationStep, targets: readonly Row[], readers: readonly Reader[]): readonly Row[] {
  const wanted = new Map<string, readonly Value[]>();
  for (const target of targets) {
    const values = valuesOf(target, step.references);
    if (values !== undefined) wanted.set(keyText(encodeBound(step.columns, values)), values);
  }
  if (wanted.size === 0) return [];
  const owners: Row[] = [];
  for (const reader of readers) {
    if (accessPath(step.owner, new Set(step.columns)).kind !== 'scan') {
      for (const values of wanted.values()) owners.push(...findRows(reader, step.owner, zip(step.columns, values)));
      continue;
    }
    for (const row of reader.scan(step.owner, {})) {
      const values = valuesOf(row, step.columns);
      if (values !== undefined && wanted.has(keyText(encodeBound(step.columns, values)))) owners.push(row);
    }
  }
  return owners;
}

function collect(
  tables: TablesByName,
  table: Table,
  predicate: Predicate,
  parent: RelationStep | undefined,
  steps: RelationStep[],
): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const part of predicate.parts) collect(tables, table, part, parent, steps);
      return;
    case 'not':
      collect(tables, table, predicate.part, parent, steps);
      return;
    case 'compare':
      if (predicate.mask !== undefined) collect(tables, table, predicate.mask, parent, steps);
      return;
    case 'related': {
      const { part, mask, only } = predicate;
      if (mask !== undefined) collect(tables, table, mask, parent, steps);
      const step = stepOf(tables, table, predicate.relation, parent);
      steps.push(step);
      for (const each of [part, only]) if (each !== undefined) collect(tables, step.target, each, step, steps);
      return;
    }
    default:
      unreachable(predicate);
  }
}

function stepOf(
  tables: TablesByName,
  owner: Table,
  relation: Relation,
  parent: RelationStep | undefined,
): RelationStep {
  const target = must(tables.get(relation.target), `table ${relation.target} of relation ${relation.name}`);
  const column = (table: Table) => (name: string) =>
    must(table.columnsByName.get(name), `column ${table.name}.${name}`);
  return {
    relation,
    owner,
    target,
    columns: relation.columns.map(column(owner)),
    references: relation.references.map(column(target)),
    parent,
  };
}

/** undefined where a value is null: it relates to nothing. */
function valuesOf(row: ColumnReader, columns: readonly Column[]): readonly Value[] | undefined {
  const values = columns.map((column) => row.value(column));
  return values.includes(null) ? undefined : values;
}

function zip(columns: readonly Column[], values: readonly Value[]): ReadonlyMap<Column, Value> {
  return new Map(columns.map((column, at) => [column, values[at] ?? null]));
}

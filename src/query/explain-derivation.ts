import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Relation } from '../catalog/column.ts';
import type { Derivation } from '../catalog/derivation.ts';
import { must, unreachable } from '../common/errors.ts';
import type { Expression } from '../model/expression.ts';
import type { Predicate } from '../model/predicate.ts';
import { accessPath } from '../store/find-rows.ts';
import type { Snapshot } from '../store/store.ts';
import { isInternal } from './visible.ts';

/**
 * What a derived table follows from, and which changes elsewhere move its rows, through which index and about how many at once;
 * then the same of the tables it follows from. Nothing for a topic's table.
 */
export function explainDerivation(catalog: Catalog, table: Table, snapshot: Snapshot): readonly string[] {
  const { derivation } = table;
  if (derivation === undefined) return [];
  const source = tableOf(catalog, derivation.source);
  const shown = declaredTable(catalog, table);
  // The inputs of an aggregation are told of as part of it.
  const head = isInternal(table) ? [] : [`${table.name} is ${what(derivation)} of ${declaredSource(catalog, source)}`];
  const expressions = table.columns.flatMap(({ expression }) => expression ?? []);
  const moves = pathsOf(derivation, expressions).map((path) => {
    const target = tableOf(catalog, must(path.at(-1), 'a path has a relation').target);
    // Of the inputs of an aggregation the relations are their own.
    const first = isInternal(table) ? table : source;
    const rows = rowsFor(snapshot.count(first), snapshot.count(target), declaredSource(catalog, first), target.name);
    return `a change of ${target.name} moves ${shown} over ${explainPath(catalog, first, path)}${rows}`;
  });
  return [...head, ...moves, ...explainDerivation(catalog, source, snapshot)];
}

function what(derivation: Derivation): string {
  return derivation.kind === 'view' ? 'a view' : 'an aggregation';
}

/** The name of the table, or of the one whose inputs it holds. */
function declaredTable(catalog: Catalog, table: Table): string {
  if (!isInternal(table)) return table.name;
  const reader = catalog.derivedTables.find(({ derivation }) => derivation.source === table.name);
  return must(reader, `nothing reads ${table.name}`).name;
}

/** The name of the table, or of the one that the inputs are taken from. */
function declaredSource(catalog: Catalog, table: Table): string {
  return isInternal(table) && table.derivation !== undefined
    ? declaredSource(catalog, tableOf(catalog, table.derivation.source))
    : table.name;
}

/** From the last relation back to the first: `Song by index "artistId", then Play by index "songId"`. */
function explainPath(catalog: Catalog, first: Table, path: readonly Relation[]): string {
  const steps: string[] = [];
  let owner = first;
  for (const relation of path) {
    const columns = relation.columns.map((name) => must(owner.columnsByName.get(name), `no column ${name}`));
    const found = accessPath(owner, new Set(columns));
    const by =
      found.kind === 'scan' ? 'a scan of all its rows' : found.kind === 'key' ? 'key' : `index "${found.index.name}"`;
    steps.unshift(`${declaredSource(catalog, owner)} by ${by}`);
    owner = tableOf(catalog, relation.target);
  }
  return steps.join(', then ');
}

function rowsFor(sources: number, targets: number, source: string, target: string): string {
  return targets === 0 ? '' : `; on average ${Math.ceil(sources / targets)} rows of ${source} for each of ${target}`;
}

/** Every chain of relations that the derivation follows, each once, the shorter ones before those that begin with them. */
function pathsOf(derivation: Derivation, expressions: readonly Expression[]): readonly (readonly Relation[])[] {
  const paths: (readonly Relation[])[] = [];
  const add = (path: readonly Relation[]): void => {
    for (let length = 1; length <= path.length; length += 1) {
      const part = path.slice(0, length);
      const isKnown = paths.some((known) => known.length === length && part.every((each, i) => each === known[i]));
      if (!isKnown) paths.push(part);
    }
  };
  for (const { reads } of expressions) for (const { relations } of reads) add(relations);
  if (derivation.where !== undefined) collect(derivation.where, [], add);
  return paths;
}

function collect(predicate: Predicate, path: readonly Relation[], add: (path: readonly Relation[]) => void): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const part of predicate.parts) collect(part, path, add);
      return;
    case 'not':
      collect(predicate.part, path, add);
      return;
    case 'compare':
      return;
    case 'related':
      add([...path, predicate.relation]);
      collect(predicate.part, [...path, predicate.relation], add);
      return;
    default:
      unreachable(predicate);
  }
}

function tableOf(catalog: Catalog, name: string): Table {
  return must(catalog.tablesByName.get(name), `no table ${name}`);
}

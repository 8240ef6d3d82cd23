import { isIndexable } from './generate-schema.ts';
import { Random } from './random.ts';
import type { IndexSpec, SchemaSpec, TableSpec } from './spec.ts';

/**
 * The same tables with other indexes: some dropped, some new, some that hold the rows now or no more. Answers do not depend on them. What
 * relations and lookups go by stays.
 */
export function reindexed<S extends SchemaSpec>(schema: S, seed: number, mayIndex: (table: string) => boolean): S {
  const random = new Random(seed);
  const tables = schema.tables.map((table) => (mayIndex(table.name) ? withOtherIndexes(random, schema, table) : table));
  return { ...schema, tables };
}

function withOtherIndexes(random: Random, schema: SchemaSpec, table: TableSpec): TableSpec {
  const kept = table.indexes.filter((index) => isNeeded(schema, table, index) || random.chance(0.7));
  const possible = table.columns.filter(({ name, type }) => isIndexable(type) && !table.key.includes(name));
  const added = random.some(possible, 0, 2).map(({ name }): IndexSpec => ({ columns: [name], unique: false }));
  if (possible.length > 1 && random.chance(0.4)) {
    const columns = random.shuffled(possible).slice(0, random.between(2, 3));
    added.push({ columns: columns.map(({ name }) => name), unique: false });
  }
  const known = new Set(kept.map(({ columns }) => columns.join()));
  const indexes = [...kept, ...added.filter(({ columns }) => !known.has(columns.join()))];
  return {
    ...table,
    indexes: indexes.map((index) => (random.chance(0.4) ? { ...index, covering: index.covering !== true } : index)),
  };
}

function isNeeded({ tables }: SchemaSpec, { name, key }: TableSpec, { columns, unique }: IndexSpec): boolean {
  const relations = tables.flatMap((table) => table.relations.filter(({ target }) => target === name));
  const leadsHere = (references: readonly string[]): boolean =>
    references.join() !== key.join() && columns.slice(0, references.length).join() === references.join();
  return unique || relations.some(({ references }) => leadsHere(references));
}

import type { Random } from '../random.ts';
import { columnOf, type RelationSpec } from '../spec.ts';
import { canAggregate, generateAggregation } from './generate-aggregation.ts';
import { generateBases } from './generate-bases.ts';
import { generateView } from './generate-view.ts';
import { basesOf, type AnyTable, type DerivedSchema, type DerivedTable, type FunctionName } from './spec.ts';

const names = [
  { name: 'Alpha', singular: 'alpha', plural: 'alphas' },
  { name: 'Beta', singular: 'beta', plural: 'betas' },
  { name: 'Gamma', singular: 'gamma', plural: 'gammas' },
  { name: 'Delta', singular: 'delta', plural: 'deltas' },
] as const;

/** Topic tables, and one to four tables derived from them and from each other. `wished`: functions to be met rather than others. */
export function generateDerivedSchema(random: Random, wished: readonly FunctionName[]): DerivedSchema {
  const { schema: drawn, bases } = generateBases(random.fork());
  let schema: DerivedSchema = { ...drawn, tables: bases };
  const count = random.pick([1, 2, 2, 3, 3, 4, 4]);
  const left = [...wished];
  for (const name of names.slice(0, count)) {
    const newest = schema.tables.at(-1);
    const stacked = random.chance(0.7) && newest?.derivation !== undefined;
    const source = stacked && newest !== undefined ? newest : pickSource(random, schema);
    const aggregates = canAggregate(schema, source) && random.chance(0.6);
    const table = aggregates
      ? generateAggregation(random, schema, name, source, left)
      : generateView(random, schema, name, source);
    if (table.derivation.kind === 'aggregation') {
      for (const { fn } of table.derivation.aggregates) if (left.includes(fn)) left.splice(left.indexOf(fn), 1);
    }
    schema = related(random, { ...schema, tables: [...schema.tables, table] }, table);
  }
  return {
    ...schema,
    tables: schema.tables.map((table) => ({ ...table, topics: [...basesOf(schema, table)].map((base) => base.topic) })),
  };
}

/** Tables of records more often than others: there are fewer of them. */
function pickSource(random: Random, schema: DerivedSchema): AnyTable {
  const records = schema.tables.filter((table) => table.derivation === undefined && table.mode === 'APPEND');
  return random.pick([...schema.tables, ...records, ...records]);
}

/** A row of another table may lead to the group that it is what the group is about. */
function related(random: Random, schema: DerivedSchema, table: DerivedTable): DerivedSchema {
  const [dimension] = table.key;
  if (table.derivation.kind !== 'aggregation' || table.key.length !== 1 || dimension === undefined) return schema;
  const { type } = columnOf(table, dimension);
  const relation = (columns: readonly string[]): RelationSpec => ({
    name: `group${table.name}`,
    target: table.name,
    many: false,
    columns,
    references: [dimension],
  });
  const tables = schema.tables.map((other): AnyTable => {
    if (other === table || other.derivation !== undefined || other.stream || !random.chance(0.5)) return other;
    const fitting = other.columns.filter((column) => JSON.stringify(column.type) === JSON.stringify(type));
    if (fitting.length === 0) return other;
    return { ...other, relations: [...other.relations, relation([random.pick(fitting).name])] };
  });
  return { ...schema, tables };
}

import { generateSchema, usedIn } from '../generate-schema.ts';
import type { Random } from '../random.ts';
import { tableOf, type ColumnSpec, type RelationSpec, type SchemaSpec, type TableSpec } from '../spec.ts';
import type { BaseTable, Expr } from './spec.ts';

/** The topic tables of a round: as any schema's, but with event times, and more of them APPEND and STREAM. */
export function generateBases(random: Random): { readonly schema: SchemaSpec; readonly bases: readonly BaseTable[] } {
  const schema = generateSchema(random);
  // The way back from rows that refer to this one goes by their columns, which they keep.
  const isBack = ({ target, references }: RelationSpec): boolean =>
    tableOf(schema, target).relations.some((r) => !r.many && r.columns.join() === references.join());
  const referenced = new Set(
    schema.tables.flatMap((table) =>
      table.relations.filter((r) => r.target !== table.name && (!r.many || !isBack(r))).map((r) => r.target),
    ),
  );
  const isAlone = (table: TableSpec): boolean => schema.tables.every((o) => o === table || o.topic !== table.topic);
  const bases = schema.tables.map((table): BaseTable => {
    const timed = withEventTime(table);
    // What retention takes from the other side of a relation moves rows, too: that is for the views to show.
    if (referenced.has(table.name) || !isAlone(table) || random.chance(0.15)) return { ...timed, stream: false };
    return toRecords(random, timed);
  });
  // A type that no column has any more is a mistake in a schema.
  const columns = bases.flatMap((table) => table.columns);
  const enums = schema.enums.filter((each) => columns.some(({ type }) => usedIn(type, each)));
  const streams = new Set(bases.filter(({ stream }) => stream).map(({ name }) => name));
  return {
    schema: { ...schema, enums },
    bases: bases.map((table) => ({ ...table, relations: table.relations.filter((r) => !streams.has(r.target)) })),
  };
}

const eventTime: ColumnSpec = { name: 'at', type: { kind: 'scalar', scalar: 'DateTime' }, required: true };

function withEventTime(table: TableSpec): TableSpec {
  if (table.key.includes('at')) return table;
  const others = table.columns.filter((column) => column.name !== 'at');
  const indexes = table.indexes.filter(({ columns }) => !columns.includes('at'));
  return { ...table, columns: [...others, eventTime], indexes };
}

function reads(expr: Expr, column: string): boolean {
  switch (expr.kind) {
    case 'binary':
      return reads(expr.left, column) || reads(expr.right, column);
    case 'coalesce':
      return expr.of.some((part) => reads(part, column));
    case 'column':
      return expr.name === column;
    default:
      return false;
  }
}

/** Every record a row of its own, kept or not. */
function toRecords(random: Random, table: TableSpec): BaseTable {
  const stream = random.chance(0.5);
  const own = table.relations.filter((r) => r.target === table.name);
  const left = new Set([...table.key, ...own.flatMap((r) => [...r.columns, ...r.references])]);
  const computed = table.columns.filter(
    ({ computed: expr }) => expr !== undefined && [...left].some((name) => reads(expr, name)),
  );
  const gone = new Set([...left, ...computed.map(({ name }) => name)]);
  const id: ColumnSpec = {
    name: 'id',
    type: { kind: 'scalar', scalar: 'ID' },
    required: true,
    from: { meta: 'COORDINATES' },
  };
  const columns = table.columns.filter(({ name }) => !gone.has(name));
  const kept = <T extends { readonly columns: readonly string[] }>(list: readonly T[]): readonly T[] =>
    stream ? [] : list.filter((each) => each.columns.every((name) => !gone.has(name)));
  return {
    ...table,
    stream,
    mode: 'APPEND',
    key: ['id'],
    keyFormat: 'NONE',
    keyFormatWritten: false,
    columns: [id, ...columns],
    relations: kept(table.relations.filter((r) => r.target !== table.name)),
    indexes: kept(table.indexes),
    retentionMs: stream ? undefined : table.retentionMs,
    clock: stream ? undefined : table.clock,
  };
}

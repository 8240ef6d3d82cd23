import { generateSchema, usedIn } from '../generate-schema.ts';
import type { Random } from '../random.ts';
import type { ColumnSpec, RelationSpec, SchemaSpec, TableSpec } from '../spec.ts';
import type { BaseTable, Expr } from './spec.ts';

/** The topic tables of a round: as any schema's, but with event times, and more of them APPEND and STREAM. */
export function generateBases(random: Random): { readonly schema: SchemaSpec; readonly bases: readonly BaseTable[] } {
  const schema = generateSchema(random);
  // Its rows are to be reached from other tables when they are records, too.
  const isReferenced = (table: TableSpec): boolean => {
    const gone = goneOf(table);
    const others = schema.tables.filter((other) => other !== table).flatMap(({ relations }) => relations);
    return others.some((r) => r.target === table.name && !isReached(table, r, gone));
  };
  const isAlone = (table: TableSpec): boolean => schema.tables.every((o) => o === table || o.topic !== table.topic);
  const bases = schema.tables.map((table): BaseTable => {
    const timed = withEventTime(table);
    // What retention takes from the other side of a relation moves rows, too: that is for the views to show.
    if (isReferenced(table) || !isAlone(table) || random.chance(0.15)) return { ...timed, stream: false };
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

function reads(expr: Expr | undefined, column: string): boolean {
  switch (expr?.kind) {
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

/** Whether a relation still leads to the table's rows without these columns of it. */
function isReached(
  { indexes, key }: TableSpec,
  { many, references }: RelationSpec,
  gone: ReadonlySet<string>,
): boolean {
  const paths = [...indexes.filter(({ unique }) => many || unique).map(({ columns }) => columns), key];
  const left = paths.filter((columns) => !columns.some((name) => gone.has(name)));
  return left.some((columns) => columns.slice(0, references.length).join() === references.join());
}

/** Of a table that becomes one of records: its key, what refers to that, and what is computed from these. */
function goneOf(table: TableSpec): ReadonlySet<string> {
  const gone = new Set(table.key);
  const own = table.relations.filter((r) => r.target === table.name);
  for (let size = -1; size < gone.size;) {
    size = gone.size;
    const lost = own.filter((r) => r.columns.some((name) => gone.has(name)) || !isReached(table, r, gone));
    const computed = table.columns.filter(
      (c) => c.computed !== undefined && [...gone].some((name) => reads(c.computed, name)),
    );
    for (const name of [...lost.flatMap((r) => r.columns), ...computed.map((c) => c.name)]) gone.add(name);
  }
  return gone;
}

/** Every record a row of its own, kept or not. */
function toRecords(random: Random, table: TableSpec): BaseTable {
  const stream = random.chance(0.5);
  const gone = goneOf(table);
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
    relations: kept(table.relations.filter((r) => r.target !== table.name || isReached(table, r, gone))),
    indexes: kept(table.indexes),
    retentionMs: stream ? undefined : table.retentionMs,
    clock: stream ? undefined : table.clock,
  };
}

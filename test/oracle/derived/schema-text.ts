import { printIndex, printLimits, printRules, printSchema, printTable, printType } from '../schema-text.ts';
import type { ColumnSpec } from '../spec.ts';
import { printWhere } from '../where.ts';
import { printExpr } from './print-expr.ts';
import {
  tableNamed,
  type AggregateSpec,
  type AggregationSpec,
  type AnyTable,
  type DerivedSchema,
  type DerivedTable,
  type Expr,
} from './spec.ts';

/** The SDL of a schema, as a user would write it. */
export function printDerivedSchema(schema: DerivedSchema): string {
  const types = printSchema({ ...schema, tables: [] });
  return [types, ...schema.tables.map((table) => printAny(schema, table))].join('\n');
}

function printAny(schema: DerivedSchema, table: AnyTable): string {
  if (table.derivation !== undefined) return printDerived(schema, table);
  const text = printTable(schema, table);
  return table.stream ? text.replace('mode: APPEND', 'mode: STREAM') : text;
}

function printDerived(schema: DerivedSchema, table: DerivedTable): string {
  const { derivation } = table;
  const source = tableNamed(schema, derivation.source);
  const args = [`source: "${source.name}"`, ...(derivation.kind === 'view' ? [] : printWindow(table, derivation))];
  if (derivation.where !== undefined) args.push(`where: ${printWhere(schema, source, derivation.where)}`);
  const lines = [`type ${table.name} @${derivation.kind}(${args.join(', ')}, plural: "${table.plural}")`];
  if (table.keyWritten) lines.push(`  @key(fields: "${table.key.join(' ')}")`);
  for (const index of table.indexes) lines.push(`  ${printIndex(index, `fields: "${index.columns.join(' ')}"`)}`);
  if (table.auth?.kind === 'public') lines.push('  @auth(public: true)');
  if (table.auth?.kind === 'rules') lines.push(`  ${printRules(schema, table, table.auth.rules)}`);
  lines.push(`  ${printLimits(table)} {`);
  for (const column of table.columns) {
    if (!isGenerated(table, column.name)) {
      lines.push(`  ${printColumn(table, column)}${printFieldRules(schema, table, column)}`);
    }
  }
  for (const relation of table.relations) {
    const { name, target, columns, references } = relation;
    const joined = `@relation(fields: ${printNames(columns)}, references: ${printNames(references)})`;
    lines.push(`  ${name}: ${target} ${joined}${printFieldRules(schema, table, relation)}`);
  }
  return [...lines, '}'].join('\n');
}

const printNames = (names: readonly string[]): string => `[${names.map((name) => `"${name}"`).join(', ')}]`;

function printFieldRules(schema: DerivedSchema, table: DerivedTable, { auth }: Pick<ColumnSpec, 'auth'>): string {
  return auth === undefined ? '' : ` ${printRules(schema, table, auth)}`;
}

export function isGenerated({ derivation }: DerivedTable, column: string): boolean {
  if (derivation.kind === 'view' || derivation.window === undefined) return false;
  return ['interval', 'end', 'closed'].includes(column);
}

function printWindow({ retentionMs, clock }: DerivedTable, { window, timestamp }: AggregationSpec): readonly string[] {
  const args = timestamp === undefined ? [] : [`timestamp: "${printExpr(timestamp)}"`];
  if (window === undefined) return args;
  if (window.sessionGap !== undefined) args.push(`sessionGap: "${window.sessionGap.text}"`);
  else args.push(`intervals: ${printNames(window.sizes.map(({ text }) => text))}`);
  if (window.hop !== undefined) args.push(`hop: "${window.hop.text}"`);
  if (window.graceMs !== undefined) args.push(`grace: "PT${window.graceMs / 1000}S"`);
  if (retentionMs !== undefined) args.push(`retention: "PT${retentionMs / 1000}S"`);
  if (clock !== undefined) args.push(`clock: ${clock}`);
  return args;
}

function printColumn(table: DerivedTable, column: ColumnSpec): string {
  const field = `${column.name}: ${printType(column.type)}${column.required ? '!' : ''}`;
  const { derivation } = table;
  if (derivation.kind === 'view') return `${field}${printOrigin(column.name, derivation.columns.get(column.name))}`;
  if (derivation.window !== undefined && column.name === 'timestamp') return field;
  const spec = derivation.aggregates.find((each) => each.column === column.name);
  if (spec !== undefined) return `${field} ${printAggregate(spec)}`;
  return `${field}${printOrigin(column.name, derivation.dimensions.get(column.name))}`;
}

function printOrigin(name: string, expr: Expr | undefined): string {
  if (expr === undefined) throw new Error(`nothing says what ${name} is`);
  if (expr.kind === 'column' && expr.name === name) return '';
  if (expr.kind === 'column' || expr.kind === 'path') return ` @from(path: "${printExpr(expr)}")`;
  return ` @computed(expr: "${printExpr(expr)}")`;
}

function printAggregate({ fn, arg, by, n }: AggregateSpec): string {
  const args = [`fn: ${fn}`];
  if (arg !== undefined) args.push(`arg: "${printExpr(arg)}"`);
  if (by !== undefined) args.push(`by: "${printExpr(by)}"`);
  if (n !== undefined) args.push(`n: ${n}`);
  return `@aggregate(${args.join(', ')})`;
}

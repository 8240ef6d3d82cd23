import { printExpr } from './derived/print-expr.ts';
import { parseJson, type Json } from './json.ts';
import type { ColumnSpec, IndexSpec, RelationSpec, RuleSpec, SchemaSpec, TableSpec, TypeSpec } from './spec.ts';
import { printLiteral, printWhere } from './where.ts';

/** The SDL of a schema, as a user would write it. */
export function printSchema(schema: SchemaSpec): string {
  const enums = schema.enums.map((type) => `enum ${type.name} { ${type.values.join(' ')} }`);
  const objects = schema.objects.map(
    (type) =>
      `type ${type.name} {\n${type.fields.map((f) => `  ${f.name}: ${printType(f.type)}${f.required ? '!' : ''}`).join('\n')}\n}`,
  );
  return [...enums, ...objects, ...schema.tables.map((table) => printTable(schema, table))].join('\n');
}

export function printType(type: TypeSpec): string {
  switch (type.kind) {
    case 'scalar':
      return type.scalar;
    case 'enum':
    case 'object':
      return type.name;
    case 'list':
      return `[${printType(type.element)}${type.elementRequired ? '!' : ''}]`;
  }
}

export function printTable(schema: SchemaSpec, table: TableSpec): string {
  const directive = [`topic: "${table.topic}"`];
  if (table.mode === 'APPEND') directive.push('mode: APPEND');
  if (table.keyFormatWritten) directive.push(`keyFormat: ${table.keyFormat}`);
  if (table.accept !== undefined) directive.push(`accept: ${printWhere(schema, table, table.accept)}`);
  if (table.retentionMs !== undefined) directive.push(`retention: "PT${table.retentionMs / 1000}S"`);
  if (table.clock !== undefined) directive.push(`clock: ${table.clock}`);
  const single = new Map(table.indexes.filter((i) => i.columns.length === 1).map((i) => [i.columns[0], i]));
  const lines = [`type ${table.name} @table(${directive.join(', ')})`];
  if (!(table.key.length === 1 && table.key[0] === 'id')) lines.push(`  @key(fields: "${table.key.join(' ')}")`);
  for (const index of table.indexes) {
    if (index.columns.length === 1) continue;
    lines.push(`  ${printIndex(index, `fields: "${index.columns.join(' ')}"`)}`);
  }
  if (table.hidden === true) lines.push('  @hidden');
  if (table.auth?.kind === 'public') lines.push('  @auth(public: true)');
  if (table.auth?.kind === 'rules') lines.push(`  ${printRules(schema, table, table.auth.rules)}`);
  lines.push(`  ${printLimits(table)} {`);
  for (const column of table.columns) {
    const index = single.get(column.name);
    const marks = [index === undefined ? '' : ` ${printIndex(index)}`];
    if (column.hidden === true) marks.push(' @hidden');
    if (column.auth !== undefined) marks.push(` ${printRules(schema, table, column.auth)}`);
    lines.push(
      `  ${column.name}: ${printType(column.type)}${column.required ? '!' : ''}${printSource(column)}${printDefault(column)}${marks.join('')}`,
    );
  }
  for (const relation of table.relations) {
    const rules = relation.auth === undefined ? '' : ` ${printRules(schema, table, relation.auth)}`;
    lines.push(`  ${printRelation(relation)}${rules}`);
  }
  lines.push('}');
  return lines.join('\n');
}

export function printLimits({ limit, changes }: TableSpec): string {
  const rows = `@limit(default: ${limit.default}, max: ${limit.max})`;
  if (changes === undefined) return rows;
  return `${rows} @changes(retain: "PT${changes.retainMs / 1000}S", maxBytes: ${changes.maxBytes})`;
}

export function printIndex({ unique, covering }: IndexSpec, ...fields: readonly string[]): string {
  const args = [...fields, ...(unique ? ['unique: true'] : []), ...(covering === true ? ['covering: true'] : [])];
  return args.length === 0 ? '@index' : `@index(${args.join(', ')})`;
}

/** `@auth` with these. */
export function printRules(schema: SchemaSpec, table: TableSpec, rules: readonly RuleSpec[]): string {
  const printed = rules.map(({ roles, operations, where }) => {
    const members: string[] = [];
    if (roles !== undefined) members.push(`roles: [${roles.map((role) => `"${role}"`).join(', ')}]`);
    if (where !== undefined) members.push(`where: ${printWhere(schema, table, where)}`);
    if (operations !== undefined) members.push(`operations: [${operations.join(', ')}]`);
    return `{ ${members.join(', ')} }`;
  });
  return `@auth(rules: [${printed.join(', ')}])`;
}

function printSource({ from, computed }: ColumnSpec): string {
  if (computed !== undefined) return ` @computed(expr: "${printExpr(computed)}")`;
  if (from === undefined) return '';
  if ('path' in from) return ` @from(path: "${from.path.join('.')}")`;
  if ('header' in from) return ` @from(header: "${from.header}")`;
  if ('key' in from) return ` @from(key: "${from.key.length === 0 ? '$' : from.key.join('.')}")`;
  return ` @from(meta: ${from.meta})`;
}

function printDefault({ type, fallback }: ColumnSpec): string {
  if (fallback === undefined) return '';
  return ` @default(value: ${printTyped(type, parseJson(fallback))})`;
}

function printTyped(type: TypeSpec, json: Json): string {
  if (type.kind === 'list' && json.t === 'arr')
    return `[${json.items.map((item) => printTyped(type.element, item)).join(', ')}]`;
  if (type.kind === 'object' && json.t === 'obj') {
    const members = json.entries.map(([name, value]) => {
      const field = type.fields.find((f) => f.name === name);
      return `${name}: ${field === undefined ? 'null' : printTyped(field.type, value)}`;
    });
    return `{ ${members.join(', ')} }`;
  }
  // A number in the SDL says how much, text also how it is written.
  const isDecimal = type.kind === 'scalar' && type.scalar === 'Decimal';
  return isDecimal && json.t === 'num' ? JSON.stringify(json.text) : printLiteral(json, type.kind === 'enum');
}

function printRelation(relation: RelationSpec): string {
  const type = relation.many ? `[${relation.target}!]!` : relation.target;
  const names = (list: readonly string[]): string => `[${list.map((name) => `"${name}"`).join(', ')}]`;
  return `${relation.name}: ${type} @relation(fields: ${names(relation.columns)}, references: ${names(relation.references)})`;
}

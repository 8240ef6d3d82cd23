import { printCondition } from './condition.ts';
import {
  maxRows,
  pluralOf,
  singularOf,
  type AuthSpec,
  type ColumnSpec,
  type RelationSpec,
  type RuleSpec,
  type SchemaSpec,
  type TableSpec,
} from './spec.ts';

/** As a user would write it. */
export function printSchema({ tables }: SchemaSpec): string {
  const boxed = tables.some(({ columns }) => columns.some(({ type }) => type === 'Box'));
  return [...(boxed ? ['type Box {\n  inner: String\n  weight: Int\n}'] : []), ...tables.map(printTable)].join('\n');
}

export function printTable(table: TableSpec): string {
  const { auth, columns, expose, hidden, indexes, key, name, relations } = table;
  const directives = [
    printOrigin(table),
    ...(hidden
      ? ['@hidden']
      : [
          printAuth(auth),
          `@expose(query: ${expose.query}, live: ${expose.live}, changes: ${expose.changes})`,
          `@limit(default: 4, max: ${maxRows})`,
        ]),
    ...(key[0] === 'id' ? [] : [`@key(fields: "${key.join(' ')}")`]),
    ...indexes.map((fields) => `@index(fields: "${fields}")`),
  ].filter((directive) => directive !== '');
  const fields = [...columns.map(printColumn), ...relations.map(printRelation)];
  return `type ${name}\n  ${directives.join('\n  ')} {\n  ${fields.join('\n  ')}\n}`;
}

function printOrigin(table: TableSpec): string {
  const { name, origin } = table;
  const names = `singular: "${singularOf(table)}", plural: "${pluralOf(table)}"`;
  switch (origin.kind) {
    case 'topic':
      return `@table(topic: "${name}", ${names}${origin.stream ? ', mode: STREAM' : ''})`;
    case 'view': {
      const where = origin.where === undefined ? '' : `, where: ${printCondition(origin.where)}`;
      return `@view(source: "${origin.source}", ${names}${where})`;
    }
    case 'aggregation':
      return `@aggregation(source: "${origin.source}", ${names})`;
  }
}

function printAuth(auth: AuthSpec): string {
  if (auth === 'open') return '';
  return auth === 'public' ? '@auth(public: true)' : printRules(auth);
}

function printColumn({ hidden, index, name, origin, required, rules, type }: ColumnSpec): string {
  const parts = [
    `${name}: ${type}${required ? '!' : ''}`,
    ...(origin === undefined ? [] : [origin]),
    ...(hidden ? ['@hidden'] : []),
    ...(index === undefined ? [] : [index === 'index' ? '@index' : `@index(${index}: true)`]),
    ...(rules === undefined ? [] : [printRules(rules)]),
  ];
  return parts.join(' ');
}

function printRelation({ columns, many, name, references, rules, target }: RelationSpec): string {
  const type = many ? `[${target}!]!` : target;
  const joined = `@relation(fields: ${JSON.stringify(columns)}, references: ${JSON.stringify(references)})`;
  return `${name}: ${type} ${joined}${rules === undefined ? '' : ` ${printRules(rules)}`}`;
}

function printRules(rules: readonly RuleSpec[]): string {
  return `@auth(rules: [${rules.map(printRule).join(', ')}])`;
}

function printRule({ operations, roles, where }: RuleSpec): string {
  const members = [
    ...(roles === undefined ? [] : [`roles: ${JSON.stringify(roles)}`]),
    ...(where === undefined ? [] : [`where: ${printCondition(where)}`]),
    ...(operations === undefined ? [] : [`operations: [${operations.join(', ')}]`]),
  ];
  return `{ ${members.join(', ')} }`;
}

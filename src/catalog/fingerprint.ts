import { createHash } from 'node:crypto';
import type { Expression } from '../model/expression.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Auth, Rule } from '../model/rule.ts';
import type { ColumnType } from '../model/value.ts';
import { isTopicTable } from './catalog.ts';
import type { Table, TopicTable } from './catalog.ts';
import type { Relation } from './column.ts';
import type { Derivation, Window } from './derivation.ts';

/** Hash of all that decides an answer: not of descriptions, limits or how long changes are kept. */
export function fingerprintOf(tables: readonly Table[]): string {
  const text = textOf(tables.map(shapeOfTable));
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** Tells one definition of a derived table from another; its columns' expressions are `expressionText`. */
export function derivationText(derivation: Derivation): string {
  return textOf(shapeOfDerivation(derivation));
}

export function expressionText(expression: Expression): string {
  return textOf(shapeOfExpression(expression));
}

/** Tells one filter from another. */
export function predicateText(predicate: Predicate): string {
  return textOf(shapeOfPredicate(predicate));
}

function textOf(shape: unknown): string {
  return JSON.stringify(shape, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

function shapeOfTable(table: Table): unknown {
  const { name, singular, plural, hidden, expose } = table;
  return {
    names: [name, singular, plural],
    origin: isTopicTable(table) ? shapeOfTopic(table) : undefined,
    derivation: table.derivation && shapeOfDerivation(table.derivation),
    retention: table.retentionMs,
    clock: isTopicTable(table) && table.clock === 'WALL' ? table.clock : undefined,
    api: [hidden, expose.query, expose.live, expose.changes],
    auth: table.auth && shapeOfAuth(table.auth),
    columns: table.columns.map((column) => [
      column.name,
      shapeOfType(column.type),
      column.required,
      column.hidden,
      column.source,
      column.default,
      shapeOfExpression(column.expression),
      column.auth?.map(shapeOfRule),
    ]),
    key: table.key.map((column) => column.name),
    indexes: table.indexes.map((index) => [index.name, index.unique]),
    relations: table.relations.map((relation) => [
      relation.name,
      relation.target,
      relation.many,
      relation.columns,
      relation.references,
      relation.auth?.map(shapeOfRule),
    ]),
  };
}

function shapeOfAuth(auth: Auth): unknown {
  return auth.kind === 'public' ? auth.kind : auth.rules.map(shapeOfRule);
}

function shapeOfRule({ roles, operations, where }: Rule): unknown {
  return [roles, operations, where && shapeOfPredicate(where.unbound)];
}

function shapeOfTopic({ mode, topic, cluster, keyFormat, onBadRecord, accept }: TopicTable): unknown {
  return [mode, topic, cluster, keyFormat, onBadRecord, accept && shapeOfPredicate(accept)];
}

function shapeOfDerivation(derivation: Derivation): unknown {
  const { kind, source, where } = derivation;
  const filter = where && shapeOfPredicate(where);
  if (kind === 'view') return [kind, source, filter, derivation.inputs];
  const { aggregates, dimensions, eventTime, window } = derivation;
  return [
    kind,
    source,
    filter,
    dimensions.map(({ name }) => name),
    aggregates.map(({ column, fn, arg, by, n }) => [column.name, fn, shapeOfExpression(arg), shapeOfExpression(by), n]),
    shapeOfExpression(eventTime),
    window && shapeOfWindow(window),
  ];
}

function shapeOfWindow({ clock, graceMs, intervals, recordTime, sessionGapMs }: Window): unknown {
  // Without grace the clock decides no more than when buckets are removed: what is stored fits either.
  const judgedBy = clock === 'WALL' && graceMs !== undefined ? [clock] : [];
  return [intervals, sessionGapMs, graceMs, shapeOfExpression(recordTime), ...judgedBy];
}

function shapeOfExpression(expression: Expression | undefined): unknown {
  if (expression === undefined) return undefined;
  return [expression.text, expression.reads.map(({ relations }) => shapeOfWay(relations))];
}

function shapeOfWay(relations: readonly Relation[]): unknown {
  return relations.map(({ target, columns, references }) => [target, columns, references]);
}

function shapeOfType(type: ColumnType): unknown {
  switch (type.kind) {
    case 'scalar':
      return type.scalar;
    case 'enum':
      return [type.name, type.values];
    case 'list':
      return ['list', shapeOfType(type.element), type.elementRequired];
    case 'object':
      return [type.name, type.fields.map((field) => [field.name, shapeOfType(field.type), field.required])];
  }
}

function shapeOfPredicate(predicate: Predicate): unknown {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return [predicate.kind, predicate.parts.map(shapeOfPredicate)];
    case 'not':
      return ['not', shapeOfPredicate(predicate.part)];
    case 'compare': {
      const { column, path, op, operand, insensitive, mask, claims } = predicate;
      const shape = [column.name, path, op, operand, insensitive];
      if (claims !== undefined) return [...shape, { claims }];
      return mask === undefined ? shape : [...shape, { mask: shapeOfPredicate(mask) }];
    }
    case 'related': {
      const { relation, quantifier, part, mask, only } = predicate;
      const shape = [relation.name, shapeOfWay([relation]), quantifier, shapeOfPredicate(part)];
      if (mask === undefined && only === undefined) return shape;
      return [...shape, { mask: mask && shapeOfPredicate(mask), only: only && shapeOfPredicate(only) }];
    }
  }
}

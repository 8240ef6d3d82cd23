import { parse, type ExecutionResult, type GraphQLError, type OperationDefinitionNode } from 'graphql';
import { buildSchema } from 'graphql';
import { createWork } from '../../src/common/work.ts';
import { defaultQueryLimits } from '../../src/config/limits.ts';
import { planAccess } from '../../src/query/access.ts';
import { Reading } from '../../src/query/reading.ts';
import { linkRelations } from '../../src/query/relation-access.ts';
import { scan } from '../../src/query/scan.ts';
import type { Catalog, Table } from '../../src/catalog/catalog.ts';
import { compileWhere } from '../../src/catalog/where.ts';
import { must } from '../../src/common/errors.ts';
import { encodePosition } from '../../src/model/position.ts';
import type { Row } from '../../src/model/row.ts';
import type { AtLeast, ChangeStreamArguments, Prepared, QueryEngine } from '../../src/query/query.ts';
import type { Reader } from '../../src/store/store.ts';

/** A query engine whose queries are functions: for tests of what is built on the engine's contract. */
export interface TinyEngine {
  readonly engine: QueryEngine;
  live(id: string, tables: readonly string[], answer: (reader: Reader) => unknown, options?: TinyOptions): Prepared;
  changes(table: string, options?: TinyChanges): Prepared;
}

export interface TinyOptions {
  readonly atLeast?: AtLeast;
  readonly document?: string;
}

export interface TinyChanges {
  readonly where?: Record<string, unknown> | undefined;
  readonly related?: readonly string[];
  readonly operations?: readonly ('INSERT' | 'UPDATE' | 'DELETE')[];
  readonly snapshot?: boolean;
  readonly after?: string;
  /** What a message says of a row beside its columns; may read other rows. */
  readonly extra?: (row: Row, reader: Reader) => unknown;
}

const answers = new WeakMap<Prepared, (reader: Reader) => unknown>();
const extras = new WeakMap<Prepared, (row: Row, reader: Reader) => unknown>();

export function createTinyEngine(catalog: Catalog): TinyEngine {
  const relations = linkRelations(catalog);
  const tableOf = (name: string): Table => must(catalog.tablesByName.get(name), `table ${name}`);

  function prepared(kind: Prepared['kind'], shapeId: string, tables: readonly Table[], document: string) {
    const parsed = parse(document);
    return {
      kind,
      document: parsed,
      operation: parsed.definitions[0] as OperationDefinitionNode,
      variables: {},
      tables,
      grants: undefined,
      shapeId,
    };
  }

  const engine: QueryEngine = {
    schema: buildSchema('type Query { nothing: Int }'),
    prepare: () => [] as readonly GraphQLError[],
    check: () => [],
    knows: () => true,
    execute(operation, { snapshot, reader }) {
      const answer = must(answers.get(operation), 'an answer');
      return {
        data: JSON.stringify(answer(reader)),
        position: encodePosition(snapshot.position(operation.tables)),
      };
    },
    executeChanges(operation, message, { reader }) {
      const { table } = must(operation.changes, 'a change stream');
      const extra = extras.get(operation);
      const changes = message.changes.map(({ kind, before, after }) => ({
        kind,
        before: before && rowObject(table, before),
        after: after && { ...rowObject(table, after), ...(extra && { extra: extra(after, reader) }) },
      }));
      const { live, reset, complete, position } = message;
      return { data: JSON.stringify({ changes, live, reset, complete, position }), position };
    },
    rowsOf: ({ changes }, snapshot) => {
      const sizeOf = (table: Table): number => snapshot.count(table);
      const options = { relations, limits: defaultQueryLimits, work: createWork(), sizeOf, now: () => 0 };
      return scan(new Reading(snapshot, options), must(changes, 'a change stream').access);
    },
    explain: () => [],
    toResult: ({ data }) => ({ data: JSON.parse(data) as ExecutionResult['data'] }) as ExecutionResult,
  };

  return {
    engine,
    live(id, tables, answer, { atLeast, document = 'subscription { things { id } }' } = {}) {
      const operation: Prepared = { ...prepared('live', id, tables.map(tableOf), document), atLeast };
      answers.set(operation, answer);
      return operation;
    },
    changes(name, { where, related = [], operations, snapshot = false, after, extra } = {}) {
      const table = tableOf(name);
      const relatedTables = related.map(tableOf);
      const changes: ChangeStreamArguments = {
        table,
        where: compileWhere(catalog, table, where),
        access: planAccess({ table, predicate: compileWhere(catalog, table, where), order: [] }),
        masks: new Map(),
        grants: new Map([[table.name, '']]),
        related: relatedTables,
        operations: new Set(operations ?? ['INSERT', 'UPDATE', 'DELETE']),
        snapshot,
        after,
        responseName: 'changes',
      };
      const shapeId = `changes ${name} ${JSON.stringify([where, related, operations, snapshot, after])}`;
      const document = 'subscription { thingChanges { live } }';
      const operation: Prepared = {
        ...prepared('changes', shapeId, [table, ...relatedTables], document),
        changes,
      };
      if (extra !== undefined) extras.set(operation, extra);
      return operation;
    },
  };
}

/** A row as the object that its JSON fragments make. */
export function rowObject(table: Table, row: Row): Record<string, unknown> {
  return Object.fromEntries(table.columns.map((column) => [column.name, JSON.parse(row.json(column)) as unknown]));
}

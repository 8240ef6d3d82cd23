import { execute as executeGraphQL, GraphQLError } from 'graphql';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import { must } from '../common/errors.ts';
import { nobody } from '../model/caller.ts';
import { encodePosition } from '../model/position.ts';
import type { Snapshot } from '../store/store.ts';
import { toClientError } from './client-errors.ts';
import { createCostCheck } from './check-cost.ts';
import { countLeaves } from './count-leaves.ts';
import { createDocuments } from './documents.ts';
import type { Execution } from './execution.ts';
import { explainOperation } from './explain.ts';
import { createGrants } from './grants.ts';
import { prepareOperation } from './prepare.ts';
import type { KeepingReader } from './kept.ts';
import type { PreparedOperation } from './prepare.ts';
import type { ChangeMessage, ExecuteContext, Executed, Prepared, QueryEngine, QueryOptions } from './query.ts';
import { Reading } from './reading.ts';
import { positionOf } from './position-of.ts';
import { linkRelations } from './relation-access.ts';
import { scan } from './scan.ts';
import { createApi } from './schema.ts';
import { checkDeciding, checkServing } from './serving.ts';
import { writeJson } from './write-json.ts';

const maxErrors = 100;

/** Called once per catalog and thread. Nothing in it depends on data, so it serves every snapshot. */
export function createQueryEngine(options: QueryOptions): QueryEngine {
  const { catalog, limits, work, introspection = true } = options;
  const onError = options.onError ?? (() => {});
  const now = options.now ?? (() => performance.now());
  const relations = linkRelations(catalog);
  const { schema, liveSchema, plans: planners, changes } = createApi({ catalog, relations, limits });
  const grantsOf = createGrants();
  countLeaves(schema);
  const checkCost = createCostCheck(catalog, schema, limits);
  const documents = createDocuments(schema, limits, options);

  function readingOf(reader: KeepingReader, snapshot: Snapshot): Reading {
    const sizeOf = (table: Table): number => snapshot.count(table);
    return new Reading(reader, { relations, limits, work, sizeOf, now });
  }

  function run(
    prepared: PreparedOperation,
    { snapshot, reader, progress }: ExecuteContext,
    message: ChangeMessage | undefined,
  ): Executed {
    const position = message?.position ?? encodePosition(positionOf(prepared, snapshot));
    const reading = readingOf(reader, snapshot);
    try {
      checkServing(prepared.read, snapshot);
      checkDeciding(prepared.deciding, snapshot);
      const execution: Execution = {
        plans: prepared.plans,
        grants: prepared.granted,
        reading,
        snapshot,
        progress,
        position,
        message,
        tablesOfNodes: new WeakMap(),
      };
      const result = executeGraphQL({
        schema: prepared.kind === 'query' ? schema : liveSchema,
        document: prepared.executable,
        contextValue: execution,
        variableValues: prepared.variables,
      });
      if (result instanceof Promise) throw new Error('bug in Headgate: a resolver is asynchronous');
      if (reading.exceeded !== undefined) throw reading.exceeded;
      return { ...writeResult(result, reading), position };
    } catch (error) {
      return { data: 'null', errors: writeJson([toClientError(error, {}, onError).toJSON()]), position };
    } finally {
      reading.close();
    }
  }

  function writeResult({ data, errors }: ExecutionResult, reading: Reading): { data: string; errors?: string } {
    const text = writeJson(data ?? null, {
      maxBytes: limits.maxResponseBytes,
      tooLong: () => reading.responseTooLong(),
    });
    if (errors === undefined || errors.length === 0) return { data: text };
    const clientErrors = errors.slice(0, maxErrors).map((error) => toClientError(error, {}, onError).toJSON());
    return { data: text, errors: writeJson(clientErrors) };
  }

  return {
    schema,
    prepare: (request, caller = nobody) =>
      prepareOperation(
        { catalog, schema, planners, changes, grantsOf, documents, limits, checkCost, introspection, onError },
        request,
        caller,
      ),
    check(document) {
      const read = documents.get(document);
      return 'operations' in read ? [] : read;
    },
    execute: (prepared, context) => run(ownPrepared(prepared), context, undefined),
    executeChanges: (prepared, message, context) => run(ownPrepared(prepared), context, message),
    *rowsOf({ changes }, snapshot) {
      const reading = readingOf(snapshot, snapshot);
      try {
        yield* scan(reading, must(changes, 'a change stream').access);
      } finally {
        reading.close();
      }
    },
    explain: (prepared, snapshot) => explainOperation(ownPrepared(prepared), catalog, snapshot, limits),
    toResult: ({ data, errors, position }) => ({
      data: JSON.parse(data) as Record<string, unknown> | null,
      ...(errors === undefined ? {} : { errors: (JSON.parse(errors) as GraphQLFormattedError[]).map(toError) }),
      extensions: { position },
    }),
  };
}

function ownPrepared(prepared: Prepared): PreparedOperation {
  return must('plans' in prepared ? (prepared as PreparedOperation) : undefined, 'an operation of another engine');
}

function toError({ message, path, extensions }: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(message, { path: path ?? null, extensions: extensions ?? null });
}

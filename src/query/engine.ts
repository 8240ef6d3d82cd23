import { execute as executeGraphQL, GraphQLError } from 'graphql';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import { must } from '../common/errors.ts';
import { nobody } from '../model/caller.ts';
import { encodePosition } from '../model/position.ts';
import type { Row } from '../model/row.ts';
import type { Snapshot } from '../store/store.ts';
import { toClientError } from './client-errors.ts';
import { createCostCheck } from './check-cost.ts';
import { countLeaves } from './count-leaves.ts';
import { createDocuments } from './documents.ts';
import type { Execution } from './execution.ts';
import { explainOperation } from './explain.ts';
import { noFacts } from './facts.ts';
import { createGrants } from './grants.ts';
import { prepareOperation } from './prepare.ts';
import type { KeepingReader } from './kept.ts';
import type { PreparedOperation } from './prepared.ts';
import type { ChangeMessage, ExecuteContext, Executed, Prepared, QueryEngine, QueryOptions } from './query.ts';
import { Reading } from './reading.ts';
import { positionOf } from './position-of.ts';
import { linkRelations } from './relation-access.ts';
import { scan } from './scan.ts';
import { createApi } from './schema.ts';
import { checkDeciding, checkServing } from './serving.ts';
import { createTemplates, noTemplates } from './templates.ts';
import { writeJson } from './write-json.ts';
import { createWriters, noWriters } from './writers.ts';

const maxErrors = 100;

type ExecutedText = Pick<Executed, 'data' | 'errors'>;

/** Called once per catalog and thread. Nothing in it depends on data, so it serves every snapshot. */
export function createQueryEngine(options: QueryOptions): QueryEngine {
  const { catalog, limits, work, introspection = true, compiled = true } = options;
  const onError = options.onError ?? (() => {});
  const now = options.now ?? (() => performance.now());
  const relations = linkRelations(catalog);
  const facts = options.facts ?? noFacts;
  const {
    schema,
    liveSchema,
    plans: planners,
    changes,
  } = createApi({
    catalog,
    relations,
    limits,
    facts,
    introspection,
  });
  const grantsOf = createGrants(facts.isOperator);
  countLeaves(schema);
  const checkCost = createCostCheck(catalog, schema, limits);
  const documents = createDocuments(schema, limits, options);
  const again = compiled
    ? { templates: createTemplates({ schema, limits, checkCost }), writers: createWriters(catalog, schema, planners) }
    : { templates: noTemplates, writers: noWriters };
  const preparing = {
    catalog,
    schema,
    planners,
    changes,
    grantsOf,
    documents,
    ...again,
    limits,
    checkCost,
    introspection,
    onError,
  };
  /** A row is of one table, whoever found it. */
  const tablesOfNodes = new WeakMap<Row, Table>();

  function readingOf(reader: KeepingReader, snapshot: Snapshot): Reading {
    const sizeOf = (table: Table): number => snapshot.count(table);
    return new Reading(reader, { relations, limits, work, sizeOf, now });
  }

  function run(prepared: PreparedOperation, context: ExecuteContext, message: ChangeMessage | undefined): Executed {
    const { snapshot } = context;
    const position = message?.position ?? seenPosition(prepared, snapshot);
    try {
      checkTables(prepared, snapshot, position);
      const written = message === undefined ? attempt(write, prepared, context, position, undefined) : undefined;
      return { ...(written ?? attempt(runByGraphQL, prepared, context, position, message)), position };
    } catch (error) {
      return { data: 'null', errors: writeJson([toClientError(error, {}, onError).toJSON()]), position };
    }
  }

  function seenPosition(prepared: PreparedOperation, snapshot: Snapshot): string {
    return hasSeen(prepared, snapshot) ? prepared.seen.position : encodePosition(positionOf(prepared, snapshot));
  }

  function checkTables(prepared: PreparedOperation, snapshot: Snapshot, position: string): void {
    if (hasSeen(prepared, snapshot)) return;
    checkServing(prepared.read, snapshot);
    checkDeciding(prepared.deciding, snapshot);
    const { storeId, version } = snapshot;
    if (prepared.kind !== 'changes') Object.assign(prepared.seen, { storeId, version, position });
  }

  /** The reads of each attempt are its own, and what it may use up. */
  function attempt<Answer>(
    runIn: (prepared: PreparedOperation, execution: Execution) => Answer,
    prepared: PreparedOperation,
    { reader, snapshot, progress }: ExecuteContext,
    position: string,
    message: ChangeMessage | undefined,
  ): Answer {
    const { plans, granted: grants } = prepared;
    const reading = readingOf(reader, snapshot);
    const nowMs = facts.now();
    try {
      return runIn(prepared, { plans, grants, reading, snapshot, progress, position, nowMs, message, tablesOfNodes });
    } finally {
      reading.close();
    }
  }

  /** The short way. Undefined where an error has a place in the answer, or where graphql alone can run it. */
  function write({ write }: PreparedOperation, execution: Execution): ExecutedText | undefined {
    if (write === undefined) return undefined;
    const { reading } = execution;
    try {
      const data = write(undefined, execution);
      const { maxResponseBytes } = limits;
      if (data.length * 3 > maxResponseBytes && Buffer.byteLength(data) > maxResponseBytes) reading.responseTooLong();
      return { data };
    } catch {
      const { exceeded } = reading;
      // Graphql may find an error before the answer is too long, which then is short.
      if (exceeded !== undefined && exceeded.details['setting'] !== 'maxResponseBytes') throw exceeded;
      return undefined;
    }
  }

  function runByGraphQL({ kind, executable, variables }: PreparedOperation, execution: Execution): ExecutedText {
    const { reading } = execution;
    const result = executeGraphQL({
      schema: kind === 'query' ? schema : liveSchema,
      document: executable,
      contextValue: execution,
      variableValues: variables,
    });
    if (result instanceof Promise) throw new Error('bug in Headgate: a resolver is asynchronous');
    if (reading.exceeded !== undefined) throw reading.exceeded;
    return writeResult(result, reading);
  }

  function writeResult({ data, errors }: ExecutionResult, reading: Reading): ExecutedText {
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
    prepare: (request, caller = nobody) => prepareOperation(preparing, request, caller),
    check(document) {
      const read = documents.get(document);
      return 'operations' in read ? [] : read;
    },
    knows: (document) => documents.has(document),
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

function hasSeen({ seen }: PreparedOperation, { storeId, version }: Snapshot): boolean {
  return seen.version === version && seen.storeId === storeId;
}

function ownPrepared(prepared: Prepared): PreparedOperation {
  return must('plans' in prepared ? (prepared as PreparedOperation) : undefined, 'an operation of another engine');
}

function toError({ message, path, extensions }: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(message, { path: path ?? null, extensions: extensions ?? null });
}

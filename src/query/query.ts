import type {
  DocumentNode,
  ExecutionResult,
  GraphQLError,
  GraphQLSchema,
  OperationDefinitionNode,
  ValidationRule,
} from 'graphql';
import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import type { Work } from '../common/work.ts';
import type { Caller } from '../model/caller.ts';
import type { Change } from '../model/change.ts';
import type { Position } from '../model/position.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import type { Snapshot, TableState } from '../store/store.ts';
import type { Access } from './access.ts';
import type { Facts } from './facts.ts';
import type { KeepingReader } from './kept.ts';
import type { QueryLimits } from './query-limits.ts';

export type { QueryLimits } from './query-limits.ts';

/**
 * The read wing's heart: a catalog becomes a GraphQL schema; a request becomes a `Prepared` operation; a prepared
 * operation is executed on a snapshot, synchronously, to its end.
 *
 *   request ──prepare──▶ Prepared ──execute(snapshot)──▶ JSON text of `data` and `errors`
 */
export interface OperationRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** What `@atLeast` or `extensions.atLeast` asks for, checked and coerced. */
export interface AtLeast {
  /** The next offset that must be reached, by partition, by topic; only topics that the operation's tables read. */
  readonly next: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly timeoutMs: number;
}

export interface Prepared {
  readonly kind: 'query' | 'live' | 'changes';
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced, with defaults. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Every table that the operation names: root fields, relations selected, relations in where. */
  readonly tables: readonly Table[];
  readonly atLeast?: AtLeast | undefined;
  /** What the caller was granted of these tables, as far as it is not everything; part of its positions. */
  readonly grants: Position['grants'];
  /** Equal for operations that have equal answers at every position. Design section 10, "Shape identity". */
  readonly shapeId: string;
  /** For `kind: 'changes'`. */
  readonly changes?: ChangeStreamArguments | undefined;
}

export interface ChangeStreamArguments {
  readonly table: Table;
  /** The rows asked for that the caller's rules grant. */
  readonly where?: Predicate | undefined;
  /** How these are found; without masks. */
  readonly access: Access;
  /** Columns that are null for the caller in rows that their predicate does not hold for. */
  readonly masks: ReadonlyMap<Column, Predicate>;
  /** What was granted of the tables that decide who is in the set, as in `Position.grants`; empty text: everything. */
  readonly grants: ReadonlyMap<string, string>;
  /** Tables that `where` or the selection reach through relations, without `table` itself. */
  readonly related: readonly Table[];
  readonly operations: ReadonlySet<'INSERT' | 'UPDATE' | 'DELETE'>;
  readonly snapshot: boolean;
  readonly after?: string | undefined;
  /** The key in the response: the root field's alias or name. */
  readonly responseName: string;
}

/** A change as a subscriber sees it. A deletion that its rules may have made has no image of what was. */
export type SeenChange =
  | Change
  | {
      readonly kind: 'delete';
      readonly key: Uint8Array;
      readonly before?: undefined;
      readonly after?: undefined;
      readonly timestampMs: number;
    };

/** One message of a change stream, before its selection is applied. */
export interface ChangeMessage {
  /** Relative to the subscriber's own set: a row that starts matching is an insert, one that stops is a delete. */
  readonly changes: readonly SeenChange[];
  readonly position: string;
  readonly live: boolean;
  readonly reset: boolean;
  readonly complete: boolean;
}

/** What `_meta` tells beside the position: known to the writer, not part of any position. */
export interface Progress {
  readonly connected: boolean;
  readonly reason?: string | undefined;
  /** End offset by partition, by topic, as last seen. */
  readonly ends: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly missingTopics: ReadonlySet<string>;
  /** Records read since the process started, by partition, by topic. */
  readonly records: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

export interface ExecuteContext {
  readonly snapshot: Snapshot;
  /** What rows are read through; a live query wraps the snapshot to learn its read set, a resumed stream reads history. */
  readonly reader: KeepingReader;
  readonly progress: Progress;
}

export interface Executed {
  /** JSON text of `data`; `null` where an error took it all. */
  readonly data: string;
  /** JSON text of the error list, each with `extensions.code`; absent where there is none. */
  readonly errors?: string | undefined;
  /** The encoded position of the snapshot over the operation's tables. */
  readonly position: string;
}

export interface QueryEngine {
  readonly schema: GraphQLSchema;
  /**
   * Parse, validate and coerce, and put the caller's rules into the plan; never throws. Documents are cached by text. Default
   * caller: nobody, who may read what is public.
   */
  prepare(request: OperationRequest, caller?: Caller): Prepared | readonly GraphQLError[];
  /**
   * What is wrong with a document, whatever its variables and its caller: for documents that are known beforehand. Each error has
   * its code.
   */
  check(document: string): readonly GraphQLError[];
  /** Whether the document with this text was prepared before, and is remembered: it is valid. */
  knows(document: string): boolean;
  /** Query and live operations. Never throws: failures are in `errors`. */
  execute(prepared: Prepared, context: ExecuteContext): Executed;
  /** One message of a change stream through the operation's selection. */
  executeChanges(prepared: Prepared, message: ChangeMessage, context: ExecuteContext): Executed;
  /** The rows of a change stream's set, as they are stored, in the order of the key. Lazy; throws as a list would. */
  rowsOf(prepared: Prepared, snapshot: Snapshot): Iterable<Row>;
  /** For `headgate explain`: one line per field, which index or scan it uses and what a live version costs. */
  explain(prepared: Prepared, snapshot: Snapshot): readonly ExplainedField[];
  /** For tests that want the plain result. */
  readonly toResult: (executed: Executed) => ExecutionResult;
}

export interface ExplainedField {
  /** `songs.artist` */
  readonly path: string;
  readonly access: string;
  /** How a change finds the live version of this query: by key, by index range, by every change of the table. */
  readonly live: string;
  /**
   * Of the derived tables among those it reads: what each follows from, and which rows a change elsewhere moves. With the first
   * field that reads the table; absent where there is nothing to tell.
   */
  readonly derived?: readonly string[];
}

export interface QueryOptions {
  readonly catalog: Catalog;
  readonly work: Work;
  readonly limits: QueryLimits;
  /** Bounds that come before the specification's rules; `server/limits.ts` gives depth, aliases and the like. */
  readonly validationRules?: readonly ValidationRule[] | undefined;
  /**
   * Whether clients may ask for the schema. Default true. False: `__schema` and `__type` are refused (FORBIDDEN), and no mistake is
   * answered with the names it might have been.
   */
  readonly introspection?: boolean | undefined;
  /** What `_meta` tells of the gateway. Absent: nothing is served. */
  readonly facts?: Facts | undefined;
  /** Whether operations are run by what is made of them once, where it can. Default true; false: by graphql alone, every time. */
  readonly compiled?: boolean | undefined;
  /** ms, from any beginning: for `queryTimeoutMs`. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
  /** Told of every failure that a client sees only masked, as INTERNAL: a bug of ours. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Why an operation on this table fails now, if it does. */
export type Unavailable = (table: Table, state: TableState) => string | undefined;

import { gql } from '@apollo/client';
import type { TypedDocumentNode } from '@apollo/client';

/** What the console asks of every gateway. BigInts are digits; times are ISO 8601. Its operations are named so that it knows its own. */
export const ownPrefix = 'Console';

type None = Record<string, never>;

export type Phase = 'FILLING' | 'LIVE' | 'HALTED' | 'RECREATED';

export interface TableStatus {
  readonly name: string;
  readonly kind: 'TOPIC' | 'VIEW' | 'AGGREGATION';
  readonly mode: 'UPSERT' | 'APPEND' | 'STREAM' | null;
  readonly phase: Phase;
  readonly reason: string | null;
  readonly rows: string | null;
  readonly bad: readonly { readonly code: string; readonly count: string }[];
  readonly gaps: string | null;
  readonly takenOver: string | null;
  readonly repeats: string | null;
  readonly topics: readonly string[];
  readonly sources: readonly string[];
}

/** A partition; one without any where the topic has none yet. */
export interface TopicStatus {
  readonly topic: string;
  readonly partition: number | null;
  readonly next: string | null;
  readonly end: string | null;
  readonly lag: string | null;
  readonly caughtUp: boolean;
  readonly missing: boolean;
  readonly records: string;
  readonly tables: readonly string[];
}

/** Where it is known, `file:line:column` says where. */
export interface SchemaMistake {
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

export interface GatewayStatus {
  readonly version: string;
  readonly ready: boolean;
  readonly connected: boolean;
  readonly reason: string | null;
  readonly now: string;
  readonly startedAt: string;
  readonly release: string | null;
  readonly source: { readonly kind: 'KAFKA' | 'LOG'; readonly offsetUnit: 'RECORDS' | 'BYTES' };
  readonly schemaMistakes: readonly SchemaMistake[];
  readonly storeBytes: string | null;
  readonly liveQueryCount: number | null;
  readonly tables: readonly TableStatus[];
  readonly topics: readonly TopicStatus[];
}

export const statusQuery: TypedDocumentNode<{ readonly _meta: GatewayStatus }, None> = gql`
  query ConsoleStatus {
    _meta {
      version
      ready
      connected
      reason
      now
      startedAt
      release
      source {
        kind
        offsetUnit
      }
      schemaMistakes {
        message
        file
        line
        column
      }
      storeBytes
      liveQueryCount
      tables {
        name
        kind
        mode
        phase
        reason
        rows
        bad {
          code
          count
        }
        gaps
        takenOver
        repeats
        topics
        sources
      }
      topics {
        topic
        partition
        next
        end
        lag
        caughtUp
        missing
        records
        tables
      }
    }
  }
`;

export interface Column {
  readonly name: string;
  /** As the API writes it: `String!`. */
  readonly type: string;
  readonly key: boolean;
  readonly indexed: boolean;
}

export interface TableDefinition {
  readonly name: string;
  readonly description: string | null;
  /** Null where the gateway does not tell its schema. */
  readonly columns: readonly Column[] | null;
  readonly fields: {
    readonly row: string | null;
    readonly list: string | null;
    readonly connection: string | null;
    readonly changes: string | null;
  } | null;
}

/** What a schema says of its tables: asked once for each start of the gateway. */
export const definitionsQuery: TypedDocumentNode<
  { readonly _meta: { readonly tables: readonly TableDefinition[] } },
  None
> = gql`
  query ConsoleDefinitions {
    _meta {
      tables {
        name
        description
        columns {
          name
          type
          key
          indexed
        }
        fields {
          row
          list
          connection
          changes
        }
      }
    }
  }
`;

export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly code: string;
  readonly reason: string | null;
  /** Null where the record has none. */
  readonly timestamp: string | null;
  /** Of the commit that keeps it: the order of arrival. */
  readonly version: string;
}

export interface TableDeadLetters {
  readonly name: string;
  /** Null where the caller may not read the whole table. */
  readonly deadLetters: readonly DeadLetter[] | null;
}

export const deadLettersQuery: TypedDocumentNode<
  { readonly _meta: { readonly tables: readonly TableDeadLetters[] } },
  { readonly limit: number }
> = gql`
  query ConsoleDeadLetters($limit: Int!) {
    _meta {
      tables {
        name
        deadLetters(limit: $limit) {
          topic
          partition
          offset
          code
          reason
          timestamp
          version
        }
      }
    }
  }
`;

export interface LiveQuery {
  readonly id: string;
  readonly kind: 'LIVE' | 'CHANGES';
  readonly operation: string | null;
  readonly document: string;
  readonly variables: unknown;
  readonly tables: readonly string[];
  readonly claims: unknown;
  readonly subscribers: number;
  readonly evaluations: string;
  readonly rowsRead: string;
  readonly framesSent: string;
  /** Of its newest frame, in characters. */
  readonly frameBytes: number | null;
  readonly lastFrameAt: string | null;
  readonly since: string;
  readonly routed: string | null;
}

export const liveQueriesQuery: TypedDocumentNode<
  {
    readonly _meta: {
      readonly now: string;
      readonly liveQueryCount: number | null;
      /** Null for whoever is no operator. */
      readonly liveQueries: readonly LiveQuery[] | null;
    };
  },
  { readonly limit: number }
> = gql`
  query ConsoleLiveQueries($limit: Int!) {
    _meta {
      now
      liveQueryCount
      liveQueries(limit: $limit) {
        id
        kind
        operation
        document
        variables
        tables
        claims
        subscribers
        evaluations
        rowsRead
        framesSent
        frameBytes
        lastFrameAt
        since
        routed
      }
    }
  }
`;

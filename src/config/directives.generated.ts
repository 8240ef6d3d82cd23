import type { ValueNode } from 'graphql';
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
export type Maybe<T> = T | undefined;
export type InputMaybe<T> = T | undefined;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A whole number, exact. Text in answers, because JavaScript numbers end at 2^53; input takes text or numbers. */
  BigInt: { input: string; output: string; }
  /** A number of bytes, `500000000`, or a text with a unit: `100kB`, `500MB`, `2GB`. */
  ByteSize: { input: number; output: number; }
  /** Bytes, as base64 text. */
  Bytes: { input: string; output: string; }
  /** A calendar day, `2026-11-21`. */
  Date: { input: string; output: string; }
  /** An instant. ISO 8601 in the API, in UTC; records may also hold whole milliseconds since 1970. Exact to the microsecond. */
  DateTime: { input: string; output: string; }
  /** A decimal number, exact and as written. Text in answers; input takes text or numbers. */
  Decimal: { input: string; output: string; }
  /** A literal of the column's own type. */
  DefaultLiteral: { input: ValueNode; output: ValueNode; }
  /** A length of time: ISO 8601 (`P7D`, `PT10M`), and in directives also the short forms `500ms`, `30s`, `10m`, `1h`, `7d`. */
  Duration: { input: number; output: number; }
  /** Names of fields separated by spaces, as in Apollo Federation: `orderId lineNo`. */
  FieldSet: { input: readonly string[]; output: readonly string[]; }
  /** Any JSON value, digits untouched. */
  JSON: { input: unknown; output: unknown; }
  /** A UUID, `123e4567-e89b-12d3-a456-426614174000`. */
  UUID: { input: string; output: string; }
  /**
   * A filter, checked against the columns of its table; the language of `where` in the generated API:
   * `{ status: { in: [PAID, SHIPPED] }, or: [{ total: { gte: 100 } }, { vip: { eq: true } }] }`.
   */
  WhereLiteral: { input: ValueNode; output: ValueNode; }
};

/**
 * Functions of `@aggregate`. Each can take a value back out, so that the result is always that of the rows there are; what
 * that takes to keep is said with each. Sums are exact: integers never wrap, Decimals keep every digit, a Float is the
 * exact sum rounded once.
 */
export type AggregateFunction =
  /** The mean: of Int, BigInt and Decimal a Decimal or Float, of Float a Float. Keeps an exact sum and a number. */
  | 'AVG'
  /** All values, in the order of FIRST. A list of the argument's type. Keeps one entry per source row. */
  | 'COLLECT_LIST'
  /**
   * The different values, in the order of `orderBy`; Decimals without trailing zeros. A list of the argument's type. Keeps one
   * entry per distinct value.
   */
  | 'COLLECT_SET'
  /** How many rows; with `arg`, in how many it is not null. Int or BigInt. Keeps a number per group. */
  | 'COUNT'
  /** How many different values. Int or BigInt. Keeps one entry per distinct value. */
  | 'COUNT_DISTINCT'
  /**
   * The value of the earliest row: by event time, then by the record's partition and offset. Of the argument's type. Keeps one
   * entry per source row.
   */
  | 'FIRST'
  /** The value of the latest row. Of the argument's type. Keeps one entry per source row. */
  | 'LAST'
  /** The greatest value. Of the argument's type. Keeps one entry per distinct value. */
  | 'MAX'
  /** The least value, in the order of `orderBy`. Of the argument's type. Keeps one entry per distinct value. */
  | 'MIN'
  /** The sample standard deviation (n - 1); null for fewer than two values. Float. Keeps exact sums. */
  | 'STDDEV'
  /** The sum: of Int and BigInt a BigInt (or Int, or Decimal), of Decimal a Decimal, of Float a Float. Keeps an exact sum. */
  | 'SUM'
  /**
   * The `n` greatest different values, the greatest first. A list of the argument's type. Keeps one entry per distinct value.
   * With `by`: the values of the `n` rows with the greatest `by`, the least value first where it is equal; one entry per
   * source row.
   */
  | 'TOP_K'
  /** The sample variance (n - 1); null for fewer than two values. Float. Keeps exact sums. */
  | 'VARIANCE';

/** Grants what all of its members allow; `{}` grants everything to every caller that has an identity. */
export type AuthRule = {
  /** What the caller may do. Default: everything. */
  readonly operations?: InputMaybe<ReadonlyArray<ReadOperation>>;
  /** The caller has one of these roles. Default: any caller that has an identity. */
  readonly roles?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /**
   * The rows that match: columns of the table, hidden ones too, also through relations. Texts that start with `$jwt.` are
   * claims of the caller, by path: `{ tenantId: { eq: "$jwt.org.tenant" } }`, `{ region: { in: "$jwt.regions" } }`; a dot inside a
   * name is written `\\.`. A claim that the caller does not have, or whose value the column cannot have, makes the rule grant
   * nothing; an empty list is a list, and in `notIn` and `hasEvery` holds for every row. The filter sees all rows of the tables it
   * leads to, whatever their rules.
   */
  readonly where?: InputMaybe<Scalars['WhereLiteral']['input']>;
};

/** What a table does with a record that cannot become a row. */
export type BadRecordPolicy =
  /** Stops this table at the record; other tables go on. Queries answer from what there is, and `_meta` says so. */
  | 'HALT'
  /** Keeps it as a dead letter with the reason, counts it, leaves the row as it was, and goes on. */
  | 'SKIP';

/** What time it is for `retention`, and for the buckets of an aggregation. */
export type Clock =
  /**
   * What the records tell: their greatest timestamp, or event time. It stands still where no record arrives, and the same
   * records always give the same table. A single record with a timestamp far in the future removes the rows of a table with
   * `retention` that are older: where producers may send such timestamps, have the broker refuse them
   * (`message.timestamp.after.max.ms`) or set them (`message.timestamp.type`), or use WALL.
   */
  | 'STREAM'
  /**
   * The gateway's clock, looked at about once a second, whether records arrive or not; what these tell moves nothing. When
   * something is to go or to close, the gateway commits a tick, which records the time: tables follow from records and ticks,
   * never from the clock itself. A tick is a commit like any other: live queries and change streams are told of what it does,
   * positions count it, and a restart finds what it recorded. Reading the records again gives the same tables, but for what
   * ticks removed and for records that came too late by them.
   *
   * Buckets close, and records are too late, by the time up to which the gateway has read all that the topic held. So none is
   * too late because the gateway was away, or behind.
   */
  | 'WALL';

/** How the bytes of a record's key are read. */
export type KeyFormat =
  /** JSON: an object with one member per key column, or one bare value for one column. */
  | 'JSON'
  /** A 64-bit big-endian integer, as Kafka's LongSerializer writes it; for one Int, BigInt or ID column. */
  | 'LONG'
  /** The record's key is not read: the key columns come from the value. Tombstones cannot delete rows then. */
  | 'NONE'
  /** UTF-8 text, for one key column: an ID or String as it is, a number as its digits, a DateTime as ISO 8601. */
  | 'STRING';

/** What a caller does with a table. */
export type ReadOperation =
  /** To follow the changes: `…Changes`. */
  | 'CHANGES'
  /** To ask and be kept up to date: the fields of Subscription that Query has, too. */
  | 'LIVE'
  /** To ask for the state: the fields of Query. */
  | 'QUERY';

/** Facts about a record, for `@from(meta:)`. */
export type RecordMeta =
  /** Partition and offset as one text, unique in the topic. For String and ID, in APPEND and STREAM tables only. */
  | 'COORDINATES'
  /** The record's key as text; null where it has none. For String and ID. */
  | 'KEY'
  /** Its offset. For BigInt. */
  | 'OFFSET'
  /** The number of its partition. For Int. */
  | 'PARTITION'
  /** The record's timestamp. For DateTime. */
  | 'TIMESTAMP'
  /** The name of its topic. For String and ID. */
  | 'TOPIC';

/** What a record does to a table. */
export type TableMode =
  /**
   * Every record is a row of its own and nothing is replaced. The key is the record's place
   * (`id: ID! @from(meta: COORDINATES)`), or a field: then the first record with a key wins and repeats are counted.
   */
  | 'APPEND'
  /**
   * The rows are not kept. Records can be subscribed to (`playChanges`), filtered and computed by views, and aggregated; there
   * is no `play` and `plays` to query, no index, and no relation to the table or through a view of it. The key is the
   * record's place: `id: ID! @from(meta: COORDINATES)`.
   */
  | 'STREAM'
  /** A record inserts or replaces the row with its key; a null value (tombstone) deletes it. */
  | 'UPSERT';



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AggregateFunction: AggregateFunction;
  AuthRule: AuthRule;
  BadRecordPolicy: BadRecordPolicy;
  BigInt: ResolverTypeWrapper<Scalars['BigInt']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  ByteSize: ResolverTypeWrapper<Scalars['ByteSize']['output']>;
  Bytes: ResolverTypeWrapper<Scalars['Bytes']['output']>;
  Clock: Clock;
  Date: ResolverTypeWrapper<Scalars['Date']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Decimal: ResolverTypeWrapper<Scalars['Decimal']['output']>;
  DefaultLiteral: ResolverTypeWrapper<Scalars['DefaultLiteral']['output']>;
  Duration: ResolverTypeWrapper<Scalars['Duration']['output']>;
  FieldSet: ResolverTypeWrapper<Scalars['FieldSet']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  KeyFormat: KeyFormat;
  ReadOperation: ReadOperation;
  RecordMeta: RecordMeta;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  TableMode: TableMode;
  UUID: ResolverTypeWrapper<Scalars['UUID']['output']>;
  WhereLiteral: ResolverTypeWrapper<Scalars['WhereLiteral']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AuthRule: AuthRule;
  BigInt: Scalars['BigInt']['output'];
  Boolean: Scalars['Boolean']['output'];
  ByteSize: Scalars['ByteSize']['output'];
  Bytes: Scalars['Bytes']['output'];
  Date: Scalars['Date']['output'];
  DateTime: Scalars['DateTime']['output'];
  Decimal: Scalars['Decimal']['output'];
  DefaultLiteral: Scalars['DefaultLiteral']['output'];
  Duration: Scalars['Duration']['output'];
  FieldSet: Scalars['FieldSet']['output'];
  Int: Scalars['Int']['output'];
  JSON: Scalars['JSON']['output'];
  String: Scalars['String']['output'];
  UUID: Scalars['UUID']['output'];
  WhereLiteral: Scalars['WhereLiteral']['output'];
};

export type AggregateDirectiveArgs = {
  arg?: Maybe<Scalars['String']['input']>;
  by?: Maybe<Scalars['String']['input']>;
  fn: AggregateFunction;
  n?: Maybe<Scalars['Int']['input']>;
};

export type AggregateDirectiveResolver<Result, Parent, ContextType = any, Args = AggregateDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AggregationDirectiveArgs = {
  clock: Clock;
  grace?: Maybe<Scalars['Duration']['input']>;
  hop?: Maybe<Scalars['String']['input']>;
  intervals?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  plural?: Maybe<Scalars['String']['input']>;
  retention?: Maybe<Scalars['Duration']['input']>;
  sessionGap?: Maybe<Scalars['Duration']['input']>;
  singular?: Maybe<Scalars['String']['input']>;
  source: Scalars['String']['input'];
  timestamp?: Maybe<Scalars['String']['input']>;
  where?: Maybe<Scalars['WhereLiteral']['input']>;
};

export type AggregationDirectiveResolver<Result, Parent, ContextType = any, Args = AggregationDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AuthDirectiveArgs = {
  public: Scalars['Boolean']['input'];
  rules?: Maybe<ReadonlyArray<AuthRule>>;
};

export type AuthDirectiveResolver<Result, Parent, ContextType = any, Args = AuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ChangesDirectiveArgs = {
  maxBytes: Scalars['ByteSize']['input'];
  retain: Scalars['Duration']['input'];
};

export type ChangesDirectiveResolver<Result, Parent, ContextType = any, Args = ChangesDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ComputedDirectiveArgs = {
  expr: Scalars['String']['input'];
};

export type ComputedDirectiveResolver<Result, Parent, ContextType = any, Args = ComputedDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type DefaultDirectiveArgs = {
  value: Scalars['DefaultLiteral']['input'];
};

export type DefaultDirectiveResolver<Result, Parent, ContextType = any, Args = DefaultDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ExposeDirectiveArgs = {
  changes: Scalars['Boolean']['input'];
  live: Scalars['Boolean']['input'];
  query: Scalars['Boolean']['input'];
};

export type ExposeDirectiveResolver<Result, Parent, ContextType = any, Args = ExposeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type FromDirectiveArgs = {
  header?: Maybe<Scalars['String']['input']>;
  key?: Maybe<Scalars['String']['input']>;
  meta?: Maybe<RecordMeta>;
  path?: Maybe<Scalars['String']['input']>;
};

export type FromDirectiveResolver<Result, Parent, ContextType = any, Args = FromDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type HiddenDirectiveArgs = { };

export type HiddenDirectiveResolver<Result, Parent, ContextType = any, Args = HiddenDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type IndexDirectiveArgs = {
  covering: Scalars['Boolean']['input'];
  fields?: Maybe<Scalars['FieldSet']['input']>;
  unique: Scalars['Boolean']['input'];
};

export type IndexDirectiveResolver<Result, Parent, ContextType = any, Args = IndexDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type KeyDirectiveArgs = {
  fields: Scalars['FieldSet']['input'];
};

export type KeyDirectiveResolver<Result, Parent, ContextType = any, Args = KeyDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type LimitDirectiveArgs = {
  default: Scalars['Int']['input'];
  max: Scalars['Int']['input'];
};

export type LimitDirectiveResolver<Result, Parent, ContextType = any, Args = LimitDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type RelationDirectiveArgs = {
  fields?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  references?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type RelationDirectiveResolver<Result, Parent, ContextType = any, Args = RelationDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type SinkDirectiveArgs = {
  topic: Scalars['String']['input'];
};

export type SinkDirectiveResolver<Result, Parent, ContextType = any, Args = SinkDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type TableDirectiveArgs = {
  accept?: Maybe<Scalars['WhereLiteral']['input']>;
  clock: Clock;
  cluster: Scalars['String']['input'];
  keyFormat?: Maybe<KeyFormat>;
  mode: TableMode;
  onBadRecord: BadRecordPolicy;
  plural?: Maybe<Scalars['String']['input']>;
  retention?: Maybe<Scalars['Duration']['input']>;
  singular?: Maybe<Scalars['String']['input']>;
  topic: Scalars['String']['input'];
};

export type TableDirectiveResolver<Result, Parent, ContextType = any, Args = TableDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ViewDirectiveArgs = {
  plural?: Maybe<Scalars['String']['input']>;
  singular?: Maybe<Scalars['String']['input']>;
  source: Scalars['String']['input'];
  where?: Maybe<Scalars['WhereLiteral']['input']>;
};

export type ViewDirectiveResolver<Result, Parent, ContextType = any, Args = ViewDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export interface BigIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['BigInt'], any> {
  name: 'BigInt';
}

export interface ByteSizeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['ByteSize'], any> {
  name: 'ByteSize';
}

export interface BytesScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Bytes'], any> {
  name: 'Bytes';
}

export interface DateScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Date'], any> {
  name: 'Date';
}

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface DecimalScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Decimal'], any> {
  name: 'Decimal';
}

export interface DefaultLiteralScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DefaultLiteral'], any> {
  name: 'DefaultLiteral';
}

export interface DurationScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Duration'], any> {
  name: 'Duration';
}

export interface FieldSetScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['FieldSet'], any> {
  name: 'FieldSet';
}

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export interface UuidScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['UUID'], any> {
  name: 'UUID';
}

export interface WhereLiteralScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['WhereLiteral'], any> {
  name: 'WhereLiteral';
}

export type Resolvers<ContextType = any> = {
  BigInt?: GraphQLScalarType;
  ByteSize?: GraphQLScalarType;
  Bytes?: GraphQLScalarType;
  Date?: GraphQLScalarType;
  DateTime?: GraphQLScalarType;
  Decimal?: GraphQLScalarType;
  DefaultLiteral?: GraphQLScalarType;
  Duration?: GraphQLScalarType;
  FieldSet?: GraphQLScalarType;
  JSON?: GraphQLScalarType;
  UUID?: GraphQLScalarType;
  WhereLiteral?: GraphQLScalarType;
};

export type DirectiveResolvers<ContextType = any> = {
  aggregate?: AggregateDirectiveResolver<any, any, ContextType>;
  aggregation?: AggregationDirectiveResolver<any, any, ContextType>;
  auth?: AuthDirectiveResolver<any, any, ContextType>;
  changes?: ChangesDirectiveResolver<any, any, ContextType>;
  computed?: ComputedDirectiveResolver<any, any, ContextType>;
  default?: DefaultDirectiveResolver<any, any, ContextType>;
  expose?: ExposeDirectiveResolver<any, any, ContextType>;
  from?: FromDirectiveResolver<any, any, ContextType>;
  hidden?: HiddenDirectiveResolver<any, any, ContextType>;
  index?: IndexDirectiveResolver<any, any, ContextType>;
  key?: KeyDirectiveResolver<any, any, ContextType>;
  limit?: LimitDirectiveResolver<any, any, ContextType>;
  relation?: RelationDirectiveResolver<any, any, ContextType>;
  sink?: SinkDirectiveResolver<any, any, ContextType>;
  table?: TableDirectiveResolver<any, any, ContextType>;
  view?: ViewDirectiveResolver<any, any, ContextType>;
};

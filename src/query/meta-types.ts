import { GraphQLEnumType, GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLString } from 'graphql';
import type { Catalog, Table } from '../catalog/catalog.ts';
import type { Mistake } from '../common/errors.ts';
import { release } from '../common/release.ts';
import { resolvePlanned } from './execution.ts';
import type { Execution, PlanField } from './execution.ts';
import type { Facts } from './facts.ts';
import type { Grants } from './grants.ts';
import { liveQueries, openQueryLimit, planOpenQueries } from './live-query-types.ts';
import { limitArgument, required, timeOf } from './meta-fields.ts';
import { listOf } from './row-types.ts';
import { scalarTypes } from './scalars.ts';
import { badRecords, servingState } from './serving.ts';
import { createTableMetaType, planDeadLetters } from './table-meta-types.ts';
import type { TableMeta } from './table-meta-types.ts';
import { topicMeta, topicsOf } from './topic-meta-types.ts';
import type { ValueTypes } from './value-types.ts';
import { isVisible, visibleTables } from './visible.ts';

/** The caller as `_meta` sees it. */
interface Asker {
  readonly operator: boolean;
}

export interface MetaOptions {
  readonly catalog: Catalog;
  readonly facts: Facts;
  /** Whether callers are told the schema. Operators are, in any case. */
  readonly introspection: boolean;
}

/** It reads no table, and its answer is another one for a caller who may read other tables: so it asks for all grants. */
export function planMeta(catalog: Catalog): PlanField {
  return (_args, grants) => {
    for (const table of visibleTables(catalog)) grants.find(table);
    const asker: Asker = { operator: grants.isOperator() };
    return { tables: [], resolve: () => asker };
  };
}

/** Of the fields below it that are lists of their own, by type and field. */
export function metaPlans({ catalog, facts }: MetaOptions): ReadonlyMap<string, PlanField> {
  return new Map([
    ['_Meta.liveQueries', planOpenQueries(facts)],
    ['_TableMeta.deadLetters', planDeadLetters(catalog)],
  ]);
}

/** `_meta`: what the answer is as of, and how far behind its topics. Lag and connection belong to no position. */
export function createMetaType(
  { catalog, facts, introspection }: MetaOptions,
  values: ValueTypes,
): GraphQLObjectType<Asker, Execution> {
  const tables = visibleTables(catalog);
  const tableMeta = createTableMetaType(catalog, values);
  return new GraphQLObjectType<Asker, Execution>({
    name: '_Meta',
    description:
      'What the answer is as of, read at the same version as the rest of the operation, and how the gateway is. Live, a change here is told at once after a quiet second, and with what follows about once a second; where an operation asks for rows as well, their changes are told at once.',
    fields: {
      position: {
        type: required.string,
        description: 'Of the tables that the operation names; the same as in `extensions.position`.',
        resolve: (_source, _args, { position }) => position,
      },
      version: {
        type: required.count,
        description: 'Counts the commits of this store.',
        resolve: (_source, _args, { snapshot }) => snapshot.version,
      },
      ready: {
        type: required.boolean,
        description: 'Every table has been caught up with its topic once.',
        resolve: (_source, _args, { snapshot }) =>
          catalog.tables.every((table) => servingState(table, snapshot).phase !== 'filling'),
      },
      connected: {
        type: required.boolean,
        description: 'Whether the topics can be reached now.',
        resolve: (_source, _args, { progress }) => progress.connected,
      },
      reason: {
        type: GraphQLString,
        description: 'Why they cannot. Null where the caller may not read all tables whole.',
        resolve: (_source, _args, { grants, progress }) =>
          tables.every((table) => isWhole(grants, table)) ? progress.reason : null,
      },
      tables: {
        type: listOf(tableMeta),
        description: 'Those that the caller may read.',
        resolve: ({ operator }, _args, { grants, snapshot }) =>
          tables.flatMap((table): readonly TableMeta[] => {
            const grant = grants.find(table);
            if (grant === undefined) return [];
            const state = servingState(table, snapshot);
            const bad = badRecords(catalog, table, snapshot);
            const wholeBases = table.bases.every((base) => isVisible(base) && isWhole(grants, base));
            const told = introspection || operator;
            return [{ table, state, bad, whole: grant.id === '', wholeBases, told, operator }];
          }),
      },
      topics: {
        type: listOf(topicMeta),
        description: 'The topics of the tables that the caller may read, partition by partition.',
        resolve: (_source, _args, execution) =>
          topicsOf(
            tables.filter((table) => execution.grants.find(table) !== undefined),
            execution,
          ),
      },
      now: {
        type: required.time,
        description: 'What time it is for the gateway. Of no position.',
        resolve: (_source, _args, { nowMs }) => timeOf(nowMs),
      },
      startedAt: {
        type: required.time,
        description: 'When the gateway was started; `headgate dev` starts another one when the schema changes.',
        resolve: () => timeOf(facts.startedAtMs),
      },
      release: {
        type: GraphQLString,
        description: 'The version of Headgate. Null where callers are not told the schema (setting introspection).',
        resolve: ({ operator }) => (introspection || operator ? release : null),
      },
      source: {
        type: new GraphQLNonNull(sourceType),
        description: 'Where records come from.',
        resolve: () => facts.source,
      },
      schemaMistakes: {
        type: listOf(schemaMistake),
        description:
          'What is wrong with the files of the schema, which `headgate dev` has seen change, while it serves what they were before. None otherwise, and where callers are not told the schema.',
        resolve: ({ operator }) => (introspection || operator ? facts.schemaMistakes() : []),
      },
      liveQueries: {
        type: liveQueries,
        args: limitArgument(openQueryLimit.default, openQueryLimit.max),
        description: `What is listened to, by whomever: those that have read the most rows first. ${ifOperator}`,
        resolve: resolvePlanned,
      },
      liveQueryCount: {
        type: GraphQLInt,
        description: `How many there are in all. ${ifOperator}`,
        resolve: ({ operator }) => (operator ? facts.openQueryCount() : null),
      },
      storeBytes: {
        type: scalarTypes.BigInt,
        description: `Bytes of the store's file. ${ifOperator}`,
        resolve: ({ operator }) => (operator ? facts.storeBytes() : null),
      },
    },
  });
}

const ifOperator = 'Null for callers who are no operators (settings console and consoleRoles).';

const schemaMistake = new GraphQLObjectType<Mistake, Execution>({
  name: '_SchemaMistake',
  fields: {
    message: { type: required.string, description: 'What is wrong, and what to write instead.' },
    file: { type: GraphQLString },
    line: { type: GraphQLInt, description: 'From 1, as `column`.' },
    column: { type: GraphQLInt },
  },
});

const sourceType = new GraphQLObjectType<Facts['source'], Execution>({
  name: '_Source',
  fields: {
    kind: {
      type: new GraphQLNonNull(
        new GraphQLEnumType({
          name: '_SourceKind',
          values: {
            KAFKA: { value: 'kafka' },
            LOG: { value: 'log', description: 'An embedded log: a folder of files.' },
          },
        }),
      ),
      resolve: (kind) => kind,
    },
    offsetUnit: {
      type: new GraphQLNonNull(
        new GraphQLEnumType({
          name: '_OffsetUnit',
          values: { RECORDS: { value: 'kafka' }, BYTES: { value: 'log', description: 'Of the file.' } },
        }),
      ),
      description: 'What offsets and lag count.',
      resolve: (kind) => kind,
    },
  },
});

function isWhole(grants: Grants, table: Table): boolean {
  return grants.find(table)?.id === '';
}

import { GraphQLBoolean, GraphQLEnumType, GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLString } from 'graphql';
import type { Catalog, Table } from '../catalog/catalog.ts';
import { ownTopic } from '../model/position.ts';
import type { TableState } from '../store/store.ts';
import type { Execution, PlanField } from './execution.ts';
import type { Grants } from './grants.ts';
import { listOf } from './row-types.ts';
import { scalarTypes } from './scalars.ts';
import { badRecords, servingState } from './serving.ts';
import { isVisible, visibleTables } from './visible.ts';

interface TableMeta {
  readonly table: Table;
  readonly state: TableState;
  readonly bad: ReadonlyMap<string, number>;
  /** The caller may read all of it. */
  readonly whole: boolean;
  /** The same of the tables that it is built from, of which reasons may tell. */
  readonly wholeBases: boolean;
}

interface BadRecords {
  readonly code: string;
  readonly count: number;
}

interface TopicMeta {
  readonly topic: string;
  readonly partition: number | null;
  readonly next: number | null;
  readonly end: number | null;
  readonly missing: boolean;
}

const required = {
  string: new GraphQLNonNull(GraphQLString),
  boolean: new GraphQLNonNull(GraphQLBoolean),
  count: new GraphQLNonNull(scalarTypes.BigInt),
};

/** It reads no table, and its answer is another one for a caller who may read other tables: so it asks for all grants. */
export function planMeta(catalog: Catalog): PlanField {
  return (_args, grants) => {
    for (const table of visibleTables(catalog)) grants.find(table);
    return { tables: [], resolve: () => ({}) };
  };
}

/** `_meta`: what the answer is as of, and how far behind its topics. Lag and connection belong to no position. */
export function createMetaType(catalog: Catalog): GraphQLObjectType<unknown, Execution> {
  const tables = visibleTables(catalog);
  return new GraphQLObjectType<unknown, Execution>({
    name: '_Meta',
    description: 'What the answer is as of. Read at the same version as the rest of the operation.',
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
        resolve: (_source, _args, { grants, snapshot }) =>
          tables.flatMap((table): readonly TableMeta[] => {
            const grant = grants.find(table);
            if (grant === undefined) return [];
            const state = servingState(table, snapshot);
            const bad = badRecords(catalog, table, snapshot);
            const wholeBases = table.bases.every((base) => isVisible(base) && isWhole(grants, base));
            return [{ table, state, bad, whole: grant.id === '', wholeBases }];
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
    },
  });
}

function isWhole(grants: Grants, table: Table): boolean {
  return grants.find(table)?.id === '';
}

const ifWhole = 'Null where the caller may not read the whole table.';

const tablePhase = new GraphQLEnumType({
  name: '_TablePhase',
  values: {
    FILLING: {
      value: 'filling',
      description: 'It has not caught up with its topic yet, or a table that it is derived from has not.',
    },
    LIVE: { value: 'live' },
    HALTED: {
      value: 'halted',
      description: 'Stopped at a bad record, here or in a table that it is derived from; it answers from what it has.',
    },
    RECREATED: {
      value: 'recreated',
      description: 'Its topic, or one that it is derived from, is another one now; it must be rebuilt.',
    },
  },
});

const badRecordsType = new GraphQLObjectType<BadRecords, Execution>({
  name: '_BadRecords',
  fields: { code: { type: required.string }, count: { type: required.count } },
});

const tableMeta = new GraphQLObjectType<TableMeta, Execution>({
  name: '_TableMeta',
  fields: {
    name: { type: required.string, resolve: ({ table }) => table.name },
    phase: { type: new GraphQLNonNull(tablePhase), resolve: ({ state }) => state.phase },
    reason: {
      type: GraphQLString,
      description:
        'For HALTED and RECREATED: what happened and what to do. Null where the caller may not read the whole table and all that it is built from.',
      resolve: ({ state, whole, wholeBases }) => (whole && wholeBases ? state.reason : null),
    },
    rows: {
      type: scalarTypes.BigInt,
      description: `0 where rows are not kept (STREAM). ${ifWhole}`,
      resolve: ({ table, whole }, _args, { reading }) => (whole ? reading.count(table) : null),
    },
    bad: {
      type: listOf(badRecordsType),
      description:
        'Records that could not become rows, or came too late for a bucket (LATE), by reason; none where the caller may not read the whole table.',
      resolve: ({ bad, whole }) => (whole ? [...bad] : []).map(([code, count]): BadRecords => ({ code, count })),
    },
    gaps: {
      type: scalarTypes.BigInt,
      description: `Times that records were gone from the topic before they were read. ${ifWhole}`,
      resolve: ({ state, whole }) => (whole ? state.gaps : null),
    },
    takenOver: {
      type: scalarTypes.BigInt,
      description: `Times that a second partition wrote the key of a row. ${ifWhole}`,
      resolve: ({ state, whole }) => (whole ? state.takenOver : null),
    },
    repeats: {
      type: scalarTypes.BigInt,
      description: `Records of an APPEND table whose key was there already. ${ifWhole}`,
      resolve: ({ state, whole }) => (whole ? state.repeats : null),
    },
  },
});

const topicMeta = new GraphQLObjectType<TopicMeta, Execution>({
  name: '_TopicMeta',
  fields: {
    topic: { type: required.string },
    partition: { type: GraphQLInt, description: 'Null where no partition is known: the topic has not appeared yet.' },
    next: { type: scalarTypes.BigInt, description: 'The offset that is read next.' },
    end: {
      type: scalarTypes.BigInt,
      description: 'The offset up to which the partition could be read when last seen.',
    },
    lag: {
      type: scalarTypes.BigInt,
      resolve: ({ next, end }) => (next === null || end === null ? null : Math.max(0, end - next)),
    },
    caughtUp: {
      type: required.boolean,
      resolve: ({ next, end }) => next !== null && end !== null && next >= end,
    },
    missing: { type: required.boolean, description: 'The topic does not exist.' },
  },
});

function topicsOf(tables: readonly Table[], { snapshot, progress }: Execution): readonly TopicMeta[] {
  const { offsets } = snapshot.position(tables);
  const topics = new Set(
    [...tables.flatMap((table) => table.bases.map((base) => base.topic)), ...offsets.keys()].filter(
      (topic) => topic !== ownTopic,
    ),
  );
  return [...topics].toSorted().flatMap((topic): readonly TopicMeta[] => {
    const nexts = offsets.get(topic);
    const ends = progress.ends.get(topic);
    const missing = progress.missingTopics.has(topic);
    const partitions = [...new Set([...(nexts?.keys() ?? []), ...(ends?.keys() ?? [])])].toSorted((a, b) => a - b);
    if (partitions.length === 0) return [{ topic, partition: null, next: null, end: null, missing }];
    return partitions.map((partition) => ({
      topic,
      partition,
      next: nexts?.get(partition) ?? null,
      end: ends?.get(partition) ?? null,
      missing,
    }));
  });
}

import { GraphQLEnumType, GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLString } from 'graphql';
import { isTopicTable } from '../catalog/catalog.ts';
import type { Catalog, Table } from '../catalog/catalog.ts';
import { changesField, connectionField } from '../catalog/names.ts';
import type { KeptLetter, TableState } from '../store/store.ts';
import { resolvePlanned } from './execution.ts';
import type { Execution, PlanField } from './execution.ts';
import { limitArgument, readLimit, required, timeOf } from './meta-fields.ts';
import { listOf } from './row-types.ts';
import { scalarTypes } from './scalars.ts';
import { deadLettersOf } from './serving.ts';
import type { ValueTypes } from './value-types.ts';
import { sourcesOf, visibleColumns } from './visible.ts';

/** A table as its caller may know it. */
export interface TableMeta {
  readonly table: Table;
  readonly state: TableState;
  readonly bad: ReadonlyMap<string, number>;
  /** The caller may read all of it. */
  readonly whole: boolean;
  /** The same of the tables that it is built from, of which reasons may tell. */
  readonly wholeBases: boolean;
  /** The caller may know what the schema says of it. */
  readonly told: boolean;
  /** The caller is an operator, who may know what is hidden. */
  readonly operator: boolean;
}

interface BadRecords {
  readonly code: string;
  readonly count: number;
}

interface ToldLetter extends KeptLetter {
  readonly toldReason: string | null;
}

interface ColumnMeta {
  readonly name: string;
  readonly type: string;
  readonly key: boolean;
  readonly indexed: boolean;
}

interface TableFields {
  readonly row?: string;
  readonly list?: string;
  readonly connection?: string;
  readonly changes?: string;
}

const letterLimit = { default: 20, max: 100 } as const;

/** `_TableMeta.deadLetters`: null for whoever may not read all that the records would have become. */
export function planDeadLetters(catalog: Catalog): PlanField {
  return (args) => {
    const limit = readLimit(args, letterLimit.default, letterLimit.max);
    return {
      tables: [],
      rows: limit,
      resolve: (source, { snapshot }) => {
        const { table, whole, wholeBases, operator } = source as TableMeta;
        if (!whole || !wholeBases) return null;
        // A reason names the column; hidden ones are named nowhere.
        const named =
          operator || [table, ...table.bases].every(({ columns }) => columns.every(({ hidden }) => !hidden));
        return deadLettersOf(catalog, table, snapshot, limit).map((letter): ToldLetter => ({
          ...letter,
          toldReason: named ? letter.reason : null,
        }));
      },
    };
  };
}

export function createTableMetaType(catalog: Catalog, values: ValueTypes): GraphQLObjectType<TableMeta, Execution> {
  return new GraphQLObjectType<TableMeta, Execution>({
    name: '_TableMeta',
    fields: {
      name: { type: required.string, resolve: ({ table }) => table.name },
      kind: { type: new GraphQLNonNull(tableKind), resolve: ({ table }) => table.derivation?.kind ?? 'topic' },
      mode: {
        type: tableMode,
        description: 'What its records do. Null where it is derived from other tables.',
        resolve: ({ table }) => (isTopicTable(table) ? table.mode : null),
      },
      description: {
        type: GraphQLString,
        description: `What the schema says of it. ${ifTold}`,
        resolve: ({ table, told }) => (told ? table.description : null),
      },
      topics: {
        type: listOf(GraphQLString),
        description: 'Those that it is built from, through other tables, too.',
        resolve: ({ table }) => [...new Set(table.bases.map(({ topic }) => topic))],
      },
      sources: {
        type: listOf(GraphQLString),
        description: 'The tables that it is derived from, of those that the caller may read.',
        resolve: ({ table }, _args, { grants }) =>
          sourcesOf(catalog, table).flatMap((source) => (grants.find(source) === undefined ? [] : [source.name])),
      },
      columns: {
        type: new GraphQLList(new GraphQLNonNull(columnMeta)),
        description: ifTold,
        resolve: ({ table, told }) => (told ? columnsOf(table, values) : null),
      },
      fields: {
        type: tableFields,
        description: `Its root fields. ${ifTold}`,
        resolve: ({ table, told }) => (told ? fieldsOf(table) : null),
      },
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
      deadLetters: {
        type: new GraphQLList(new GraphQLNonNull(deadLetter)),
        args: limitArgument(letterLimit.default, letterLimit.max),
        description:
          'Records that could not become rows, or came too late for a bucket (LATE), the last that came first. Null where the caller may not read the whole table and all that it is built from.',
        resolve: resolvePlanned,
      },
    },
  });
}

const ifWhole = 'Null where the caller may not read the whole table.';
const ifTold = 'Null where callers are not told the schema (setting introspection).';

const tableKind = new GraphQLEnumType({
  name: '_TableKind',
  values: { TOPIC: { value: 'topic' }, VIEW: { value: 'view' }, AGGREGATION: { value: 'aggregation' } },
});

const tableMode = new GraphQLEnumType({
  name: '_TableMode',
  values: {
    UPSERT: { description: 'A record replaces the row of its key.' },
    APPEND: { description: 'A record is a row, and stays as it is.' },
    STREAM: { description: 'A record goes through, and is not kept.' },
  },
});

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

const columnMeta = new GraphQLObjectType<ColumnMeta, Execution>({
  name: '_ColumnMeta',
  fields: {
    name: { type: required.string },
    type: { type: required.string, description: 'As the API has it: `DateTime!`.' },
    key: { type: required.boolean },
    indexed: {
      type: required.boolean,
      description: 'The key or an index begins with it: filters by it read what they find.',
    },
  },
});

const tableFields = new GraphQLObjectType<TableFields, Execution>({
  name: '_TableFields',
  description: 'Null where there is none.',
  fields: {
    row: { type: GraphQLString },
    list: { type: GraphQLString },
    connection: { type: GraphQLString },
    changes: { type: GraphQLString },
  },
});

const deadLetter = new GraphQLObjectType<ToldLetter, Execution>({
  name: '_DeadLetter',
  fields: {
    topic: {
      type: required.string,
      description:
        'Where no record but a row of a derived table is wrong, that table; partition and offset tell nothing then.',
    },
    partition: { type: new GraphQLNonNull(GraphQLInt) },
    offset: { type: required.count },
    code: { type: required.string },
    reason: {
      type: GraphQLString,
      description: 'What was wrong, and with which field. Null where there are fields that the API hides.',
      resolve: ({ toldReason }) => toldReason,
    },
    timestamp: {
      type: scalarTypes.DateTime,
      description: "The record's. Null where it has none, as a line that is no record.",
      resolve: ({ timestampMs }) => (timestampMs > 0 ? timeOf(timestampMs) : null),
    },
    version: {
      type: required.count,
      description:
        'Of the commit that keeps it: what has come later has a greater one, among all tables. 0 where it is not known.',
    },
  },
});

function columnsOf(table: Table, values: ValueTypes): readonly ColumnMeta[] {
  const leading = new Set([table.key[0], ...table.indexes.map(({ columns }) => columns[0])]);
  return visibleColumns(table).map((column) => ({
    name: column.name,
    type: String(values.column(column)),
    key: table.key.includes(column),
    indexed: leading.has(column),
  }));
}

function fieldsOf({ singular, plural, expose }: Table): TableFields {
  const rows = expose.query || expose.live ? { row: singular, list: plural, connection: connectionField(plural) } : {};
  return { ...rows, ...(expose.changes ? { changes: changesField(singular) } : {}) };
}

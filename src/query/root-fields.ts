import {
  GraphQLBoolean,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from 'graphql';
import type { GraphQLArgumentConfig, GraphQLFieldConfig, GraphQLFieldConfigArgumentMap } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { changesField, connectionField, lookupField } from '../catalog/names.ts';
import { changeOperation, createChangeTypes } from './change-types.ts';
import { planChanges } from './changes-plan.ts';
import { planConnection } from './connection-plan.ts';
import { createConnectionTypes } from './connection-types.ts';
import { resolvePlanned } from './execution.ts';
import type { Execution, PlanField } from './execution.ts';
import type { FilterTypes } from './filter-types.ts';
import { planList } from './list-plan.ts';
import type { PlanOptions } from './list-plan.ts';
import { planByIndex, planByKey, planNode } from './lookup-plan.ts';
import { createMetaType, metaPlans, planMeta } from './meta-types.ts';
import type { MetaOptions } from './meta-types.ts';
import { listOf } from './row-types.ts';
import type { RowTypes } from './row-types.ts';
import type { ValueTypes } from './value-types.ts';
import { uniqueLookups, visibleTables } from './visible.ts';

/** A root field and how its arguments become a plan. */
interface RootField {
  readonly config: GraphQLFieldConfig<unknown, Execution>;
  readonly plan: PlanField;
}

export interface RootTypes {
  readonly query: GraphQLObjectType<unknown, Execution>;
  readonly subscription: GraphQLObjectType<unknown, Execution>;
  /** By `Query.songs`. */
  readonly plans: ReadonlyMap<string, PlanField>;
  /** Names of the fields of Subscription that are change streams. */
  readonly changes: ReadonlySet<string>;
}

const operationsArgument: GraphQLArgumentConfig = {
  type: new GraphQLList(new GraphQLNonNull(changeOperation)),
  description: 'Default: all.',
};

const snapshotArgument: GraphQLArgumentConfig = {
  type: GraphQLBoolean,
  defaultValue: false,
  description: 'Begin with the rows there are, as INSERTs, which `operations` must allow.',
};

export function createRootTypes(
  options: PlanOptions & MetaOptions,
  types: { readonly values: ValueTypes; readonly filters: FilterTypes; readonly rows: RowTypes },
): RootTypes {
  const { catalog } = options;
  const { rows, values } = types;
  const connectionType = createConnectionTypes(rows);
  const changesType = createChangeTypes(values, rows);
  const meta: RootField = {
    config: { type: new GraphQLNonNull(createMetaType(options, values)), resolve: resolvePlanned },
    plan: planMeta(catalog),
  };
  const query = new Map<string, RootField>();
  const subscription = new Map<string, RootField>();
  const changes = new Set<string>();
  for (const table of visibleTables(catalog)) {
    for (const [name, field] of readFields(table)) {
      if (table.expose.query) query.set(name, field);
      if (table.expose.live) subscription.set(name, field);
    }
    if (!table.expose.changes) continue;
    subscription.set(changesField(table.singular), changesFieldOf(table));
    changes.add(changesField(table.singular));
  }
  query.set('node', {
    config: {
      type: rows.node,
      description: 'The row with this nodeId; null where there is none.',
      args: { nodeId: { type: new GraphQLNonNull(GraphQLID) } },
      resolve: resolvePlanned,
    },
    plan: planNode(catalog),
  });
  query.set('_meta', meta);
  subscription.set('_meta', meta);

  const plans = new Map<string, PlanField>(metaPlans(options));
  return {
    query: rootType('Query', undefined, query),
    subscription: rootType(
      'Subscription',
      'The fields of Query, live: first the current result, then the whole new result whenever it changes. And change streams: `…Changes`.',
      subscription,
    ),
    plans,
    changes,
  };

  function rootType(
    name: string,
    description: string | undefined,
    fields: ReadonlyMap<string, RootField>,
  ): GraphQLObjectType<unknown, Execution> {
    for (const [field, { plan }] of fields) plans.set(`${name}.${field}`, plan);
    const configs = Object.fromEntries([...fields].map(([field, { config }]) => [field, config]));
    return new GraphQLObjectType({ name, description, fields: configs });
  }

  function readFields(table: Table): readonly (readonly [string, RootField])[] {
    const { name, singular, plural } = table;
    const one = { type: rows.row(table), resolve: resolvePlanned };
    const lookups = uniqueLookups(table).map((index): readonly [string, RootField] => [
      lookupField(singular, index.columns),
      {
        config: {
          ...one,
          args: columnArguments(index.columns, () => true),
          description: `The ${name} with this ${index.columns.map((column) => column.name).join(' and ')}; the first by key, should the topic hold several.`,
        },
        plan: planByIndex(options, table, index),
      },
    ]);
    return [
      [
        singular,
        {
          config: { ...one, args: keyArguments(table), description: keyDescription(table) },
          plan: planByKey(catalog, table),
        },
      ],
      ...lookups,
      [
        plural,
        {
          config: { type: listOf(rows.row(table)), args: rows.listArguments(table), resolve: resolvePlanned },
          plan: planList(options, table),
        },
      ],
      [
        connectionField(plural),
        {
          config: {
            type: new GraphQLNonNull(connectionType(table)),
            description: `Pages of ${name}: ${table.limit.default} rows where neither first nor last is given, at most ${table.limit.max}.`,
            args: {
              ...rows.filterArguments(table),
              first: { type: GraphQLInt },
              after: { type: GraphQLString },
              last: { type: GraphQLInt },
              before: { type: GraphQLString },
            },
            resolve: resolvePlanned,
          },
          plan: planConnection(options, table),
        },
      ],
    ];
  }

  function changesFieldOf(table: Table): RootField {
    return {
      config: {
        type: new GraphQLNonNull(changesType(table)),
        description: table.kept
          ? `The changes to rows of ${table.name}, commit by commit.`
          : `The rows of ${table.name} as they come, commit by commit: each is an INSERT. They are not kept, so there is no snapshot of them.`,
        args: {
          where: { type: types.filters.where(table) },
          operations: operationsArgument,
          ...(table.kept ? { snapshot: snapshotArgument } : {}),
          after: {
            type: GraphQLString,
            description: `A \`position\`: resume with what came after it, or fail with POSITION_EXPIRED${table.kept ? ' (with `snapshot: true`: begin anew with `reset: true`)' : ''}.`,
          },
        },
        resolve: resolvePlanned,
      },
      plan: planChanges(options, table),
    };
  }

  function keyArguments(table: Table): GraphQLFieldConfigArgumentMap {
    return columnArguments(table.key, ({ required }) => required);
  }

  function columnArguments(
    columns: readonly Column[],
    isRequired: (column: Column) => boolean,
  ): GraphQLFieldConfigArgumentMap {
    return Object.fromEntries(
      columns.map((column) => {
        const { name, description } = column;
        const type = values.leaf(column.type);
        return [name, { type: isRequired(column) ? new GraphQLNonNull(type) : type, description }];
      }),
    );
  }
}

function keyDescription({ name, key }: Table): string {
  const nullable = key.flatMap((column) => (column.required ? [] : [`"${column.name}"`]));
  const text = `The ${name} with this key.`;
  if (nullable.length === 0) return text;
  const columns = [nullable.slice(0, -1).join(', '), ...nullable.slice(-1)].filter((part) => part !== '').join(' or ');
  return `${text} A null in ${columns}, or leaving it out, names the row that has no value there.`;
}

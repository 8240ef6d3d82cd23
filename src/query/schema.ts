import {
  GraphQLDirective,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLSchema,
  GraphQLString,
  DirectiveLocation,
  specifiedDirectives,
} from 'graphql';
import { must } from '../common/errors.ts';
import type { PlanField } from './execution.ts';
import { createFilterTypes } from './filter-types.ts';
import { planRelatedList } from './list-plan.ts';
import type { PlanOptions } from './list-plan.ts';
import { planRelatedOne } from './lookup-plan.ts';
import type { MetaOptions } from './meta-types.ts';
import { createRootTypes } from './root-fields.ts';
import { createRowTypes } from './row-types.ts';
import { scalarTypes } from './scalars.ts';
import { createValueTypes } from './value-types.ts';
import { visibleRelations, visibleTables } from './visible.ts';

export interface Api {
  /** What clients see. */
  readonly schema: GraphQLSchema;
  /**
   * The same types with Subscription as the type of queries: a live query is run as the query it is, and the one message of a
   * change stream likewise.
   */
  readonly liveSchema: GraphQLSchema;
  /** By type and field: `Query.songs`, `Song.plays`. */
  readonly plans: ReadonlyMap<string, PlanField>;
  /** The fields of Subscription that are change streams. */
  readonly changes: ReadonlySet<string>;
}

export const topicOffset = new GraphQLInputObjectType({
  name: 'TopicOffset',
  description: "Where a record was written: what a producer's acknowledgement says.",
  fields: {
    topic: { type: new GraphQLNonNull(GraphQLString) },
    partition: { type: new GraphQLNonNull(GraphQLInt) },
    offset: { type: new GraphQLNonNull(scalarTypes.BigInt) },
  },
});

export const atLeastDirective = new GraphQLDirective({
  name: 'atLeast',
  description:
    'Answer from state that holds at least this, and wait for it: read your own writes. Too late: POSITION_NOT_REACHED. `extensions.atLeast` of the request means the same.',
  locations: [DirectiveLocation.QUERY, DirectiveLocation.SUBSCRIPTION],
  args: {
    position: { type: GraphQLString, description: 'A position that an earlier answer returned.' },
    offsets: { type: new GraphQLList(new GraphQLNonNull(topicOffset)), description: 'Offsets of records to be seen.' },
    timeoutMs: { type: GraphQLInt, defaultValue: 1_000 },
  },
});

/** The generated API of a catalog. Throws where a generated name would be invalid, which `catalog/build.ts` rules out. */
export function createApi(options: PlanOptions & MetaOptions): Api {
  const { catalog, relations } = options;
  const values = createValueTypes(catalog);
  const filters = createFilterTypes(catalog, values);
  const rows = createRowTypes(catalog, values, filters);
  const roots = createRootTypes(options, { values, filters, rows });
  const plans = new Map(roots.plans);
  for (const table of visibleTables(catalog)) {
    for (const relation of visibleRelations(catalog, table)) {
      const link = must(relations.get(relation), `no relation ${table.name}.${relation.name}`);
      plans.set(
        `${table.name}.${relation.name}`,
        relation.many ? planRelatedList(options, link) : planRelatedOne(options, link),
      );
    }
  }
  const directives = [...specifiedDirectives, atLeastDirective];
  const { query, subscription } = roots;
  // Nothing but `node` may lead to a table; and a schema prints its types in this order.
  const types = [subscription, ...visibleTables(catalog).map((table) => rows.row(table))];
  return {
    schema: new GraphQLSchema({ query, subscription, types: [query, ...types], directives }),
    liveSchema: new GraphQLSchema({ query: subscription, types, directives }),
    plans,
    changes: roots.changes,
  };
}

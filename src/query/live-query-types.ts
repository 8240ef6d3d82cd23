import {
  GraphQLEnumType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  print,
} from 'graphql';
import { must } from '../common/errors.ts';
import { JsonText } from '../model/value.ts';
import type { Execution, PlanField } from './execution.ts';
import { explainLive } from './explain.ts';
import type { Facts, OpenQuery } from './facts.ts';
import { readLimit, required, timeOf } from './meta-fields.ts';
import type { PreparedOperation } from './prepared.ts';
import { listOf } from './row-types.ts';
import { scalarTypes } from './scalars.ts';
import { isVisible } from './visible.ts';

export const openQueryLimit = { default: 100, max: 200 } as const;
/** Characters of variables and claims that are shown: a list of hundreds of queries must fit into an answer. */
const shownLength = 10_000;

/** `_Meta.liveQueries`: null for whoever is no operator. */
export function planOpenQueries({ openQueries }: Facts): PlanField {
  return (args, grants) => {
    const isOperator = grants.isOperator();
    const limit = readLimit(args, openQueryLimit.default, openQueryLimit.max);
    return { tables: [], rows: limit, resolve: () => (isOperator ? openQueries(limit) : null) };
  };
}

const kind = new GraphQLEnumType({
  name: '_LiveQueryKind',
  values: {
    LIVE: { value: 'live', description: 'The current result whenever it changes.' },
    CHANGES: { value: 'changes', description: 'The changes, commit by commit.' },
  },
});

const liveQuery = new GraphQLObjectType<OpenQuery, Execution>({
  name: '_LiveQuery',
  description:
    'A live query or a change stream that somebody listens to. Equal ones of callers who are granted the same are one.',
  fields: {
    id: { type: required.string, resolve: ({ prepared }) => prepared.shapeId },
    kind: { type: new GraphQLNonNull(kind), resolve: ({ prepared }) => prepared.kind },
    operation: { type: GraphQLString, resolve: ({ prepared }) => prepared.operation.name?.value },
    document: {
      type: required.string,
      resolve: ({ prepared: { document } }) => document.loc?.source.body ?? print(document),
    },
    variables: {
      type: scalarTypes.JSON,
      description: 'As its first subscriber gave them; null where they are long.',
      resolve: ({ prepared }) => jsonOf(own(prepared).inputs),
    },
    tables: {
      type: listOf(GraphQLString),
      resolve: ({ prepared }) => prepared.tables.filter(isVisible).map(({ name }) => name),
    },
    claims: {
      type: scalarTypes.JSON,
      description: 'The claims of its callers that rules went by, by path; null where they are long.',
      resolve: ({ prepared }) => jsonOf(claimsOf(own(prepared))),
    },
    subscribers: { type: required.int },
    evaluations: {
      type: required.count,
      description: 'Times that its answer, or a message, was worked out: once for all its subscribers.',
    },
    rowsRead: { type: required.count, description: 'Rows read for that.' },
    framesSent: { type: required.count },
    frameBytes: {
      type: GraphQLInt,
      description: 'Characters of its last frame, which are bytes where it is ASCII.',
      resolve: ({ frameLength }) => frameLength,
    },
    lastFrameAt: {
      type: scalarTypes.DateTime,
      resolve: ({ lastFrameMs }) => (lastFrameMs === undefined ? null : timeOf(lastFrameMs)),
    },
    since: { type: required.time, resolve: ({ sinceMs }) => timeOf(sinceMs) },
    routed: {
      type: GraphQLString,
      description: 'How a change finds it, field by field where there are several. Null where it reads no table.',
      resolve: ({ prepared }) => routeOf(own(prepared)),
    },
  },
});

export const liveQueries = new GraphQLList(new GraphQLNonNull(liveQuery));

function own(prepared: OpenQuery['prepared']): PreparedOperation {
  return must('plans' in prepared ? (prepared as PreparedOperation) : undefined, 'an operation of another engine');
}

function claimsOf({ tables, granted }: PreparedOperation): Readonly<Record<string, unknown>> {
  return Object.fromEntries(tables.flatMap((table) => [...(granted.find(table)?.claims ?? [])]));
}

function routeOf({ paths }: PreparedOperation): string | null {
  const routes = paths.flatMap(({ path, plan }) => {
    const live = explainLive(plan);
    return live === undefined ? [] : [{ path, live }];
  });
  const [first, ...others] = routes;
  if (first === undefined) return null;
  return others.length === 0 ? first.live : routes.map(({ path, live }) => `${path}: ${live}`).join('; ');
}

function jsonOf(value: unknown): JsonText | null {
  const text = JSON.stringify(value);
  return text.length > shownLength ? null : new JsonText(text);
}

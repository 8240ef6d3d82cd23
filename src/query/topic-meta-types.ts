import { GraphQLInt, GraphQLObjectType, GraphQLString } from 'graphql';
import { isTopicTable } from '../catalog/catalog.ts';
import type { Table } from '../catalog/catalog.ts';
import { ownTopic } from '../model/position.ts';
import type { Execution } from './execution.ts';
import { required } from './meta-fields.ts';
import { listOf } from './row-types.ts';
import { scalarTypes } from './scalars.ts';

interface TopicMeta {
  readonly topic: string;
  readonly partition: number | null;
  readonly next: number | null;
  readonly end: number | null;
  readonly missing: boolean;
  readonly records: number;
  readonly tables: readonly string[];
}

export const topicMeta = new GraphQLObjectType<TopicMeta, Execution>({
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
    records: { type: required.count, description: 'Records read from it since the process started.' },
    tables: { type: listOf(GraphQLString), description: 'Those that read it, of the ones that the caller may read.' },
  },
});

/** The topics of tables that the caller may read, partition by partition. */
export function topicsOf(tables: readonly Table[], { snapshot, progress }: Execution): readonly TopicMeta[] {
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
    const readers = tables.filter((table) => isTopicTable(table) && table.topic === topic);
    const shared = { topic, missing, tables: readers.map(({ name }) => name) };
    const partitions = [...new Set([...(nexts?.keys() ?? []), ...(ends?.keys() ?? [])])].toSorted((a, b) => a - b);
    if (partitions.length === 0) return [{ ...shared, partition: null, next: null, end: null, records: 0 }];
    return partitions.map((partition) => ({
      ...shared,
      partition,
      next: nexts?.get(partition) ?? null,
      end: ends?.get(partition) ?? null,
      records: progress.records.get(topic)?.get(partition) ?? 0,
    }));
  });
}

import { KafkaError } from './kafka-options.ts';
import { WireReader, WireWriter } from './kafka-wire.ts';

/**
 * The requests that are sent, in the versions that can be spoken, newest first. The newest Fetch names topics by id, so
 * that records of a topic created anew can never be taken for those of the old one. Those that write are in
 * `kafka-produce-requests.ts`.
 */
const spoken = {
  produce: { apiKey: 0, apiName: 'Produce', versions: [7], flexibleFrom: 9 },
  fetch: { apiKey: 1, apiName: 'Fetch', versions: [13, 11], flexibleFrom: 12 },
  listOffsets: { apiKey: 2, apiName: 'ListOffsets', versions: [3], flexibleFrom: 6 },
  metadata: { apiKey: 3, apiName: 'Metadata', versions: [12, 6], flexibleFrom: 9 },
  initProducerId: { apiKey: 22, apiName: 'InitProducerId', versions: [1], flexibleFrom: 2 },
  describeConfigs: { apiKey: 32, apiName: 'DescribeConfigs', versions: [2], flexibleFrom: 4 },
} as const;
type ApiName = keyof typeof spoken;

/** What a broker answered to ApiVersions, by api key. */
export type ApiVersions = Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>>;

export interface Call<Answer> {
  readonly apiKey: number;
  readonly apiName: string;
  readonly apiVersion: number;
  readonly body: Buffer;
  /** Reads the answer; members the caller must check carry Kafka's error codes. */
  read(payload: Buffer): Answer;
}

/** The version of each request that both sides speak. Throws KafkaError with the ranges where there is none. */
export function negotiate(offered: ApiVersions): Record<ApiName, number> {
  const choose = (name: ApiName): number => {
    const { apiKey, apiName, versions } = spoken[name];
    const range = offered[apiKey];
    const version = versions.find(
      (each) => range !== undefined && each >= range.minVersion && each <= range.maxVersion,
    );
    if (version !== undefined) return version;
    const theirs = range === undefined ? 'does not offer it' : `offers ${range.minVersion} to ${range.maxVersion}`;
    throw new KafkaError(
      `the broker ${theirs}, and Headgate speaks version ${versions.join(' or ')} of ${apiName}: use Apache Kafka 2.3 to 4.x`,
    );
  };
  const fetch = choose('fetch');
  const metadata = choose('metadata');
  return {
    // Ids of topics come from the newer Metadata alone.
    fetch: metadata < 10 ? Math.min(fetch, 11) : fetch,
    listOffsets: choose('listOffsets'),
    metadata,
    describeConfigs: choose('describeConfigs'),
    // Asked for by those who write alone.
    get produce() {
      return choose('produce');
    },
    get initProducerId() {
      return choose('initProducerId');
    },
  };
}

/** For the requests of this room alone. */
export function call<Answer>(
  name: ApiName,
  apiVersion: number,
  write: (to: WireWriter) => void,
  read: (from: WireReader) => Answer,
): Call<Answer> {
  const { apiKey, apiName, flexibleFrom } = spoken[name];
  const flexible = apiVersion >= flexibleFrom;
  const writer = new WireWriter(flexible);
  write(writer);
  const body = writer.finish();
  return { apiKey, apiName, apiVersion, body, read: (payload) => read(new WireReader(payload, flexible)) };
}

export interface TopicMetadata {
  readonly errorCode: number;
  readonly topic: string;
  /** 32 hex digits; undefined where the broker has no ids. */
  readonly id: string | undefined;
  readonly partitions: readonly { readonly errorCode: number; readonly partition: number; readonly leader: number }[];
}

export interface ClusterMetadata {
  readonly brokers: readonly { readonly id: number; readonly host: string; readonly port: number }[];
  readonly topics: readonly TopicMetadata[];
}

/** `create`: a topic that is missing is created where the broker is set to do so (`auto.create.topics.enable`). */
export function metadataCall(apiVersion: number, topics: readonly string[], create = false): Call<ClusterMetadata> {
  const named = apiVersion >= 10;
  return call(
    'metadata',
    apiVersion,
    (to) => {
      to.array(topics, (topic) => {
        if (named) to.uuid(noId);
        to.string(topic).tags();
      });
      to.boolean(create);
      // Without the operations that we may do.
      if (apiVersion >= 8) to.boolean(false);
      to.tags();
    },
    (from) => {
      from.int32();
      const brokers = from.array(() => {
        const broker = { id: from.int32(), host: from.string() ?? '', port: from.int32() };
        from.string();
        from.tags();
        return broker;
      });
      from.string();
      from.int32();
      const found = from.array(() => {
        const errorCode = from.int16();
        const topic = from.string() ?? '';
        const id = named ? from.uuid() : noId;
        from.boolean();
        const partitions = from.array(() => {
          const partition = { errorCode: from.int16(), partition: from.int32(), leader: from.int32() };
          if (apiVersion >= 7) from.int32();
          for (let lists = apiVersion >= 5 ? 3 : 2; lists > 0; lists--) from.array(() => from.int32());
          from.tags();
          return partition;
        });
        if (apiVersion >= 8) from.int32();
        from.tags();
        return { errorCode, topic, id: id === noId ? undefined : id, partitions };
      });
      return { brokers, topics: found };
    },
  );
}
const noId = '0'.repeat(32);

export interface FetchPosition {
  readonly topic: string;
  readonly topicId: string | undefined;
  readonly partition: number;
  readonly offset: number;
  /** Most bytes of this partition in the answer; its first batch may be larger. */
  readonly maxBytes: number;
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface FetchedPartition {
  /** Its name, or its id where the request named ids. */
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** In the broker's order, which is not the order of offsets. */
  readonly aborted: readonly AbortedTransaction[];
  readonly records: Buffer | null;
}

export interface FetchAnswer {
  readonly throttleMs: number;
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

export interface FetchLimits {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
}

/** Committed records only. Positions of one topic should stand together. */
export function fetchCall(
  apiVersion: number,
  positions: readonly FetchPosition[],
  limits: FetchLimits,
): Call<FetchAnswer> {
  const byId = apiVersion >= 13;
  return call(
    'fetch',
    apiVersion,
    (to) => {
      to.int32(-1).int32(limits.maxWaitMs).int32(1).int32(limits.maxBytes).int8(1).int32(0).int32(-1);
      to.array(groupByTopic(positions), (group) => {
        const topic = group[0];
        if (byId) to.uuid(topic?.topicId ?? noId);
        else to.string(topic?.topic ?? '');
        to.array(group, (position) => {
          to.int32(position.partition).int32(-1).int64(position.offset);
          if (apiVersion >= 12) to.int32(-1);
          to.int64(-1).int32(position.maxBytes).tags();
        });
        to.tags();
      });
      to.array([], () => {})
        .string('')
        .tags();
    },
    (from) => {
      const throttleMs = from.int32();
      const errorCode = from.int16();
      from.int32();
      const topics = from.array(() => {
        const topic = byId ? from.uuid() : (from.string() ?? '');
        const partitions = from.array((): FetchedPartition => {
          const partition = from.int32();
          const partitionError = from.int16();
          from.int64();
          const lastStableOffset = from.int64();
          const logStartOffset = from.int64();
          const aborted = from.array(() => {
            const transaction = { producerId: from.int64(), firstOffset: from.int64() };
            from.tags();
            return transaction;
          });
          from.int32();
          const records = from.bytes();
          from.tags();
          return { topic, partition, errorCode: partitionError, lastStableOffset, logStartOffset, aborted, records };
        });
        from.tags();
        return partitions;
      });
      return { throttleMs, errorCode, partitions: topics.flat() };
    },
  );
}

function groupByTopic(positions: readonly FetchPosition[]): FetchPosition[][] {
  const groups = new Map<string, FetchPosition[]>();
  for (const position of positions) {
    const group = groups.get(position.topic);
    if (group === undefined) groups.set(position.topic, [position]);
    else group.push(position);
  }
  return [...groups.values()];
}

export interface ListedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly offset: number;
}

/** `latest` is the last stable offset: what a reader of committed records can reach. */
export function listOffsetsCall(
  apiVersion: number,
  positions: readonly FetchPosition[],
  which: 'earliest' | 'latest',
): Call<readonly ListedOffset[]> {
  return call(
    'listOffsets',
    apiVersion,
    (to) => {
      to.int32(-1).int8(1);
      to.array(groupByTopic(positions), (group) => {
        to.string(group[0]?.topic ?? '');
        to.array(group, ({ partition }) => to.int32(partition).int64(which === 'earliest' ? -2 : -1));
      });
    },
    (from) => {
      from.int32();
      return from
        .array(() => {
          const topic = from.string() ?? '';
          return from.array(() => {
            const partition = from.int32();
            const errorCode = from.int16();
            from.int64();
            return { topic, partition, errorCode, offset: from.int64() };
          });
        })
        .flat();
    },
  );
}

export interface TopicConfig {
  readonly errorCode: number;
  readonly values: ReadonlyMap<string, string | null>;
}

export function describeTopicCall(apiVersion: number, topic: string, names: readonly string[]): Call<TopicConfig> {
  return call(
    'describeConfigs',
    apiVersion,
    (to) => {
      to.array([topic], () =>
        to
          .int8(2)
          .string(topic)
          .array(names, (name) => to.string(name)),
      );
      to.boolean(false);
    },
    (from) => {
      from.int32();
      const resources = from.array(() => {
        const errorCode = from.int16();
        from.string();
        from.boolean();
        from.string();
        const values = new Map<string, string | null>();
        from.array(() => {
          values.set(from.string() ?? '', from.string());
          from.boolean();
          from.boolean();
          from.boolean();
          from.array(() => undefined);
        });
        return { errorCode, values };
      });
      return resources[0] ?? { errorCode: -1, values: new Map() };
    },
  );
}

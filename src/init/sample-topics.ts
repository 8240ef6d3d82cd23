import { SetupError } from '../common/errors.ts';
import type { RecordLine } from '../source/record-lines.ts';
import type { PartitionProgress, RecordBatch, Source, TopicStart } from '../source/source.ts';

/** Of each topic, so many of its first records and as many of its last, from all partitions. */
export interface SampleLimits {
  readonly recordsPerTopic: number;
}

interface Taken {
  readonly progress: ReadonlyMap<string, PartitionProgress>;
  readonly records: ReadonlyMap<string, readonly RecordLine[]>;
}

/**
 * Reads the first and the last records of topics, by topic. `openSource` gives one that was not started; it is closed here. Throws
 * SetupError where the broker cannot be reached, or has no such topic.
 */
export async function sampleTopics(
  openSource: () => Source,
  topics: readonly string[],
  { recordsPerTopic }: SampleLimits,
): Promise<ReadonlyMap<string, readonly RecordLine[]>> {
  const head = await take(
    openSource(),
    topics.map((topic) => ({ topic, next: new Map(), anchors: new Map() })),
    recordsPerTopic,
  );
  const starts = topics.flatMap((topic): TopicStart[] => {
    const partitions = [...head.progress.values()].filter((each) => each.topic === topic);
    const share = shareOf(recordsPerTopic, partitions.length);
    if (partitions.every(({ start, end }) => end - start <= share)) return [];
    // A partition that is read to its end already begins there.
    const next = partitions.map(
      ({ partition, start, end }) => [partition, end - start <= share ? end : end - share] as const,
    );
    return [{ topic, next: new Map(next), anchors: new Map() }];
  });
  const tail = starts.length === 0 ? undefined : await take(openSource(), starts, recordsPerTopic);
  return new Map(
    topics.map((topic) => [topic, [...(head.records.get(topic) ?? []), ...(tail?.records.get(topic) ?? [])]]),
  );
}

function shareOf(records: number, partitions: number): number {
  return Math.ceil(records / Math.max(1, partitions));
}

/** Records from where each topic is started, until all partitions have given their share or have no more. */
async function take(source: Source, starts: readonly TopicStart[], recordsPerTopic: number): Promise<Taken> {
  const partitionsByTopic = new Map<string, number>();
  const progress = new Map<string, PartitionProgress>();
  const taken = new Map<string, { readonly topic: string; records: RecordLine[]; done: boolean }>();
  const held: (() => void)[] = [];
  let stopped = false;
  let finish = (): void => {};
  let fail: (cause: SetupError) => void = () => {};
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });

  function stateOf(topic: string, partition: number) {
    const name = `${topic} ${partition}`;
    const state = taken.get(name) ?? { topic, records: [], done: false };
    taken.set(name, state);
    return state;
  }

  function look(): void {
    const isDone = ({ topic }: TopicStart): boolean => {
      const states = [...taken.values()].filter((each) => each.topic === topic);
      return partitionsByTopic.get(topic) === states.length && states.every(({ done }) => done);
    };
    if (starts.every(isDone)) finish();
  }

  function add({ topic, partition, records, next, end }: RecordBatch): Promise<void> {
    const state = stateOf(topic, partition);
    const share = shareOf(recordsPerTopic, partitionsByTopic.get(topic) ?? 1);
    for (const record of records.slice(0, Math.max(0, share - state.records.length))) {
      if (record.unreadable !== undefined || record.value === undefined) continue;
      state.records.push({
        // What a source gives are views on what it received.
        key: record.key && Buffer.from(record.key),
        value: record.value && Buffer.from(record.value),
        timestampMs: record.timestampMs,
        headers: record.headers,
        partition: undefined,
      });
    }
    state.done ||= state.records.length >= share || next >= end;
    look();
    // A partition that has given enough is not read on.
    return state.done && !stopped ? new Promise((release) => held.push(release)) : Promise.resolve();
  }

  try {
    await source.start(starts, {
      batch: (batch) => (stopped ? Promise.resolve() : add(batch)),
      progress(partitions) {
        for (const each of partitions) {
          const name = `${each.topic} ${each.partition}`;
          progress.set(name, progress.get(name) ?? each);
          const first = starts.find(({ topic }) => topic === each.topic)?.next.get(each.partition) ?? each.start;
          if (first >= each.end) stateOf(each.topic, each.partition).done = true;
        }
        look();
      },
      partitions(topic, partitions) {
        partitionsByTopic.set(topic, partitions.length);
        for (const partition of partitions) stateOf(topic, partition);
        look();
      },
      anchor() {},
      incident(incident) {
        if (incident.kind === 'topic-missing') {
          fail(new SetupError([{ message: `There is no topic "${incident.topic}" in ${source.description}.` }]));
          return;
        }
        stateOf(incident.topic, incident.partition).done = true;
        look();
      },
      connected(connected, reason) {
        if (!connected) fail(new SetupError([{ message: `${source.description} cannot be read: ${reason}.` }]));
      },
    });
    await finished;
  } finally {
    stopped = true;
    for (const release of held) release();
    await source.close();
  }
  const records = new Map<string, readonly RecordLine[]>();
  for (const state of taken.values()) records.set(state.topic, [...(records.get(state.topic) ?? []), ...state.records]);
  return { progress, records };
}

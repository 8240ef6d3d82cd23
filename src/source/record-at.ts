import { SetupError } from '../common/errors.ts';
import type { Source, SourceRecord } from './source.ts';

export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * Reads one record again; why it is not there any more, where it is not. `source` was not started, and is closed here. Rejects
 * with SetupError where it cannot be reached.
 */
export async function recordAt(
  source: Source,
  { topic, partition, offset }: RecordPlace,
): Promise<SourceRecord | string> {
  const held: (() => void)[] = [];
  let stopped = false;
  /** Other partitions begin at their start, and are not read on. */
  const hold = (): Promise<void> =>
    stopped ? Promise.resolve() : new Promise<void>((release) => held.push(() => release()));
  let settle: (found: SourceRecord | string) => void = () => {};
  let fail: (cause: unknown) => void = () => {};
  const found = new Promise<SourceRecord | string>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  const gone = `the topic no longer has the record at offset ${offset}`;
  try {
    const started = source.start([{ topic, next: new Map([[partition, offset]]), anchors: new Map() }], {
      batch({ partition: of, records, next }) {
        if (of !== partition) return hold();
        const record = records.find((each) => each.offset === offset);
        if (record !== undefined) settle(kept(record));
        else if (next > offset) settle(gone);
        return record === undefined && next <= offset ? Promise.resolve() : hold();
      },
      progress(partitions) {
        const bounds = partitions.find((each) => each.topic === topic && each.partition === partition);
        if (bounds !== undefined && (offset < bounds.start || offset >= bounds.end)) settle(gone);
      },
      partitions(_, partitions) {
        if (!partitions.includes(partition)) settle(`the topic has no partition ${partition}`);
      },
      anchor() {},
      incident(incident) {
        if (incident.kind === 'topic-missing') settle('the topic is gone');
        else if (incident.partition !== partition) return;
        else settle(incident.kind === 'unreadable' ? incident.reason : gone);
      },
      connected(connected, reason) {
        if (!connected) fail(new SetupError([{ message: `${source.description} cannot be read: ${reason}.` }]));
      },
    });
    return await Promise.race([found, started.then(() => found)]);
  } finally {
    stopped = true;
    for (const release of held) release();
    await source.close();
  }
}

/** What a source gives are views on what it received. */
function kept({ key, value, unreadableBytes, headers, ...record }: SourceRecord): SourceRecord {
  return {
    ...record,
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
    unreadableBytes: unreadableBytes && Buffer.from(unreadableBytes),
    headers: new Map([...headers].map(([name, bytes]) => [name, bytes && Buffer.from(bytes)])),
  };
}

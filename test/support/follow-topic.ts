import type { Source } from '../../src/source/source.ts';

/** A topic as somebody else reads it: the last value of each key, tombstones taken out. */
export interface FollowedTopic {
  readonly rows: ReadonlyMap<string, string>;
  /** The offset that is read next, by partition. */
  readonly nexts: ReadonlyMap<number, number>;
  /** Records read, tombstones included. */
  readonly count: number;
  /** Resolves once everything has been read that was there when reading began. */
  readonly caughtUp: Promise<void>;
  /** Resolves once the rows are so; asked after every batch. */
  until(holds: (rows: ReadonlyMap<string, string>) => boolean): Promise<void>;
  close(): Promise<void>;
}

export function followTopic(source: Source, topic: string): FollowedTopic {
  const rows = new Map<string, string>();
  const ends = new Map<number, number>();
  const nexts = new Map<number, number>();
  const looks = new Set<() => void>();
  let partitions: readonly number[] = [];
  let count = 0;
  let caughtUp = () => {};
  const wake = (): void => {
    if (partitions.length > 0 && partitions.every((each) => (nexts.get(each) ?? -1) >= (ends.get(each) ?? Infinity))) {
      caughtUp();
    }
    for (const look of looks) look();
  };
  const followed: FollowedTopic = {
    rows,
    nexts,
    get count() {
      return count;
    },
    caughtUp: new Promise((resolve) => (caughtUp = resolve)),
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds(rows)) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
    close: () => source.close(),
  };
  void source.start([{ topic, next: new Map(), anchors: new Map() }], {
    async batch({ partition, records, next }) {
      for (const { key, value } of records) {
        count += 1;
        const text = Buffer.from(key ?? '').toString();
        if (value === null) rows.delete(text);
        else if (value !== undefined) rows.set(text, Buffer.from(value).toString());
      }
      nexts.set(partition, next);
      wake();
    },
    progress(found) {
      for (const { partition, start, end } of found) {
        if (ends.has(partition)) continue;
        nexts.set(partition, start);
        ends.set(partition, end);
      }
      wake();
    },
    partitions(_topic, found) {
      partitions = found;
      wake();
    },
    anchor: () => {},
    incident(incident) {
      if (incident.kind === 'topic-missing') caughtUp();
    },
    connected: () => {},
  });
  return followed;
}

import { reasonOf } from '../common/errors.ts';
import type { RecordBatch, Source } from '../source/source.ts';

/**
 * Reads a topic once, from its start to where it ended when reading began: what a sink's topic holds is compared with the table.
 * The source waits while nobody takes, so that memory is bounded.
 */
export interface TopicSurvey {
  /** Records that have arrived and were not taken yet, all of a batch. Empty: none now. */
  take(): RecordBatch['records'];
  /** Everything has been taken. */
  readonly finished: boolean;
  close(): Promise<void>;
}

/** `wake` is called when there is something to take, or the end has been reached; `trouble` with what a person should hear. */
export function surveyTopic(
  source: Source,
  topic: string,
  wake: () => void,
  trouble: (reason: string) => void,
): TopicSurvey {
  const arrived: { readonly batch: RecordBatch; readonly taken: () => void }[] = [];
  const ends = new Map<number, number>();
  const nexts = new Map<number, number>();
  let partitions: readonly number[] | undefined;

  const isDone = (partition: number): boolean => (nexts.get(partition) ?? -1) >= (ends.get(partition) ?? Infinity);
  const giveUp = (partition: number, reason: string): void => {
    trouble(reason);
    nexts.set(partition, Infinity);
    ends.set(partition, 0);
    wake();
  };

  source
    .start([{ topic, next: new Map(), anchors: new Map() }], {
      batch: (batch) =>
        new Promise((taken) => {
          arrived.push({ batch, taken });
          wake();
        }),
      progress(found) {
        for (const { partition, start, end } of found) {
          if (ends.has(partition)) continue;
          ends.set(partition, end);
          nexts.set(partition, start);
        }
        wake();
      },
      partitions(_topic, found) {
        // None: it is missing, and will appear.
        if (found.length > 0) partitions ??= found;
        wake();
      },
      anchor: () => {},
      incident(incident) {
        switch (incident.kind) {
          case 'topic-missing':
            // It will appear: it was there when it was opened.
            return;
          case 'truncated':
            source.resume(topic, incident.partition, incident.start);
            return;
          case 'topic-recreated':
          case 'unreadable':
            giveUp(incident.partition, incident.reason);
            return;
        }
      },
      connected: () => {},
    })
    .catch((cause: unknown) => {
      trouble(reasonOf(cause));
      partitions = [];
      wake();
    });

  return {
    take() {
      const first = arrived.shift();
      if (first === undefined) return [];
      const { partition, next, records } = first.batch;
      nexts.set(partition, Math.max(next, nexts.get(partition) ?? 0));
      first.taken();
      return records;
    },
    get finished() {
      return arrived.length === 0 && partitions !== undefined && partitions.every(isDone);
    },
    close: () => source.close(),
  };
}

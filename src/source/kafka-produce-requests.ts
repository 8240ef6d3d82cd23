import { call } from './kafka-requests.ts';
import type { Call } from './kafka-requests.ts';

/** Who writes: the broker refuses what an earlier epoch of the same id sends once a later one has written to the partition. */
export interface ProducerIdentity {
  readonly id: number;
  readonly epoch: number;
}

export interface InitProducerIdAnswer extends ProducerIdentity {
  readonly throttleMs: number;
  readonly errorCode: number;
}

/** Asks any broker for an id that nobody has had. */
export function initProducerIdCall(apiVersion: number): Call<InitProducerIdAnswer> {
  return call(
    'initProducerId',
    apiVersion,
    (to) => to.null().int32(-1),
    (from) => ({ throttleMs: from.int32(), errorCode: from.int16(), id: from.int64(), epoch: from.int16() }),
  );
}

/** The batch of one partition, as `writeRecordBatch` makes it. */
export interface PartitionBatch {
  readonly partition: number;
  readonly bytes: Uint8Array;
}

export interface ProduceAnswer {
  readonly throttleMs: number;
  readonly partitions: readonly {
    readonly partition: number;
    readonly errorCode: number;
    readonly baseOffset: number;
  }[];
}

/** Answered once all in-sync replicas have the batches, or after `timeoutMs`. */
export function produceCall(
  apiVersion: number,
  topic: string,
  batches: readonly PartitionBatch[],
  timeoutMs: number,
): Call<ProduceAnswer> {
  return call(
    'produce',
    apiVersion,
    (to) => {
      to.null().int16(-1).int32(timeoutMs);
      to.array([topic], () =>
        to.string(topic).array(batches, ({ partition, bytes }) => to.int32(partition).bytes(bytes)),
      );
    },
    (from) => {
      const topics = from.array(() => {
        from.string();
        return from.array(() => {
          const answer = { partition: from.int32(), errorCode: from.int16(), baseOffset: from.int64() };
          from.int64();
          from.int64();
          return answer;
        });
      });
      return { partitions: topics.flat(), throttleMs: from.int32() };
    },
  );
}

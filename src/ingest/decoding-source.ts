import type { Source } from '../source/source.ts';
import type { BatchDecoder } from './batch-decoder.ts';
import type { DecodedBatch } from './decoded-batch.ts';

/** A source whose batches are decoded as they come. What the thread of `decoding-thread.ts` runs, and tests in their own. */
export function createDecodingSource(source: Source, decode: BatchDecoder): Source<DecodedBatch> {
  return {
    description: source.description,
    start: (topics, sink) =>
      source.start(topics, {
        batch: (batch) => sink.batch(decode(batch)),
        progress: (partitions) => sink.progress(partitions),
        partitions: (topic, partitions) => sink.partitions(topic, partitions),
        anchor: (topic, partition, offset, anchor) => sink.anchor(topic, partition, offset, anchor),
        incident: (incident) => sink.incident(incident),
        connected: (connected, reason) => sink.connected(connected, reason),
      }),
    resume: (topic, partition, next) => source.resume(topic, partition, next),
    policy: (topic) => source.policy(topic),
    close: () => source.close(),
  };
}

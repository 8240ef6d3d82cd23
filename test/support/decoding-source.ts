import type { Catalog } from '../../src/catalog/catalog.ts';
import { createBatchDecoder } from '../../src/ingest/batch-decoder.ts';
import type { DecodedSource } from '../../src/ingest/decoded-source.ts';
import type { Source } from '../../src/source/source.ts';
import type { Store } from '../../src/store/store.ts';

/** A source whose batches are decoded as they come, in the test's own thread. */
export function createDecodingSource(
  source: Source,
  catalog: Catalog,
  { storedColumns }: Pick<Store, 'storedColumns'>,
): DecodedSource {
  const decode = createBatchDecoder(catalog, storedColumns);
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
    turn: () => Promise.resolve(),
    close: () => source.close(),
  };
}

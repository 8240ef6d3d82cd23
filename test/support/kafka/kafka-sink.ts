import type { SourceRecord } from '../../../src/source/source.ts';
import { RecordingSink } from '../recording-sink.ts';

/** With what tests of one source with few topics ask for. */
export class KafkaSink extends RecordingSink {
  /** Records of all topics so far. */
  all(): SourceRecord[] {
    return this.batches.flatMap((batch) => batch.records);
  }

  next(topic: string, partition: number): number | undefined {
    return this.startOf(topic).next.get(partition);
  }
}

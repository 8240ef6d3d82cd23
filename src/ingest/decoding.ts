import type { MessagePort } from 'node:worker_threads';
import type { Mistake } from '../common/errors.ts';
import type { SourceOptions } from '../source/open-source.ts';
import type { Incident, PartitionProgress, TopicPolicy, TopicStart } from '../source/source.ts';
import type { StoredColumns } from '../store/row-codec.ts';
import type { DecodedBatch } from './decoded-batch.ts';

/**
 * The thread that reads topics and decodes their records, so that this goes on while the writer commits what came before:
 *
 *   decoding thread   source ──records──▶ decode ──row bytes──┐   ahead
 *   writer thread                                             └──▶ apply, derive ──▶ ONE LMDB transaction ──▶ flush (in the background)
 *
 * `start-decoding.ts` starts it beside the writer's. `decoding-thread.ts` has a source, `decoded-source.ts` is the same source at the
 * writer's end, and these messages go between them, in the order of the calls.
 */
export interface DecodingOptions {
  readonly schema: readonly { readonly file: string; readonly text: string }[];
  readonly source: SourceOptions;
}

/** What the thread is started with. */
export interface DecodingData extends DecodingOptions {
  /** To the writer. */
  readonly port: MessagePort;
}

/** From the writer: the calls of a `DecodedSource`, and that a batch was taken. */
export type DecodingRequest =
  | {
      readonly kind: 'start';
      readonly topics: readonly TopicStart[];
      /** `Store.storedColumns`, by name of the table. */
      readonly columns: ReadonlyMap<string, StoredColumns>;
    }
  /** The oldest batch that was sent is committed. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'resume'; readonly topic: string; readonly partition: number; readonly next: number }
  | { readonly kind: 'policy'; readonly id: number; readonly topic: string }
  /** Answered with the same, once there was time to receive what had come. */
  | { readonly kind: 'turn' }
  | { readonly kind: 'close' };

/** To the writer: the calls of a `RecordSink`. */
export type SinkMessage =
  | { readonly kind: 'batch'; readonly batch: DecodedBatch }
  | { readonly kind: 'progress'; readonly partitions: readonly PartitionProgress[] }
  | { readonly kind: 'partitions'; readonly topic: string; readonly partitions: readonly number[] }
  | {
      readonly kind: 'anchor';
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
      readonly anchor: string;
    }
  | { readonly kind: 'incident'; readonly incident: Incident }
  | { readonly kind: 'connected'; readonly connected: boolean; readonly reason: string | undefined };

/** And answers. */
export type DecodingMessage =
  | SinkMessage
  | { readonly kind: 'started' }
  | { readonly kind: 'turn' }
  | { readonly kind: 'not started'; readonly mistakes: readonly Mistake[] }
  | { readonly kind: 'policy'; readonly id: number; readonly policy: TopicPolicy | undefined }
  | { readonly kind: 'no policy'; readonly id: number; readonly reason: string };

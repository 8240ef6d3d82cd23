import { parentPort, workerData } from 'node:worker_threads';
import { buildCatalog } from '../catalog/build.ts';
import { must } from '../common/errors.ts';
import { openSource } from '../source/open-source.ts';
import type { RecordSink, TopicStart } from '../source/source.ts';
import { createBatchDecoder } from './batch-decoder.ts';
import type { DecodedBatch } from './decoded-batch.ts';
import { createDecodingSource } from './decoding-source.ts';
import type { DecodingMessage, DecodingOptions, DecodingRequest } from './decoding.ts';
import { createLookAhead } from './look-ahead.ts';
import { mistakesOf } from './mistakes-of.ts';

/** The thread that `start-decoding.ts` starts with `DecodingOptions` as worker data. It ends once it has closed its source. */
const port = must(parentPort, 'decoding-thread runs as a worker');
const options = workerData as DecodingOptions;
const post = (message: DecodingMessage, memory: ArrayBuffer[] = []): void => port.postMessage(message, memory);

const decode = createBatchDecoder(buildCatalog(options.schema), ({ name }) =>
  must(options.columns.get(name), `the store says nothing of the columns of ${name}`),
);
const source = createDecodingSource(openSource(options.source), decode);
const lookAhead = createLookAhead();

const sink: RecordSink<DecodedBatch> = {
  batch(batch) {
    const { topic, partition, tables } = batch;
    post(
      { kind: 'batch', batch },
      tables.map(({ memory }) => memory),
    );
    return lookAhead.given(`${topic}/${partition}`);
  },
  progress: (partitions) => post({ kind: 'progress', partitions }),
  partitions: (topic, partitions) => post({ kind: 'partitions', topic, partitions }),
  anchor: (topic, partition, offset, anchor) => post({ kind: 'anchor', topic, partition, offset, anchor }),
  incident: (incident) => post({ kind: 'incident', incident }),
  connected: (connected, reason) => post({ kind: 'connected', connected, reason }),
};

async function start(topics: readonly TopicStart[]): Promise<void> {
  try {
    await source.start(topics, sink);
    post({ kind: 'started' });
  } catch (cause) {
    post({ kind: 'not started', mistakes: mistakesOf(cause) });
  }
}

async function tellPolicy(id: number, topic: string): Promise<void> {
  try {
    post({ kind: 'policy', id, policy: await source.policy(topic) });
  } catch (cause) {
    post({ kind: 'no policy', id, reason: cause instanceof Error ? cause.message : String(cause) });
  }
}

port.on('message', (request: DecodingRequest) => {
  switch (request.kind) {
    case 'start':
      void start(request.topics);
      return;
    case 'taken':
      lookAhead.taken(`${request.topic}/${request.partition}`);
      return;
    case 'resume':
      source.resume(request.topic, request.partition, request.next);
      return;
    case 'policy':
      void tellPolicy(request.id, request.topic);
      return;
    case 'close':
      void source.close().finally(() => port.close());
  }
});

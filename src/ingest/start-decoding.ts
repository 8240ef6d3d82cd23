import { Worker } from 'node:worker_threads';
import { assert, must, SetupError } from '../common/errors.ts';
import { openSource } from '../source/open-source.ts';
import type { RecordSink, Source, TopicPolicy } from '../source/source.ts';
import type { DecodedBatch } from './decoded-batch.ts';
import type { DecodingMessage, DecodingOptions, DecodingRequest, SinkMessage } from './decoding.ts';

/**
 * The writer's end of the thread that decodes, as the source that the ingest reads. Throws where the options of the source cannot
 * be read; `onFailure` is told where the thread ends without having been closed.
 */
export function startDecoding(options: DecodingOptions, onFailure: (cause: SetupError) => void): Source<DecodedBatch> {
  // Not started: it says what it reads from, and refuses what it cannot read here and now.
  const { description } = openSource(options.source);
  // The package runs from dist, so the thread's file has the same ending as this one.
  const worker = new Worker(new URL('./decoding-thread.js', import.meta.url), {
    workerData: options,
    // The records of a batch live as long as it is decoded; with node's default they would be moved about meanwhile.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  const post = (request: DecodingRequest): void => worker.postMessage(request);
  const questions = new Map<number, Answer>();
  let lastQuestion = 0;
  let sink: RecordSink<DecodedBatch> | undefined;
  let starting: { readonly resolve: () => void; readonly reject: (cause: SetupError) => void } | undefined;
  let isClosing = false;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));

  function answer(id: number, give: (to: Answer) => void): void {
    const question = questions.get(id);
    questions.delete(id);
    if (question !== undefined) give(question);
  }

  function fail(reason: string): void {
    const cause = new SetupError([{ message: `the thread that reads and decodes records ended${reason}` }]);
    for (const id of [...questions.keys()]) answer(id, ({ reject }) => reject(cause));
    starting?.reject(cause);
    if (!isClosing) onFailure(cause);
  }

  function tell(to: RecordSink<DecodedBatch>, message: SinkMessage): void {
    switch (message.kind) {
      case 'batch': {
        const { topic, partition } = message.batch;
        void to.batch(message.batch).then(() => post({ kind: 'taken', topic, partition }));
        return;
      }
      case 'progress':
        to.progress(message.partitions);
        return;
      case 'partitions':
        to.partitions(message.topic, message.partitions);
        return;
      case 'anchor':
        to.anchor(message.topic, message.partition, message.offset, message.anchor);
        return;
      case 'incident':
        to.incident(message.incident);
        return;
      case 'connected':
        to.connected(message.connected, message.reason);
    }
  }

  worker.on('message', (message: DecodingMessage) => {
    switch (message.kind) {
      case 'started':
        starting?.resolve();
        return;
      case 'not started':
        starting?.reject(new SetupError(message.mistakes));
        return;
      case 'policy':
        answer(message.id, ({ resolve }) => resolve(message.policy));
        return;
      case 'no policy':
        answer(message.id, ({ reject }) => reject(new Error(message.reason)));
        return;
      default:
        tell(must(sink, 'a source that was not started speaks'), message);
    }
  });
  worker.on('error', (cause) => fail(`: ${String(cause)}`));
  worker.on('exit', () => fail(''));

  return {
    description,
    start(topics, to) {
      assert(sink === undefined, 'a source is started once');
      sink = to;
      post({ kind: 'start', topics });
      return new Promise((resolve, reject) => (starting = { resolve, reject }));
    },
    resume: (topic, partition, next) => post({ kind: 'resume', topic, partition, next }),
    policy(topic) {
      const id = (lastQuestion += 1);
      post({ kind: 'policy', id, topic });
      return new Promise((resolve, reject) => questions.set(id, { resolve, reject }));
    },
    async close() {
      isClosing = true;
      post({ kind: 'close' });
      await ended;
    },
  };
}

interface Answer {
  readonly resolve: (policy: TopicPolicy | undefined) => void;
  readonly reject: (cause: Error) => void;
}

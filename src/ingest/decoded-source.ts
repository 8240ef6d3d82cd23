import type { MessagePort } from 'node:worker_threads';
import { assert, must, SetupError } from '../common/errors.ts';
import type { RecordSink, Source, TopicPolicy } from '../source/source.ts';
import type { StoredColumns } from '../store/row-codec.ts';
import type { DecodedBatch } from './decoded-batch.ts';
import type { DecodingMessage, DecodingRequest, SinkMessage } from './decoding.ts';

/** A source that is read and decoded elsewhere: in another thread, but for tests. */
export interface DecodedSource extends Source<DecodedBatch> {
  /** Resolves once whoever reads has had a turn since the call, and has told of what had arrived by then. Never rejects. */
  turn(): Promise<void>;
}

export interface DecodedSourceOptions {
  /** To the thread that decodes. */
  readonly port: MessagePort;
  /** Of the source that is read there. */
  readonly description: string;
  /** `Store.storedColumns`, by name of the table. */
  readonly columns: ReadonlyMap<string, StoredColumns>;
}

/** The source that another thread reads and decodes, at the writer's end. */
export function createDecodedSource({ port, description, columns }: DecodedSourceOptions): DecodedSource {
  const post = (request: DecodingRequest): void => port.postMessage(request);
  const questions = new Map<number, Answer>();
  let turns: (() => void)[] = [];
  let lastQuestion = 0;
  let sink: RecordSink<DecodedBatch> | undefined;
  let starting: { readonly resolve: () => void; readonly reject: (cause: SetupError) => void } | undefined;
  let over: SetupError | undefined;
  const ended = new Promise<void>((resolve) => port.once('close', () => resolve()));

  function answer(id: number, give: (to: Answer) => void): void {
    const question = questions.get(id);
    questions.delete(id);
    if (question !== undefined) give(question);
  }

  function tell(to: RecordSink<DecodedBatch>, message: SinkMessage): void {
    switch (message.kind) {
      case 'batch':
        void to.batch(message.batch).then(() => post({ kind: 'taken' }));
        return;
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

  port.on('message', (message: DecodingMessage) => {
    switch (message.kind) {
      case 'started':
        starting?.resolve();
        return;
      case 'not started':
        starting?.reject(new SetupError(message.mistakes));
        return;
      case 'turn':
        turns.shift()?.();
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
  port.once('close', () => {
    // Whoever started the thread tells that, and why.
    over = new SetupError([{ message: 'the thread that reads and decodes records has ended' }]);
    for (const { reject } of questions.values()) reject(over);
    questions.clear();
    for (const resolve of turns) resolve();
    turns = [];
    starting?.reject(over);
  });

  return {
    description,
    start(topics, to) {
      assert(sink === undefined, 'a source is started once');
      sink = to;
      post({ kind: 'start', topics, columns });
      return new Promise((resolve, reject) => {
        starting = { resolve, reject };
        if (over !== undefined) reject(over);
      });
    },
    resume: (topic, partition, next) => post({ kind: 'resume', topic, partition, next }),
    policy(topic) {
      if (over !== undefined) return Promise.reject(over);
      const id = (lastQuestion += 1);
      post({ kind: 'policy', id, topic });
      return new Promise((resolve, reject) => questions.set(id, { resolve, reject }));
    },
    turn() {
      if (over !== undefined) return Promise.resolve();
      post({ kind: 'turn' });
      return new Promise((resolve) => turns.push(resolve));
    },
    async close() {
      post({ kind: 'close' });
      await ended;
    },
  };
}

interface Answer {
  readonly resolve: (policy: TopicPolicy | undefined) => void;
  readonly reject: (cause: Error) => void;
}

import type { MessagePort } from 'node:worker_threads';
import { buildCatalog } from '../catalog/build.ts';
import { SetupError } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import { createWork } from '../common/work.ts';
import type { Work } from '../common/work.ts';
import { checkSinks, createSinks } from '../sink/create-sinks.ts';
import { createKafkaTopicWriter } from '../source/kafka-topic-writer.ts';
import { createLogTopicWriter } from '../source/log-topic-writer.ts';
import { openSource } from '../source/open-source.ts';
import type { SourceOptions } from '../source/open-source.ts';
import type { TopicWriter } from '../source/topic-writer.ts';
import { openStore } from '../store/lmdb.ts';
import type { Store, StoreOptions } from '../store/store.ts';
import type { SourceProgress } from './bounds.ts';
import { diskFailure } from './disk-failure.ts';
import { createIngest } from './ingest.ts';
import { createDecodedSource } from './decoded-source.ts';
import type { Log } from '../common/log.ts';

/**
 * The write wing as one thing with a lifetime: the writable store, the source, the ingest, the sinks. `writer-thread.ts` runs it off
 * the serving thread and speaks `WriterMessage` with `gateway.ts`.
 */
export interface WriterOptions {
  readonly schema: readonly { readonly file: string; readonly text: string }[];
  readonly directory: string;
  readonly source: SourceOptions;
  readonly rebuild: readonly string[];
  readonly maxCommitRows: number;
}

export type { SourceOptions } from '../source/open-source.ts';

/** What the thread is started with. */
export interface WriterData extends WriterOptions {
  /** To the thread that reads the source and decodes. */
  readonly decoding: MessagePort;
}

export interface WriterEvents {
  readonly committed: (version: number) => void;
  readonly progress: (progress: SourceProgress) => void;
  readonly failed: (mistakes: readonly Mistake[]) => void;
  readonly log: Log;
}

/** What crosses from the writer's thread to the serving thread. */
export type WriterMessage =
  | { readonly kind: 'opened' }
  | { readonly kind: 'committed'; readonly version: number; readonly work: Work }
  | { readonly kind: 'progress'; readonly progress: SourceProgress }
  | { readonly kind: 'failed'; readonly mistakes: readonly Mistake[] }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly message: string;
      readonly facts?: Readonly<Record<string, unknown>> | undefined;
    }
  | { readonly kind: 'closed' };

export interface Writer {
  readonly work: Work;
  close(): Promise<void>;
}

/** Opens the store for writing and starts reading. Throws SetupError where the schema or the stored tables forbid it. */
export function openWriter(options: WriterData, events: WriterEvents): Writer {
  const catalog = buildCatalog(options.schema);
  checkSinks(catalog);
  const work = createWork();
  const now = Date.now;
  const { directory, rebuild } = options;
  const store = openStoreOf({
    directory,
    catalog,
    writable: true,
    work,
    now,
    rebuild,
    onBuild(table, indexes, rows) {
      const names = indexes.map(({ name }) => `"${name}"`).join(', ');
      events.log.info(
        `table ${table.name}: ${indexes.length === 1 ? 'index' : 'indexes'} ${names} built from ${rows} rows`,
      );
    },
  });
  const sinks = createSinks({
    catalog,
    store,
    createWriter: (topic) => openTopicWriter(options.source, topic),
    createSource: () => openSource(options.source),
    log: events.log,
  });
  const onFailure = (cause: unknown): void =>
    events.failed(cause instanceof SetupError ? cause.mistakes : [{ message: diskFailure(cause, directory) }]);
  const columns = new Map(catalog.topicTables.map((table) => [table.name, store.storedColumns(table)]));
  // Not started: it says what is read, and refuses what cannot be read here and now.
  const { description } = openSource(options.source);
  const source = createDecodedSource({ port: options.decoding, description, columns });
  const ingest = createIngest({
    catalog,
    store,
    source,
    now,
    log: events.log,
    failureOf: (cause) => diskFailure(cause, directory),
    maxCommitRows: options.maxCommitRows,
    onCommit(result) {
      events.committed(result.version);
      sinks.committed(result);
    },
    onProgress: events.progress,
    onFailure,
  });
  ingest.start();
  sinks.start();
  return {
    work,
    async close() {
      await Promise.all([ingest.close(), sinks.close()]);
      await store.close();
    },
  };
}

function openStoreOf(options: StoreOptions): Store {
  try {
    return openStore(options);
  } catch (cause) {
    if (cause instanceof SetupError) throw cause;
    throw new SetupError([{ message: diskFailure(cause, options.directory) }]);
  }
}

function openTopicWriter(options: SourceOptions, topic: string): TopicWriter {
  return options.kind === 'log'
    ? createLogTopicWriter(options.directory, topic)
    : createKafkaTopicWriter(options.kafka, topic);
}

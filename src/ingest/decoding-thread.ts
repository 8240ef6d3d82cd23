import { workerData } from 'node:worker_threads';
import { buildCatalog } from '../catalog/build.ts';
import { mistakesOf, must, reasonOf } from '../common/errors.ts';
import { openSource } from '../source/open-source.ts';
import type { RecordSink } from '../source/source.ts';
import { createBatchDecoder } from './batch-decoder.ts';
import type { BatchDecoder } from './batch-decoder.ts';
import type { DecodingData, DecodingMessage, DecodingRequest } from './decoding.ts';
import { createLookAhead } from './look-ahead.ts';

/** The thread that `start-decoding.ts` starts. It ends once the writer has closed the source, or is gone. */
const { port, schema, source: options } = workerData as DecodingData;
const post = (message: DecodingMessage, memory: ArrayBuffer[] = []): void => port.postMessage(message, memory);

const catalog = buildCatalog(schema);
const source = openSource(options);
const lookAhead = createLookAhead();

function sinkOf(decode: BatchDecoder): RecordSink {
  return {
    batch: (records) =>
      lookAhead.add(() => {
        const batch = decode(records);
        const memory = batch.tables.map((table) => table.memory);
        const bytes = memory.reduce((sum, { byteLength }) => sum + byteLength, 0);
        post({ kind: 'batch', batch }, memory);
        return bytes;
      }),
    progress: (partitions) => post({ kind: 'progress', partitions }),
    partitions: (topic, partitions) => post({ kind: 'partitions', topic, partitions }),
    anchor: (topic, partition, offset, anchor) => post({ kind: 'anchor', topic, partition, offset, anchor }),
    incident: (incident) => post({ kind: 'incident', incident }),
    connected: (connected, reason) => post({ kind: 'connected', connected, reason }),
  };
}

async function start({ topics, columns }: Extract<DecodingRequest, { kind: 'start' }>): Promise<void> {
  try {
    const decode = createBatchDecoder(catalog, ({ name }) =>
      must(columns.get(name), `nothing is known of the columns of ${name}`),
    );
    await source.start(topics, sinkOf(decode));
    post({ kind: 'started' });
  } catch (cause) {
    post({ kind: 'not started', mistakes: mistakesOf(cause) });
  }
}

async function tellPolicy(id: number, topic: string): Promise<void> {
  try {
    post({ kind: 'policy', id, policy: await source.policy(topic) });
  } catch (cause) {
    post({ kind: 'no policy', id, reason: reasonOf(cause) });
  }
}

port.on('message', (request: DecodingRequest) => {
  switch (request.kind) {
    case 'start':
      void start(request);
      return;
    case 'taken':
      lookAhead.taken();
      return;
    case 'resume':
      source.resume(request.topic, request.partition, request.next);
      return;
    case 'policy':
      void tellPolicy(request.id, request.topic);
      return;
    case 'turn':
      // Twice, since a message may come before what else has arrived in the same turn.
      setImmediate(() => setImmediate(() => post({ kind: 'turn' })));
      return;
    case 'close':
      void source.close().finally(() => port.close());
  }
});
// Where the writer has ended: then this is for nobody.
port.on('close', () => void source.close());

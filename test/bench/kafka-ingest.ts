import { join } from 'node:path';
import { openBareStore } from './bare-store.ts';
import { built } from './built.ts';
import type { Benchmark } from './harness.ts';
import { perCommit } from './ingest.ts';
import { createTopic, startBroker } from './kafka-broker.ts';
import { OrderHistory, temporaryDirectory, writeBare } from './order-stores.ts';
import { ordersCatalog, schema, topic } from './orders.ts';

const orders = 100_000;

/**
 * From the broker to committed rows: each round catches up with what was produced while nobody read. The clock runs from the
 * first commit to the last, so connecting is not in it; the broker has its share of the same processor.
 */
export const kafkaIngest: Benchmark = {
  name: 'kafka-ingest',
  reference: 'the same puts (row, index, image before, feed) by a bare synchronous LMDB loop',
  unit: 'µs per record',
  async open() {
    const { openStore } = await built('store/lmdb');
    const { createIngest } = await built('ingest/ingest');
    const { createDecodedSource } = await built('ingest/decoded-source');
    const { startDecoding } = await built('ingest/start-decoding');
    const { createWork } = await built('common/work');
    const { produceToKafka } = await built('source/kafka-producer');
    const kafka = await startBroker();
    const directory = await temporaryDirectory();
    const catalog = await ordersCatalog();
    const work = createWork();
    const store = openStore({
      directory: join(directory.path, 'headgate'),
      catalog,
      writable: true,
      work,
      now: Date.now,
    });
    const bare = openBareStore(join(directory.path, 'bare'));
    const histories = { headgate: new OrderHistory(orders), bare: new OrderHistory(orders) };
    const columns = new Map(catalog.topicTables.map((table) => [table.name, store.storedColumns(table)]));
    let produced = 0;

    function applied(): number {
      const snapshot = store.snapshot();
      try {
        return catalog.tables.reduce((least, table) => {
          const next = snapshot.offsets(table).get(topic)?.get(0) ?? 0;
          return Math.min(least, next);
        }, Infinity);
      } finally {
        snapshot.release();
      }
    }

    async function headgate(): Promise<number> {
      const { records } = histories.headgate.next();
      await produceToKafka(
        { brokers: kafka.brokers },
        topic,
        records.map(({ key, value, timestampMs }) => ({ key, value: value ?? null, timestampMs, partition: 0 })),
      );
      produced += records.length;
      let first: { at: number; applied: number } | undefined;
      const { port } = startDecoding({
        schema: [{ file: 'orders.graphql', text: schema }],
        source: { kind: 'kafka', kafka: { brokers: kafka.brokers } },
      });
      let ingest: ReturnType<typeof createIngest> | undefined;
      const perRecord = await new Promise<number>((resolve, reject) => {
        ingest = createIngest({
          catalog,
          store,
          source: createDecodedSource({ port, description: 'Kafka', columns }),
          now: Date.now,
          log: { info: () => {}, warn: () => {}, error: (message) => reject(new Error(message)) },
          maxCommitRows: 200_000,
          onCommit() {
            const at = performance.now();
            const now = applied();
            if (first === undefined && now > produced - records.length) first = { at, applied: now };
            else if (first !== undefined && now === produced)
              resolve(((at - first.at) * 1_000) / (now - first.applied));
          },
          onProgress: () => {},
          onFailure: reject,
        });
        ingest.start();
      });
      await ingest?.close();
      return perRecord;
    }
    async function reference(): Promise<number> {
      const { upserts } = histories.bare.next();
      const start = performance.now();
      writeBare(bare, upserts, perCommit);
      return ((performance.now() - start) * 1_000) / upserts.length;
    }

    async function close(): Promise<void> {
      await kafka.stop();
      await store.close();
      await bare.close();
      await directory.remove();
    }

    try {
      await createTopic(kafka.brokers, topic);
      await headgate();
      await reference();
    } catch (error) {
      await close();
      throw error;
    }
    return { headgate, reference, close };
  },
};

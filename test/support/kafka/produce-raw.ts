import { createBrokerConnection } from '../../../src/source/kafka-transport.ts';
import { WireReader } from '../../../src/source/kafka-wire.ts';
import { writeBatch } from './record-batch-writer.ts';
import type { WrittenBatch } from './record-batch-writer.ts';

/** Sends a batch byte for byte, for what kafkajs cannot write (null headers). Answers the offset of its first record. */
export async function produceRaw(
  broker: string,
  topic: string,
  partition: number,
  batch: WrittenBatch,
): Promise<number> {
  const [host = '', port] = broker.split(':');
  const connection = createBrokerConnection({ brokers: [broker] }, host, Number(port));
  try {
    await connection.connect();
    const bytes = writeBatch(batch);
    const head = Buffer.alloc(2 + 2 + 4 + 4);
    head.writeInt16BE(-1, 0);
    head.writeInt16BE(-1, 2);
    head.writeInt32BE(10_000, 4);
    head.writeInt32BE(1, 8);
    const name = Buffer.concat([Buffer.from([0, Buffer.byteLength(topic)]), Buffer.from(topic)]);
    const middle = Buffer.alloc(12);
    middle.writeInt32BE(1, 0);
    middle.writeInt32BE(partition, 4);
    middle.writeInt32BE(bytes.length, 8);
    return await connection.send({
      apiKey: 0,
      apiName: 'Produce',
      apiVersion: 7,
      body: Buffer.concat([head, name, middle, bytes]),
      read(payload) {
        const from = new WireReader(payload, false);
        const [answer] = from
          .array(() => {
            from.string();
            return from.array(() => {
              from.int32();
              const written = { errorCode: from.int16(), offset: from.int64() };
              from.int64();
              from.int64();
              return written;
            });
          })
          .flat();
        if (answer === undefined || answer.errorCode !== 0) throw new Error(`Produce: error ${answer?.errorCode}`);
        return answer.offset;
      },
    });
  } finally {
    connection.destroy();
  }
}

import type { Benchmark } from './harness.ts';
import { cpuTimed } from './harness.ts';
import { built } from './built.ts';
import { makeOrder, orderRecord, ordersCatalog } from './orders.ts';

const count = 20_000;

/** From a record's bytes to a checked row under its key, against parsing the same bytes and using nothing of it. */
export const decode: Benchmark = {
  name: 'decode',
  reference: 'JSON.parse of the same bytes',
  unit: 'processor µs per record',
  async open() {
    const { createDecoder } = await built('decode/decode');
    const table = (await ordersCatalog()).topicTables[0];
    if (table === undefined) throw new Error('no table');
    const decoder = createDecoder(table);
    const records = Array.from({ length: count }, (_, i) => orderRecord(makeOrder(i, 0, count), i));
    const wrong = records.find((record) => decoder(record).kind !== 'row');
    if (wrong !== undefined) throw new Error(`not decoded: ${JSON.stringify(decoder(wrong))}`);
    const perRecord = async (work: (bytes: Uint8Array, i: number) => void): Promise<number> => {
      const ms = await cpuTimed(() => records.forEach((record, i) => work(record.value ?? new Uint8Array(0), i)));
      return (ms * 1_000) / count;
    };
    let used = 0;
    return {
      headgate: () =>
        perRecord((_, i) => {
          const record = records[i];
          if (record !== undefined && decoder(record).kind === 'row') used += 1;
        }),
      reference: () =>
        perRecord((bytes) => {
          if (JSON.parse((bytes as Buffer).toString()) !== null) used += 1;
        }),
      close: async () => {
        if (used === 0) throw new Error('nothing was decoded');
      },
    };
  },
};

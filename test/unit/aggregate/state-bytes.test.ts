import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createByteReader, createByteWriter } from '../../../src/store/key-bytes.ts';
import { readCount, readInteger, writeCount, writeInteger } from '../../../src/aggregate/state-bytes.ts';

test('counters of any size are read as they were written, one behind the other', () => {
  const counts = fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constantFrom(127, 128, 2 ** 31, 2 ** 32, 2 ** 53 - 1));
  const integers = fc.oneof(fc.bigInt(), fc.constantFrom(0n, -1n, 255n, -256n, 2n ** 2_100n));
  fc.assert(
    fc.property(fc.array(fc.tuple(counts, integers)), (pairs) => {
      const writer = createByteWriter();
      for (const [count, integer] of pairs) {
        writeCount(writer, count);
        writeInteger(writer, integer);
      }
      const reader = createByteReader(writer.take());
      expect(pairs.map(() => [readCount(reader), readInteger(reader)])).toEqual(pairs);
    }),
    { numRuns: 300 },
  );
});

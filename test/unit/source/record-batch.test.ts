import { describe, expect, test } from 'vitest';
import { crc32c } from '../../../src/source/record-batch-crc.ts';
import { nextOffset, readRecordSection } from '../../../src/source/record-batch.ts';
import type { SourceRecord } from '../../../src/source/source.ts';
import { writeBatch, writeMarker } from '../../support/kafka/record-batch-writer.ts';

interface Question {
  from?: number;
  aborted?: { producerId: number; firstOffset: number }[];
  maxBatchBytes?: number;
  maxRecords?: number;
}

function readAll(
  section: Buffer,
  { from = 0, aborted = [], maxBatchBytes = 1 << 28, maxRecords = 1_000 }: Question = {},
) {
  const reader = readRecordSection({ topic: 't', partition: 3, section, from, aborted, maxBatchBytes });
  const records: SourceRecord[] = [];
  let next: number | undefined;
  for (let read = reader.read(maxRecords); read !== undefined; read = reader.read(maxRecords)) {
    for (const record of read.records) records.push(record);
    next = read.next;
  }
  return { records, next, offsets: records.map((record) => record.offset) };
}

function text(bytes: Uint8Array | null | undefined): string | null | undefined {
  return bytes ? Buffer.from(bytes).toString() : bytes;
}

const three = [
  { offset: 10, key: 'a', value: 'one', timestampMs: 1_000 },
  { offset: 11, key: null, value: 'two', timestampMs: 900 },
  { offset: 12, key: 'c', value: null, timestampMs: 1_000 + 2 ** 40 },
];

test('knows the check value of CRC-32C, in one piece of any length', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e);
});

describe('records', () => {
  test.each(['none', 'gzip', 'snappy', 'xerial', 'lz4', 'zstd'] as const)(
    'come out as written with codec %s',
    (codec) => {
      const { records, next } = readAll(writeBatch({ records: three, codec }));
      expect(records.map(({ key, value, ...rest }) => ({ ...rest, key: text(key), value: text(value) }))).toEqual(
        three.map((record) => ({ ...record, topic: 't', partition: 3, headers: new Map() })),
      );
      expect(next).toBe(13);
    },
  );

  test.each(['gzip', 'snappy', 'xerial', 'lz4', 'zstd'] as const)(
    'of several blocks come out as written with %s',
    (codec) => {
      const records = Array.from({ length: 5_000 }, (_, offset) => ({
        offset,
        key: `k${offset}`,
        value: 'v'.repeat(offset % 300),
      }));
      const read = readAll(writeBatch({ records, codec }));
      expect(read.records.map(({ value }) => text(value))).toEqual(records.map(({ value }) => value));
    },
  );

  test('keep their headers; the last of a name wins, a null value and an empty one differ', () => {
    const headers = [
      ['a', '1'],
      ['b', null],
      ['a', '2'],
      ['', ''],
      ['ü', 'ß'],
    ] as const;
    const { records } = readAll(writeBatch({ records: [{ offset: 0, key: 'k', value: 'v', headers }] }));
    const found = records[0]?.headers ?? new Map();
    expect([...found].map(([name, value]) => [name, text(value)])).toEqual([
      ['a', '2'],
      ['b', null],
      ['', ''],
      ['ü', 'ß'],
    ]);
  });

  test('tell an empty value from a null one', () => {
    const { records } = readAll(writeBatch({ records: [{ offset: 0, key: '', value: '' }] }));
    expect(records[0]?.key).toHaveLength(0);
    expect(records[0]?.value).toHaveLength(0);
  });

  test('carry the time of appending where the topic is configured so', () => {
    const { records } = readAll(writeBatch({ records: three, appendTimeMs: 77_000 }));
    expect(records.map(({ timestampMs }) => timestampMs)).toEqual([77_000, 77_000, 77_000]);
  });

  test('below the offset that was asked for are left out', () => {
    const section = Buffer.concat([writeBatch({ records: [{ offset: 9 }] }), writeBatch({ records: three })]);
    expect(readAll(section, { from: 11 }).offsets).toEqual([11, 12]);
    expect(readAll(section, { from: 13 })).toMatchObject({ offsets: [], next: 13 });
  });

  test('have offsets beyond 2^32', () => {
    const offset = 2 ** 40 + 5;
    expect(readAll(writeBatch({ records: [{ offset, value: 'x' }] }))).toMatchObject({
      offsets: [offset],
      next: offset + 1,
    });
  });

  test('are read in whole batches, as many as were asked for', () => {
    const section = Buffer.concat(
      [0, 2, 4].map((offset) => writeBatch({ records: [{ offset }, { offset: offset + 1 }] })),
    );
    const reader = readRecordSection({ topic: 't', partition: 0, section, from: 0, aborted: [], maxBatchBytes: 1_000 });
    expect(reader.read(3)).toMatchObject({ next: 4 });
    expect(reader.read(3)).toMatchObject({ next: 6 });
    expect(reader.read(3)).toBeUndefined();
  });

  test('in a number beyond what a call can take as arguments come out', () => {
    const records = Array.from({ length: 150_000 }, (_, offset) => ({ offset }));
    expect(readAll(writeBatch({ records, codec: 'zstd' })).records).toHaveLength(150_000);
  });
});

describe('the next offset', () => {
  test('lies behind a batch that compaction emptied', () => {
    const section = Buffer.concat([
      writeBatch({ records: [{ offset: 5 }] }),
      writeBatch({ records: [], baseOffset: 6, lastOffset: 40 }),
    ]);
    expect(nextOffset(section)).toBe(41);
    expect(readAll(section)).toMatchObject({ offsets: [5], next: 41 });
  });

  test('lies behind records that compaction took from the end of a batch', () => {
    const section = writeBatch({ records: [{ offset: 5 }, { offset: 7 }], lastOffset: 20 });
    expect(nextOffset(section)).toBe(21);
    expect(readAll(section)).toMatchObject({ offsets: [5, 7], next: 21 });
  });

  test('does not count a batch that is cut off, wherever it is cut', () => {
    const whole = writeBatch({ records: [{ offset: 0, value: 'whole' }] });
    const cut = writeBatch({ records: three });
    for (let length = 0; length < cut.length; length++) {
      const section = Buffer.concat([whole, cut.subarray(0, length)]);
      expect(nextOffset(section)).toBe(1);
      expect(readAll(section)).toMatchObject({ offsets: [0], next: 1 });
    }
    expect(nextOffset(cut.subarray(0, 30))).toBeUndefined();
    expect(readAll(cut.subarray(0, 70))).toMatchObject({ offsets: [], next: undefined });
  });
});

describe('transactions', () => {
  const data = (offset: number, producerId: number, key = `k${offset}`): Buffer =>
    writeBatch({ records: [{ offset, key, value: 'v' }], producerId, transactional: true });

  test('that were committed are read, their markers are not', () => {
    const section = Buffer.concat([data(0, 7), data(1, 7), writeMarker(2, 7, 'commit')]);
    expect(readAll(section)).toMatchObject({ offsets: [0, 1], next: 3 });
  });

  test('that were aborted are left out, and only up to their marker', () => {
    const section = Buffer.concat([data(0, 7), writeMarker(1, 7, 'abort'), data(2, 7), writeMarker(3, 7, 'commit')]);
    expect(readAll(section, { aborted: [{ producerId: 7, firstOffset: 0 }] })).toMatchObject({ offsets: [2], next: 4 });
  });

  test('interleave, and the broker lists the aborted ones in the order in which they ended', () => {
    const section = Buffer.concat([
      data(0, 1),
      data(1, 2),
      data(2, 3),
      data(3, 1),
      writeMarker(4, 2, 'abort'),
      data(5, 2),
      data(6, 1),
      writeMarker(7, 1, 'abort'),
      writeMarker(8, 3, 'commit'),
      data(9, 1),
      writeMarker(10, 2, 'commit'),
      writeMarker(11, 1, 'abort'),
    ]);
    const aborted = [
      { producerId: 2, firstOffset: 1 },
      { producerId: 1, firstOffset: 9 },
      { producerId: 1, firstOffset: 0 },
    ];
    expect(readAll(section, { aborted })).toMatchObject({ offsets: [2, 5], next: 12 });
  });

  test('are left out also where the answer begins in the middle of several of them', () => {
    const section = Buffer.concat([
      data(50, 1),
      data(51, 2),
      writeMarker(52, 1, 'abort'),
      data(53, 2),
      writeMarker(54, 2, 'abort'),
    ]);
    const aborted = [
      { producerId: 1, firstOffset: 3 },
      { producerId: 2, firstOffset: 4 },
    ];
    expect(readAll(section, { from: 50, aborted })).toMatchObject({ offsets: [], next: 55 });
  });

  test('are not ended by a record whose key looks like an abort marker', () => {
    const section = Buffer.concat([
      writeBatch({
        records: [
          { offset: 0, key: Buffer.from([0, 0, 0, 0]), value: 'zero' },
          { offset: 1, key: 'b', value: 'v' },
        ],
        producerId: 7,
        transactional: true,
      }),
      data(2, 7),
      writeMarker(3, 7, 'abort'),
      writeBatch({ records: [{ offset: 4, key: Buffer.from([0, 0, 0, 0]), value: 'zero' }] }),
    ]);
    expect(readAll(section, { aborted: [{ producerId: 7, firstOffset: 0 }] }).offsets).toEqual([4]);
  });

  test('may begin with an abort marker that no list names', () => {
    const section = Buffer.concat([writeMarker(10, 7, 'abort'), data(11, 7), writeMarker(12, 7, 'commit')]);
    expect(readAll(section, { from: 10 })).toMatchObject({ offsets: [11], next: 13 });
  });

  test('do not hide records written without one by the same producer', () => {
    const section = Buffer.concat([
      data(0, 7),
      writeBatch({ records: [{ offset: 1, value: 'plain' }], producerId: 8 }),
      writeMarker(2, 7, 'abort'),
    ]);
    expect(readAll(section, { aborted: [{ producerId: 7, firstOffset: 0 }] }).offsets).toEqual([1]);
  });
});

describe('a batch that cannot be read', () => {
  const good = writeBatch({ records: [{ offset: 0, value: 'good' }] });
  const failing = (section: Buffer, question?: Question): { offset: number; message: string } => {
    try {
      readAll(section, question);
    } catch (error) {
      if (error instanceof Error && 'offset' in error) return { offset: Number(error.offset), message: error.message };
    }
    throw new Error('it was read');
  };

  test.each([21, 45, 60, 70])('is found by its checksum when byte %i changed', (at) => {
    const bad = Buffer.from(writeBatch({ records: three }));
    bad.writeUInt8(bad.readUInt8(at) ^ 0x10, at);
    expect(failing(Buffer.concat([good, bad]))).toMatchObject({
      offset: 10,
      message: expect.stringContaining('CRC-32C'),
    });
  });

  test('does not take the batches before it along', () => {
    const bad = Buffer.from(writeBatch({ records: three }));
    bad.writeUInt8(1, bad.length - 1);
    const section = Buffer.concat([good, bad]);
    const reader = readRecordSection({ topic: 't', partition: 0, section, from: 0, aborted: [], maxBatchBytes: 1_000 });
    expect(reader.read(100)).toMatchObject({ next: 1, records: [{ offset: 0 }] });
    expect(() => reader.read(100)).toThrow(/CRC-32C/);
    expect(() => reader.read(100)).toThrow(/CRC-32C/);
  });

  test('has an old format', () => {
    expect(failing(writeBatch({ records: three, magic: 1 })).message).toMatch(/format v1/);
  });

  test('has an unknown codec, or bytes that are not of its codec', () => {
    for (const [codec, reason] of [
      [5, /codec 5 is unknown/],
      [1, /decompressed/],
      [2, /decompressed/],
      [3, /LZ4/],
      [4, /zstd/],
    ] as const) {
      const bad = Buffer.from(writeBatch({ records: three }));
      bad.writeInt16BE(codec, 21);
      bad.writeUInt32BE(crc32c(bad, 21), 17);
      expect(failing(bad).message).toMatch(reason);
    }
  });

  test('claims more records than it holds, or fewer', () => {
    for (const count of [2, 4, 2_000_000_000]) {
      const bad = Buffer.from(writeBatch({ records: three }));
      bad.writeInt32BE(count, 57);
      bad.writeUInt32BE(crc32c(bad, 21), 17);
      expect(failing(bad).message).toMatch(/malformed/);
    }
  });

  test.each(['gzip', 'snappy', 'xerial', 'lz4', 'zstd'] as const)('grows beyond the limit with %s', (codec) => {
    const bomb = writeBatch({ records: [{ offset: 0, value: Buffer.alloc(8 << 20) }], codec });
    expect(bomb.length).toBeLessThan(1 << 20);
    expect(failing(bomb, { maxBatchBytes: 1 << 20 }).message).toMatch(/more than 1048576 bytes/);
    expect(readAll(bomb, { maxBatchBytes: 9 << 20 }).records).toHaveLength(1);
  });

  test('is not read at all where it was aborted', () => {
    const bad = Buffer.from(writeBatch({ records: three, producerId: 4, transactional: true }));
    bad.writeInt16BE(0x15, 21);
    bad.writeUInt32BE(crc32c(bad, 21), 17);
    expect(readAll(bad, { aborted: [{ producerId: 4, firstOffset: 10 }] })).toMatchObject({ offsets: [], next: 13 });
  });
});

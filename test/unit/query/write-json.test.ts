import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonText } from '../../../src/model/value.ts';
import { writeJson } from '../../../src/query/write-json.ts';

test('every JSON value is written as JSON.stringify writes it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      expect(writeJson(value)).toBe(JSON.stringify(value));
    }),
  );
});

test('texts of JSON are copied, bigints are strings, and what JSON cannot hold is null', () => {
  expect(writeJson({ a: new JsonText('1e400'), b: 12n, c: undefined, d: NaN, e: () => 1, f: [undefined] })).toBe(
    '{"a":1e400,"b":"12","d":null,"e":null,"f":[null]}',
  );
  expect(writeJson({})).toBe('{}');
  expect(writeJson({ a: undefined })).toBe('{}');
  expect(writeJson([[], {}])).toBe('[[],{}]');
});

class TooLong extends Error {}

function limited(value: unknown, maxBytes: number): string | 'too long' {
  try {
    return writeJson(value, {
      maxBytes,
      tooLong: () => {
        throw new TooLong();
      },
    });
  } catch (error) {
    if (error instanceof TooLong) return 'too long';
    throw error;
  }
}

test('a text may have as many bytes of UTF-8 as the limit, to the byte', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '🎵', '\n', '\u0000', '"'), maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.oneof(texts, fc.integer(), fc.boolean(), fc.dictionary(texts, texts))), (value) => {
      const text = JSON.stringify(value);
      const bytes = Buffer.byteLength(text);
      expect(limited(value, bytes)).toBe(text);
      expect(limited(value, bytes + 1)).toBe(text);
      expect(limited(value, bytes - 1)).toBe('too long');
      expect(limited(value, Math.floor(bytes / 2))).toBe(bytes < 2 ? text : 'too long');
    }),
  );
});

test('writing stops at the limit, and not at the end', () => {
  let written = 0;
  const rows = Array.from({ length: 1_000 }, () => ({
    get title(): string {
      written += 1;
      return 'x'.repeat(1_000);
    },
  }));
  expect(limited(rows, 10_000)).toBe('too long');
  expect(written).toBeLessThanOrEqual(11);
});

import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { splitLines } from '../../../src/source/record-lines.ts';

async function* piecesOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) yield bytes.subarray(at, (at += size));
  if (at < bytes.length) yield bytes.subarray(at);
}

async function split(bytes: Buffer, sizes: readonly number[]) {
  const found: { line: number; text: string }[] = [];
  for await (const lines of splitLines(piecesOf(bytes, sizes))) {
    found.push(...lines.map(({ line, bytes: own }) => ({ line, text: Buffer.from(own).toString() })));
  }
  return found;
}

test('lines are the same in whatever pieces they come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('', ' ', 'a', 'żółć', '\uFEFF', '{"value":1}', '\r'), { maxLength: 12 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 20 }),
      fc.boolean(),
      async (lines, sizes, ended) => {
        const text = lines.join('\n') + (ended ? '\n' : '');
        const wanted = text
          .split('\n')
          .map((each, index) => ({ line: index + 1, text: index === 0 ? each.replace(/^\uFEFF/, '') : each }))
          .filter((each) => Buffer.from(each.text).toString('latin1').trim() !== '');
        expect(await split(Buffer.from(text), sizes)).toEqual(wanted);
      },
    ),
  );
});

test('a long line that comes in many pieces is looked through and put together once', async () => {
  const pieces = 1_000;
  const size = 1_000;
  const bytes = Buffer.from(`${'x'.repeat(pieces * size)}\n`);
  let copied = 0;
  let searched = 0;
  const { concat } = Buffer;
  vi.spyOn(Buffer, 'concat').mockImplementation((list, length) => {
    copied += list.reduce((sum, each) => sum + each.length, 0);
    return concat(list, length);
  });
  const indexOf = Reflect.get(Buffer.prototype, 'indexOf') as typeof Buffer.prototype.indexOf;
  vi.spyOn(Buffer.prototype, 'indexOf').mockImplementation(function (this: Buffer, ...args) {
    searched += this.length - (typeof args[1] === 'number' ? args[1] : 0);
    return Reflect.apply(indexOf, this, args) as number;
  });
  onTestFinished(() => void vi.restoreAllMocks());
  const found = await split(
    bytes,
    Array.from({ length: pieces }, () => size),
  );
  vi.restoreAllMocks();
  expect(found.map(({ text }) => text.length)).toEqual([pieces * size]);
  expect(copied).toBeLessThanOrEqual(bytes.length);
  expect(searched).toBeLessThanOrEqual(2 * bytes.length);
});

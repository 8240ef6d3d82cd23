import { expect, test } from 'vitest';
import { Outbox } from '../../../src/server/outbox.ts';
import { SharedBytes } from '../../../src/server/shared-bytes.ts';

async function turns(): Promise<void> {
  for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('what is held leaves a turn later, each once, in the order in which it came', async () => {
  const outbox = new Outbox();
  const flushed: number[] = [];
  const holdings = Array.from({ length: 100 }, (_, n) => ({ flush: () => void flushed.push(n) }));
  for (const holding of [...holdings, ...holdings]) outbox.add(holding);
  expect(flushed).toEqual([]);
  while (flushed.length < holdings.length) await turns();
  expect(flushed).toEqual(holdings.map((_, n) => n));
});

test('who has flushed by itself is not asked, who comes back later is', async () => {
  const outbox = new Outbox();
  let flushes = 0;
  const holding = { flush: () => void (flushes += 1) };
  outbox.add(holding);
  outbox.remove(holding);
  await turns();
  expect(flushes).toBe(0);
  outbox.add(holding);
  await turns();
  expect(flushes).toBe(1);
});

test('all who are sent one text are sent one buffer', () => {
  let encoded = 0;
  const shared = new SharedBytes((text) => {
    encoded += 1;
    return Buffer.from(text);
  });
  const text = `{"data":${'x'.repeat(100)}}`;
  const all = Array.from({ length: 1_000 }, () => shared.of(text));
  expect(new Set(all).size).toBe(1);
  expect(String(shared.of('other'))).toBe('other');
  expect(String(shared.of(text))).toBe(text);
  expect(encoded).toBe(3);
});

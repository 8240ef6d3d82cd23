import { expect, test } from 'vitest';
import type { Line } from '../../../src/common/line.ts';
import { type Holding, Outbox } from '../../../src/server/outbox.ts';
import { SharedBytes } from '../../../src/server/shared-bytes.ts';

async function turns(): Promise<void> {
  for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

class Counting implements Holding {
  line: Line<Holding> | undefined;
  before: Holding | undefined;
  behind: Holding | undefined;
  readonly flush: () => void;

  constructor(flush: () => void) {
    this.flush = flush;
  }
}

test('what is held leaves a turn later, each once, in the order in which it came', async () => {
  const outbox = new Outbox();
  const flushed: number[] = [];
  const holdings = Array.from({ length: 100 }, (_, n) => new Counting(() => void flushed.push(n)));
  for (const holding of [...holdings, ...holdings]) outbox.add(holding);
  expect(flushed).toEqual([]);
  while (flushed.length < holdings.length) await turns();
  expect(flushed).toEqual(holdings.map((_, n) => n));
});

test('who holds something again is asked again, even while it is being asked', async () => {
  const outbox = new Outbox();
  let flushes = 0;
  const holding = new Counting(() => {
    flushes += 1;
    if (flushes === 1) outbox.add(holding);
  });
  outbox.add(holding);
  await turns();
  expect(flushes).toBe(2);
  outbox.add(holding);
  await turns();
  expect(flushes).toBe(3);
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

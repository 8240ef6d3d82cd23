import { expect, test } from 'vitest';
import { IntervalIndex, type Interval } from '../../../src/live/interval-index.ts';
import { createRandom, seedFromEnvironment, type Random } from '../../support/random.ts';

const seed = seedFromEnvironment();
console.log(`live/interval-index: HEADGATE_SEED=${seed}`);

test('finds the intervals that hold a key, as looking at all of them does', () => {
  const random = createRandom(seed);
  const index = new IntervalIndex<number>();
  const held = new Map<number, { readonly interval: Interval; readonly remove: () => void }>();
  for (let step = 0; step < 3_000; step += 1) {
    if (random.int(3) > 0 || held.size === 0) {
      const interval = { lower: bound(random), upper: bound(random) };
      held.set(step, { interval, remove: index.add(interval, step) });
    } else {
      const [id, { remove }] = random.pick([...held]);
      held.delete(id);
      remove();
    }
    expect(index.size).toBe(held.size);
    const key = Buffer.from([random.int(20), random.int(3)]);
    const expected = [...held].filter(([, { interval }]) => holds(interval, key)).map(([id]) => id);
    expect([...index.holding(key)].toSorted((a, b) => a - b)).toEqual(expected);
  }
});

function bound(random: Random): Buffer | undefined {
  const bytes = Array.from({ length: 1 + random.int(2) }, () => random.int(20));
  return random.int(5) === 0 ? undefined : Buffer.from(bytes);
}

function holds({ lower, upper }: Interval, key: Buffer): boolean {
  if (lower !== undefined && Buffer.compare(lower, key) > 0) return false;
  return upper === undefined || Buffer.compare(key, upper) < 0;
}

import { expect, test } from 'vitest';
import { Slots } from '../../../src/common/slots.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';

test('so many at a time and no more, first come first served, whatever fails', async () => {
  const random = createRandom(seedFromEnvironment());
  for (let round = 0; round < 50; round += 1) {
    const where = `seed ${random.seed}, round ${round}`;
    const count = 1 + random.int(4);
    const slots = new Slots(count);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    let underWay = 0;
    const all = Array.from({ length: 20 }, (_, i) =>
      slots
        .run(async () => {
          begun.push(i);
          underWay += 1;
          expect(underWay, where).toBeLessThanOrEqual(count);
          await new Promise<void>((resolve) => ends.push(resolve));
          underWay -= 1;
          if (i % 3 === 0) throw new Error(String(i));
          return i;
        })
        .catch(() => -1),
    );
    for (let done = 0; done < 20;) {
      const end = ends.splice(random.int(Math.max(1, ends.length)), 1)[0];
      if (end !== undefined) {
        done += 1;
        end();
      }
      await new Promise((resolve) => setImmediate(resolve));
      expect(underWay, where).toBe(Math.min(count, 20 - done));
    }
    expect(await Promise.all(all), where).toEqual(Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? -1 : i)));
    expect(begun, where).toEqual(Array.from({ length: 20 }, (_, i) => i));
  }
});

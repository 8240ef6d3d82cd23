import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TopRows } from '../../../src/query/top-rows.ts';

test('the first so many are what sorting everything and cutting gives, and no more are held', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), fc.nat(20), (given, most) => {
      const top = new TopRows<number>((a, b) => a - b, most);
      for (const each of given) {
        top.add(each);
        expect(top.size).toBeLessThanOrEqual(most);
      }
      expect(top.sorted()).toEqual(given.toSorted((a, b) => a - b).slice(0, most));
    }),
  );
});

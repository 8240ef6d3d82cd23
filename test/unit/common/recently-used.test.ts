import { expect, test } from 'vitest';
import { RecentlyUsed } from '../../../src/common/recently-used.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';

test('what was used most recently is remembered, within both bounds', () => {
  const seed = seedFromEnvironment();
  const random = createRandom(seed);
  const most = 5;
  const mostCharacters = 20;
  const values = new RecentlyUsed<number>(most, mostCharacters);
  /** The most recently used last. */
  let naive: (readonly [text: string, value: number])[] = [];
  for (let i = 0; i < 2_000; i += 1) {
    const text = 'abcdefgh'.slice(0, 1 + random.int(8));
    const known = naive.find(([other]) => other === text);
    expect(values.has(text), `seed ${seed}, step ${i}`).toBe(known !== undefined);
    const value = random.int(2) === 0 ? i : undefined;
    if (value === undefined) expect(values.get(text), `seed ${seed}, step ${i}`).toBe(known?.[1]);
    else values.set(text, value);
    const used = value === undefined ? known : ([text, value] as const);
    if (used === undefined) continue;
    naive = [...naive.filter(([other]) => other !== text), used];
    while (naive.length > most || naive.reduce((sum, [{ length }]) => sum + length, 0) > mostCharacters) naive.shift();
  }
});

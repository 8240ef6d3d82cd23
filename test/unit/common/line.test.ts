import { expect, test } from 'vitest';
import { Line, type Link } from '../../../src/common/line.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';

interface Item extends Link<Item> {
  readonly name: number;
}

function standing(line: Line<Item>): number[] {
  const names = [];
  for (let item = line.first; item !== undefined; item = item.behind) names.push(item.name);
  return names;
}

const seed = seedFromEnvironment();
console.log(`common/line: HEADGATE_SEED=${seed}`);

test('items stand in one line at a time, in the order in which they came', () => {
  const random = createRandom(seed);
  const lines = [new Line<Item>(), new Line<Item>()];
  /** The same by arrays. */
  const naive: Item[][] = [[], []];
  const items = Array.from({ length: 12 }, (_, name): Item => {
    return { name, line: undefined, before: undefined, behind: undefined };
  });
  for (let step = 0; step < 2_000; step += 1) {
    const item = random.pick(items);
    const at = random.int(2);
    const adds = random.int(3) > 0;
    if (adds) lines[at]?.add(item);
    else lines[at]?.remove(item);
    for (const [n, line] of naive.entries()) {
      if (adds || n === at) naive[n] = line.filter((each) => each !== item);
    }
    if (adds) naive[at]?.push(item);
    expect(lines.map(standing)).toEqual(naive.map((line) => line.map(({ name }) => name)));
    expect(lines.map(({ size }) => size)).toEqual(naive.map(({ length }) => length));
  }
});

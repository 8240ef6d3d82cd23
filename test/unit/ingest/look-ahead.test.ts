import { expect, test } from 'vitest';
import { createLookAhead } from '../../../src/ingest/look-ahead.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';

/** Partitions as a source reads them: each decodes its next batch once it may. */
function readPartitions(partitions: number) {
  const lookAhead = createLookAhead();
  const free = new Set(Array.from({ length: partitions }, (_, i) => String(i)));
  const onTheWay: string[] = [];
  return {
    free,
    onTheWay,
    async give(partition: string): Promise<void> {
      free.delete(partition);
      onTheWay.push(partition);
      void lookAhead.given(partition).then(() => free.add(partition));
      await undefined;
    },
    async take(): Promise<void> {
      const partition = onTheWay.shift();
      if (partition !== undefined) lookAhead.taken(partition);
      await undefined;
    },
  };
}

test('a lone partition is decoded one batch ahead of the one that is committed', async () => {
  const { give, take, free } = readPartitions(1);
  await give('0');
  expect(free.has('0')).toBe(true);
  await give('0');
  expect(free.has('0')).toBe(false);
  await take();
  expect(free.has('0')).toBe(true);
});

test('many partitions have one batch each on the way, and one of them another', async () => {
  const { give, take, free, onTheWay } = readPartitions(100);
  for (let next = '0'; next !== undefined; next = [...free][0] as string) await give(next);
  expect(onTheWay).toHaveLength(101);
  while (onTheWay.length > 0) await take();
  expect(free.size).toBe(100);
});

test('whatever is given and taken when: nobody has more than two, all together no more than one each and one, nobody waits for ever', async () => {
  const random = createRandom(seedFromEnvironment());
  for (let round = 0; round < 200; round += 1) {
    const partitions = 1 + random.int(5);
    const { give, take, free, onTheWay } = readPartitions(partitions);
    for (let step = 0; step < 60; step += 1) {
      const next = random.pick([...free]);
      if (next !== undefined && random.int(2) === 0) await give(next);
      else await take();
      const most = Math.max(0, ...[...new Set(onTheWay)].map((each) => onTheWay.filter((one) => one === each).length));
      expect(most, `seed ${random.seed}, round ${round}`).toBeLessThanOrEqual(2);
      expect(onTheWay.length, `seed ${random.seed}, round ${round}`).toBeLessThanOrEqual(partitions + 1);
    }
    while (onTheWay.length > 0) await take();
    expect(free.size, `seed ${random.seed}, round ${round}`).toBe(partitions);
  }
});

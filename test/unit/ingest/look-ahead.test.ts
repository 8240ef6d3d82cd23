import { expect, test } from 'vitest';
import { createLookAhead } from '../../../src/ingest/look-ahead.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';

const mib = 1024 * 1024;
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Batches of so many bytes that wait to be decoded, and those that are on their way to the writer. */
function createLoad() {
  const lookAhead = createLookAhead();
  const decoded: number[] = [];
  let waiting = 0;
  return {
    decoded,
    waiting: () => waiting,
    bytes: () => decoded.reduce((sum, each) => sum + each, 0),
    add(bytes: number): void {
      waiting += 1;
      void lookAhead.add(() => {
        waiting -= 1;
        decoded.push(bytes);
        return bytes;
      });
    },
    take(): void {
      if (decoded.shift() !== undefined) lookAhead.taken();
    },
  };
}

test('of large batches one is decoded while another one is committed', async () => {
  const load = createLoad();
  for (let i = 0; i < 4; i += 1) load.add(100 * mib);
  await nextTurn();
  expect(load.decoded).toHaveLength(2);
  load.take();
  await nextTurn();
  expect(load.decoded).toHaveLength(2);
  expect(load.waiting()).toBe(1);
});

test('of small ones as many are decoded as are no burden, and those that had to wait one a turn', async () => {
  const load = createLoad();
  for (let i = 0; i < 100; i += 1) load.add(mib);
  expect(load.decoded).toHaveLength(8);
  for (let i = 0; i < 8; i += 1) load.take();
  await nextTurn();
  expect(load.decoded).toHaveLength(1);
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  expect(load.decoded).toHaveLength(8);
});

test('whatever comes when: in order, within the room there is, and nothing waits for ever', async () => {
  const random = createRandom(seedFromEnvironment());
  for (let round = 0; round < 100; round += 1) {
    const where = `seed ${random.seed}, round ${round}`;
    const load = createLoad();
    let added = 0;
    for (let step = 0; step < 60; step += 1) {
      const choice = random.int(3);
      if (choice === 0) load.add((added += 1) * mib);
      else if (choice === 1) load.take();
      else await nextTurn();
      expect(
        load.decoded.toSorted((a, b) => a - b),
        where,
      ).toEqual(load.decoded);
      const [last = 0] = load.decoded.slice(-1);
      if (load.decoded.length > 2) expect(load.bytes() - last, where).toBeLessThan(8 * mib);
    }
    while (load.waiting() > 0 || load.decoded.length > 0) {
      load.take();
      await nextTurn();
    }
  }
});

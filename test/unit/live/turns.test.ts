import { setImmediate as nextLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from '../../../src/live/turns.ts';
import { createRowsWorld } from '../../support/rows-world.ts';

test('however many wakes come at once, they take one turn, and what is left follows behind other events', async () => {
  const { store } = createRowsWorld('type Song @table(topic: "songs") { id: ID! }');
  let [turnsTaken, clock] = [0, 0];
  const hooks = { begin: () => (turnsTaken += 1), end: () => {} };
  // Every look at the clock is a second later: a turn is over after its first job.
  const turns = new Turns(store, hooks, () => (clock += 1_000));
  turns.add({ run: () => true });
  await nextLoop();
  expect(turnsTaken).toBe(1);
  for (let wakes = 0; wakes < 5; wakes += 1) turns.wake();
  expect(turnsTaken).toBe(1);
  await nextLoop();
  expect(turnsTaken).toBe(2);
  turns.close();
  const idle = new Turns(store, hooks);
  idle.wake();
  expect(turnsTaken).toBe(3);
  idle.close();
});

import { expect, test } from 'vitest';
import { createBounds } from '../../../src/ingest/bounds.ts';

test('records are counted by partition as they come, and none of topics that nobody reads', () => {
  const bounds = createBounds(['songs']);
  bounds.received('songs', 0, 3);
  bounds.received('songs', 1, 1);
  bounds.received('songs', 0, 2);
  bounds.received('other', 0, 9);
  expect(bounds.progress().records).toEqual(
    new Map([
      [
        'songs',
        new Map([
          [0, 5],
          [1, 1],
        ]),
      ],
    ]),
  );
});

test('it is known whether anything changed, so that nobody is told the same again', () => {
  const bounds = createBounds(['songs']);
  const seen = { topic: 'songs', partition: 0, start: 0, end: 5 };
  const steps: readonly (() => void)[] = [
    () => {},
    () => void bounds.seen(seen),
    () => void bounds.connected(false, 'no broker'),
    () => void bounds.connected(false, 'no route'),
    () => void bounds.connected(true, undefined),
    () => bounds.incident({ kind: 'topic-missing', topic: 'songs' }),
    () => bounds.partitions('songs', [0]),
    () => bounds.received('songs', 0, 1),
    () => bounds.seenEnd('songs', 0, 6),
  ];
  for (const step of steps) {
    step();
    expect(bounds.changed(), String(step)).toBe(true);
    // The same once more; records alone are others each time.
    if (!String(step).includes('received')) step();
    expect(bounds.changed(), String(step)).toBe(false);
  }
  bounds.received('songs', 0, 0);
  expect(bounds.changed()).toBe(false);
});

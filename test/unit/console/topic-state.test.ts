import { expect, test } from 'vitest';
import type { Phase, TopicStatus } from '../../../src/console/documents.ts';
import { isLagUnknown, topicState } from '../../../src/console/topic-state.ts';
import { partition, songs } from '../../support/console-status.ts';

const readers = (...phases: readonly Phase[]) => phases.map((phase, n) => ({ ...songs, name: `Song${n}`, phase }));
const of = (topic: Partial<TopicStatus>, ...phases: readonly Phase[]) => {
  const tables = readers(...phases);
  return topicState([{ ...partition, ...topic, tables: tables.map(({ name }) => name) }], tables);
};

test('a topic that is another one now is not caught up, whatever its offsets say', () => {
  expect(of({}, 'LIVE')).toBe('read');
  expect(of({}, 'RECREATED')).toBe('recreated');
  expect(of({ next: '900', end: '30', caughtUp: true }, 'RECREATED', 'RECREATED')).toBe('recreated');
  expect(of({}, 'HALTED', 'RECREATED')).toBe('stopped');
  expect(of({ caughtUp: false }, 'HALTED')).toBe('stopped');
  expect(of({ caughtUp: false }, 'HALTED', 'LIVE')).toBe('reading');
});

test('a topic that is not there was there if something of it was read; what waits in it is unknown', () => {
  const states = [
    of({ missing: true }, 'FILLING'),
    of({ missing: true, partition: null, next: null, end: null }, 'FILLING'),
    of({ partition: null, next: null, end: null }, 'FILLING'),
  ] as const;
  expect(states).toEqual(['gone', 'missing', 'unseen']);
  expect(states.every(isLagUnknown)).toBe(true);
});

import type { TableStatus, TopicStatus } from './documents.ts';

/**
 * How partitions of a topic are, as the tables that read it see them: `gone`: it was there; `unseen`: nothing of it is known yet;
 * `recreated` and `stopped`: no table reads it any more; `reading`: there is more than is read.
 */
export type TopicState = 'gone' | 'missing' | 'unseen' | 'recreated' | 'stopped' | 'read' | 'reading';

export function topicState(partitions: readonly TopicStatus[], tables: readonly TableStatus[]): TopicState {
  if (partitions.some(({ missing }) => missing)) return partitions.some(wasRead) ? 'gone' : 'missing';
  if (partitions.every(({ partition }) => partition === null)) return 'unseen';
  // Offsets of a topic that is another one now can look as if all were read.
  if (partitions.every((each) => readersAre(each, tables, ['RECREATED']))) return 'recreated';
  if (partitions.every((each) => isStopped(each, tables))) return 'stopped';
  return partitions.every(({ caughtUp }) => caughtUp) ? 'read' : 'reading';
}

/** Something of it was read before. */
export function wasRead({ next }: TopicStatus): boolean {
  return Number(next ?? 0) > 0;
}

/** What waits to be read cannot be known: there is no topic, or another one than what was read. */
export function isLagUnknown(state: TopicState): boolean {
  return state === 'gone' || state === 'missing' || state === 'unseen' || state === 'recreated';
}

/** No table reads it any more: those that could have said why. */
export function isStopped(topic: TopicStatus, tables: readonly TableStatus[]): boolean {
  return readersAre(topic, tables, ['HALTED', 'RECREATED']);
}

function readersAre(
  topic: TopicStatus,
  tables: readonly TableStatus[],
  phases: readonly TableStatus['phase'][],
): boolean {
  const readers = tables.filter(({ name }) => topic.tables.includes(name));
  return readers.length > 0 && readers.every(({ phase }) => phases.includes(phase));
}

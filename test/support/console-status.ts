import type { TableStatus, TopicStatus } from '../../src/console/documents.ts';

/** A table that is well, and its topic. */
export const songs: TableStatus = {
  name: 'Song',
  kind: 'TOPIC',
  mode: 'UPSERT',
  phase: 'LIVE',
  reason: null,
  rows: '10',
  bad: [],
  gaps: '0',
  takenOver: '0',
  repeats: '0',
  topics: ['songs'],
  sources: [],
};

export const partition: TopicStatus = {
  topic: 'songs',
  partition: 0,
  next: '100',
  end: '100',
  lag: '0',
  caughtUp: true,
  missing: false,
  records: '100',
  tables: ['Song'],
};

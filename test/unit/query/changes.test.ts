import { expect, test } from 'vitest';
import type { Change } from '../../../src/model/change.ts';
import type { Row } from '../../../src/model/row.ts';
import { coerceInput } from '../../../src/model/coerce.ts';
import { chartsSchema } from '../../support/charts.ts';
import { makeRow } from '../../support/make-row.ts';
import { toRow } from '../../support/memory-reader.ts';
import { createQueryWorld } from '../../support/query-world.ts';
import type { QueryWorld } from '../../support/query-world.ts';

function rowOf(world: QueryWorld, table: string, values: Record<string, unknown>): Row {
  const of = world.table(table);
  const coerced = Object.fromEntries(of.columns.map(({ name, type }) => [name, coerceInput(type, values[name])]));
  return toRow(makeRow(of, coerced));
}

const base = { title: 'One', genre: 'ROCK', artistId: 'a1', tags: [], updatedAt: 0, labelId: 'l1', plays: 1 };

test('a message goes through the selection: rows after, values before, ids of what left', () => {
  const world = createQueryWorld(chartsSchema);
  world.write('Artist', [{ id: 'a1', name: 'Nina' }]);
  const [s1, s2, s3] = ['s1', 's2', 's3'].map((id) => rowOf(world, 'Song', { ...base, id })) as [Row, Row, Row];
  const after = rowOf(world, 'Song', { ...base, id: 's2', title: 'Two', plays: '12345678901234567890', labelId: 'l2' });
  const changes: Change[] = [
    { kind: 'insert', key: s1.key, after: s1, timestampMs: 1_500 },
    { kind: 'update', key: s2.key, before: s2, after, timestampMs: 2_000 },
    { kind: 'delete', key: s3.key, before: s3, timestampMs: 3_000 },
  ];
  const { data, errors } = world.runChanges(
    `subscription { mine: songChanges {
      changes { operation rowId node { id title plays artist { name } } previous { title plays } changedFields timestamp }
      deletedIds deletedNodeIds position live reset complete
    } }`,
    { changes, position: 'here', live: false, reset: true, complete: false },
  );
  expect(errors).toEqual([]);
  const artist = { name: 'Nina' };
  expect(data).toEqual({
    mine: {
      changes: [
        {
          operation: 'INSERT',
          rowId: 's1',
          node: { id: 's1', title: 'One', plays: '1', artist },
          previous: null,
          changedFields: [],
          timestamp: '1970-01-01T00:00:01.500Z',
        },
        {
          operation: 'UPDATE',
          rowId: 's2',
          node: { id: 's2', title: 'Two', plays: '12345678901234567890', artist },
          previous: { title: 'One', plays: '1' },
          // Not labelId, which is hidden.
          changedFields: ['title', 'plays'],
          timestamp: '1970-01-01T00:00:02.000Z',
        },
        {
          operation: 'DELETE',
          rowId: 's3',
          node: null,
          previous: { title: 'One', plays: '1' },
          changedFields: [],
          timestamp: '1970-01-01T00:00:03.000Z',
        },
      ],
      deletedIds: ['s3'],
      deletedNodeIds: [Buffer.from('["Song","s3"]').toString('base64url')],
      position: 'here',
      live: false,
      reset: true,
      complete: false,
    },
  });
});

test('the id of a change is that of its row, also where the key is composite', () => {
  const world = createQueryWorld(chartsSchema);
  const row = rowOf(world, 'Play', { songId: 'a:b', n: 7, userId: 'u', playedAt: 0, msPlayed: 1 });
  const { data } = world.runChanges('subscription { playChanges { changes { rowId node { id nodeId } } } }', {
    changes: [{ kind: 'insert', key: row.key, after: row, timestampMs: 0 }],
  });
  const nodeId = Buffer.from('["Play","a:b",7]').toString('base64url');
  expect(data).toEqual({ playChanges: { changes: [{ rowId: 'a%3Ab:7', node: { id: 'a%3Ab:7', nodeId } }] } });
});

test('the answer of a change stream is at the position of its message', () => {
  const world = createQueryWorld(chartsSchema);
  const { text, position } = world.runChanges('subscription { songChanges { deletedIds } }', { position: 'then' });
  expect(text).toBe('{"songChanges":{"deletedIds":[]}}');
  expect(position).toBe('then');
});

import { expect, test } from 'vitest';
import { chartsSchema } from '../../support/charts.ts';
import { createQueryWorld } from '../../support/query-world.ts';

const query = `query ($after: String, $orderBy: [SongOrderBy!]) {
  songsConnection(first: 2, after: $after, orderBy: $orderBy) { edges { cursor node { id } } }
}`;
interface Found {
  readonly songsConnection: {
    readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  };
}

function createSongs() {
  const world = createQueryWorld(chartsSchema);
  world.write(
    'Song',
    ['s1', 's2', 's3', 's4'].map((id) => ({ id, title: 'same', genre: 'ROCK', artistId: 'a', tags: [], updatedAt: 0 })),
  );
  const ids = (after: string | null, orderBy?: unknown) =>
    world.run<Found>(query, { after, orderBy }).data.songsConnection.edges.map(({ node }) => node.id);
  const cursor = (orderBy?: unknown) =>
    world.run<Found>(query, { orderBy }).data.songsConnection.edges.at(-1)?.cursor ?? '';
  return { world, ids, cursor };
}

test('a cursor is a place in the order: it outlives its row', () => {
  const { world, ids, cursor } = createSongs();
  const place = cursor([{ title: 'ASC' }]);
  world.remove('Song', [{ id: 's2' }]);
  expect(ids(place, [{ title: 'ASC' }])).toEqual(['s3', 's4']);
});

test('a cursor of another order or table, or no cursor at all, is BAD_USER_INPUT', () => {
  const { world, cursor } = createSongs();
  const refused = (after: string, orderBy?: unknown) =>
    world
      .refuse(query, { after, orderBy })
      .map(({ message, extensions }) => `${String(extensions['code'])} ${message}`);
  expect(refused(cursor([{ title: 'ASC' }]), [{ title: 'DESC' }])[0]).toMatch(
    /^BAD_USER_INPUT after: .*title DESC, id ASC/,
  );
  expect(refused(cursor(), [{ title: 'DESC' }])).toHaveLength(1);
  world.write('Artist', [{ id: 'a', name: 'x' }]);
  const other = world.run<{ artistsConnection: { pageInfo: { endCursor: string } } }>(
    '{ artistsConnection { pageInfo { endCursor } } }',
  );
  expect(refused(other.data.artistsConnection.pageInfo.endCursor)).toHaveLength(1);
  for (const none of ['', 'x', Buffer.from('{}').toString('base64url'), `${cursor()}=`, `!${cursor()}`]) {
    expect(refused(none)[0], none).toMatch(/^BAD_USER_INPUT after: this is no cursor/);
  }
});

test.each([
  ['plays', '5', '"s1"'],
  ['plays', '1e400', '"s1"'],
  ['plays', '"05"', '"s1"'],
  ['price', '"x"', '"s1"'],
  ['price', '"1e999999999"', '"s1"'],
  ['genre', '"POLKA"', '"s1"'],
  ['genre', 'null', '"s1"'],
  ['genre', '"ROCK"', 'null'],
  ['updatedAt', '"2026-13-01T00:00:00.000Z"', '"s1"'],
  ['updatedAt', '1e400', '"s1"'],
  ['durationMs', '1e400', '"s1"'],
  ['durationMs', '1.5', '"s1"'],
  ['durationMs', '-0', '"s1"'],
])('a cursor that was never given is BAD_USER_INPUT: ordered by %s, of %s and %s', (column, value, id) => {
  const { world, cursor } = createSongs();
  const orderBy = [{ [column]: 'ASC' }];
  const [hash] = JSON.parse(Buffer.from(cursor(orderBy), 'base64url').toString()) as [string];
  const after = Buffer.from(`["${hash}",${value},${id}]`).toString('base64url');
  expect(world.refuse(query, { after, orderBy })[0]).toMatchObject({
    message: 'after: this is no cursor. Pass a cursor of this connection unchanged.',
    extensions: { code: 'BAD_USER_INPUT' },
  });
});

test('a page larger than @limit allows is LIMIT_EXCEEDED', () => {
  const { world } = createSongs();
  for (const size of ['first: 101', 'last: 101']) {
    expect(world.refuse(`{ songsConnection(${size}) { totalCount } }`)[0]?.extensions['code']).toBe('LIMIT_EXCEEDED');
  }
  expect(world.refuse('{ songsConnection(first: -1) { totalCount } }')[0]?.extensions['code']).toBe('BAD_USER_INPUT');
});

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

const all = `query ($orderBy: [SongOrderBy!]) { songsConnection(orderBy: $orderBy) { edges { cursor node { id } } } }`;
const page = `query ($orderBy: [SongOrderBy!], $where: SongWhere, $after: String, $before: String) {
  songsConnection(orderBy: $orderBy, where: $where, after: $after, before: $before) {
    edges { node { id } } pageInfo { hasPreviousPage hasNextPage }
  }
}`;

test.each([
  [[{ plays: 'DESC_NULLS_LAST' }]],
  [[{ plays: 'ASC_NULLS_FIRST' }]],
  [[{ plays: 'DESC' }]],
  [[{ genre: 'ASC' }, { plays: 'ASC_NULLS_FIRST' }]],
  [[{ genre: 'DESC' }, { plays: 'DESC_NULLS_LAST' }]],
])('the place of a row that has null parts rows that have not, in the order %j', (orderBy) => {
  const world = createQueryWorld(chartsSchema);
  const rest = { title: 'x', artistId: 'a', tags: [], updatedAt: 0 };
  const rows = [1, 2, null, 3, null].flatMap((plays, i) =>
    ['ROCK', 'JAZZ'].map((genre) => ({ ...rest, id: `${genre} ${i}`, genre, plays })),
  );
  world.write('Song', rows);
  const { edges } = world.run<Found>(all, { orderBy }).data.songsConnection;
  const where = { plays: { isNull: false } };
  const has = new Set(rows.flatMap(({ id, plays }) => (plays === null ? [] : id)));
  for (const [place, { cursor }] of edges.entries()) {
    const ids = (given: typeof edges) => given.map(({ node }) => node.id).filter((id) => has.has(id));
    const behind = ids(edges.slice(place + 1));
    const ahead = ids(edges.slice(0, place));
    const self = has.has(edges[place]?.node.id ?? '');
    const ask = (args: Record<string, unknown>) => world.run(page, { orderBy, where, ...args }).data;
    const shown = (given: readonly string[]) => given.map((id) => ({ node: { id } }));
    expect(ask({ after: cursor }), `after ${place}`).toEqual({
      songsConnection: {
        edges: shown(behind),
        pageInfo: { hasPreviousPage: ahead.length > 0 || self, hasNextPage: false },
      },
    });
    expect(ask({ before: cursor }), `before ${place}`).toEqual({
      songsConnection: {
        edges: shown(ahead),
        pageInfo: { hasPreviousPage: false, hasNextPage: behind.length > 0 || self },
      },
    });
  }
});

test('a place whose row does not match ends no page before rows that do', () => {
  const { world } = createSongs();
  world.write('Song', [
    { id: 's3', title: 'same', genre: 'ROCK', artistId: 'a', tags: [], updatedAt: 0, durationMs: 5 },
  ]);
  const orderBy = [{ durationMs: 'ASC' }];
  const { edges } = world.run<Found>(all, { orderBy }).data.songsConnection;
  expect(edges.map(({ node }) => node.id)).toEqual(['s3', 's1', 's2', 's4']);
  const { data } = world.run(page, { orderBy, where: { durationMs: { eq: 5 } }, before: edges[1]?.cursor });
  expect(data).toMatchObject({ songsConnection: { edges: [{ node: { id: 's3' } }] } });
});

test('a page larger than @limit allows is LIMIT_EXCEEDED', () => {
  const { world } = createSongs();
  for (const size of ['first: 101', 'last: 101']) {
    expect(world.refuse(`{ songsConnection(${size}) { totalCount } }`)[0]?.extensions['code']).toBe('LIMIT_EXCEEDED');
  }
  expect(world.refuse('{ songsConnection(first: -1) { totalCount } }')[0]?.extensions['code']).toBe('BAD_USER_INPUT');
});

test('a cursor of a row that the filter leaves out is a place among those of one index value, too', () => {
  const world = createQueryWorld(
    'type Item @table(topic: "i") @key(fields: "a b") @index(fields: "b") { a: String! b: Int! }',
  );
  world.write('Item', [
    { a: 'x', b: 2 },
    { a: 'z', b: 0 },
  ]);
  const connection = (args: string) =>
    world.run<{
      itemsConnection: { edges: { cursor: string; node: { a: string } }[]; pageInfo: { hasNextPage: boolean } };
    }>(`{ itemsConnection(${args}) { edges { cursor node { a } } pageInfo { hasNextPage } } }`).data.itemsConnection;
  const place = connection('first: 1').edges[0]?.cursor ?? '';
  const before = connection(`where: { b: { in: [0] } }, before: "${place}"`);
  expect(before).toEqual({ edges: [], pageInfo: { hasNextPage: true } });
  expect(connection(`where: { b: { in: [0] } }, after: "${place}"`).edges.map(({ node }) => node.a)).toEqual(['z']);
});

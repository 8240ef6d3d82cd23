import { expect, test } from 'vitest';
import { chartsSchema } from '../../support/charts.ts';
import { createQueryWorld } from '../../support/query-world.ts';

test('explain says per field which index or scan it uses, and what its live version costs', () => {
  const world = createQueryWorld(chartsSchema);
  const explain = (query: string) =>
    world.read((snapshot) => world.engine.explain(world.prepare(query), snapshot)).map(Object.values);
  expect(
    explain(`{
      song(id: "s1") { id artist { name } }
      jazz: songs(where: { genre: { eq: JAZZ } }, orderBy: [{ plays: DESC }]) { listens(orderBy: [{ playedAt: ASC }]) { n } }
      songs(where: { price: { gt: 1 } }, orderBy: [{ title: ASC }]) { id }
      some: songs(where: { or: [{ id: { in: ["a", "b"] } }, { isrc: { eq: "x" } }] }) { id }
      cheap: songs(orderBy: [{ price: ASC }]) { id }
      artistsConnection(where: { name: { startsWith: "N" } }) { totalCount }
      _meta { position }
    }`),
  ).toMatchInlineSnapshot(`
    [
      [
        "song",
        "one row of Song by key",
        "by key",
      ],
      [
        "song.artist",
        "Artist by key",
        "by key",
      ],
      [
        "jazz",
        "Song by index "genre plays" where genre = …, in order",
        "by index range",
      ],
      [
        "jazz.listens",
        "Play by key where songId = …, sorted in memory by playedAt ASC, songId ASC, n ASC",
        "by key range",
      ],
      [
        "songs",
        "Song by a scan of the whole index "title", in order, tested row by row, all 0 rows (scanLimit 10000); @index(fields: "price") on type Song would serve it",
        "by index range",
      ],
      [
        "some",
        "2 ranges of Song, one for each part of "or": by key; by index "isrc" where isrc = …, sorted in memory",
        "by index range",
      ],
      [
        "cheap",
        "Song by a scan of the whole table, sorted in memory by price ASC, id ASC, all 0 rows (scanLimit 10000); @index(fields: "price") on type Song would serve it",
        "every change of Song",
      ],
      [
        "artistsConnection",
        "Artist by index "name" where name in a range, sorted in memory by id ASC",
        "by index range",
      ],
    ]
  `);
  expect(explain('subscription { songChanges(where: { artist: { name: { eq: "x" } } }) { position } }'))
    .toMatchInlineSnapshot(`
    [
      [
        "songChanges",
        "the change feed of Song, filtered by where",
        "every change of Song and of Artist",
      ],
    ]
  `);
});

test('explain says where rows are read from the index', () => {
  const world = createQueryWorld(`type Song @table(topic: "songs") @index(fields: "genre title", covering: true) {
    id: ID!
    genre: String @index
    title: String
  }`);
  const asked = world.prepare('{ songs(where: { genre: { eq: "jazz" } }, orderBy: [{ title: ASC }]) { id } }');
  expect(world.read((snapshot) => world.engine.explain(asked, snapshot))[0]?.access).toBe(
    'Song by covering index "genre title" where genre = …, in order',
  );
});

test('explain names the index that would help, and only such a one', () => {
  const world = createQueryWorld(
    `type Product @table(topic: "products") {
      id: ID!
      name: String! @index
      price: Float
      stock: Int
      makerId: ID @index
      maker: Maker @relation(fields: ["makerId"])
    }
    type Maker @table(topic: "makers") {
      id: ID!
      name: String!
      products: [Product!]! @relation(references: ["makerId"])
    }`,
    { limits: { scanLimit: 2 } },
  );
  const remedies = {
    'products(where: { price: { gt: 1 } }, orderBy: [{ name: ASC }]) { id }': 'price',
    'products(where: { price: { gt: 1 } }, orderBy: [{ stock: ASC }]) { id }': 'price',
    'products(where: { stock: { isNull: false }, price: { gt: 1 } }) { id }': 'price',
    'products(where: { stock: { eq: 5 } }, orderBy: [{ name: ASC }]) { id }': 'stock name',
    'products(orderBy: [{ stock: DESC }]) { id }': 'stock',
    'products(where: { price: { isNull: false } }, orderBy: [{ stock: ASC }]) { id }': undefined,
    'products(where: { maker: { name: { eq: "x" } } }, orderBy: [{ stock: ASC }]) { id }': undefined,
    'makers(where: { products: { some: { price: { gt: 1 } } } }, orderBy: [{ name: ASC }]) { id }': undefined,
  };
  const rows = ['a', 'b', 'c'].map((id) => ({ id, name: id, stock: 1, price: 0 }));
  const explain = (query: string): string =>
    world.read((snapshot) => world.engine.explain(world.prepare(query), snapshot))[0]?.access ?? '';
  const named = (text: string): string | undefined => /@index\(fields: "(.*?)"\)/.exec(text)?.[1];
  for (const [field, index] of Object.entries(remedies)) {
    const access = explain(`{ ${field} }`);
    expect(named(access), field).toBe(index);
    expect(access, field).toContain('all 0 rows (scanLimit 2)');
  }
  world.write('Product', rows);
  world.write('Maker', rows);
  for (const [field, index] of Object.entries(remedies)) {
    expect(explain(`{ ${field} }`), field).toContain('up to 2 of 3 rows (scanLimit)');
    const [error] = world.run(`{ ${field} }`).errors;
    expect(error?.extensions, field).toMatchObject({ code: 'UNINDEXED_SCAN' });
    expect(error?.extensions['index'], field).toBe(index);
    expect(named(error?.message ?? ''), field).toBe(index);
  }
});

test('explain names the other tables whose changes reach a live query through its where', () => {
  const world = createQueryWorld(chartsSchema);
  const live = (query: string) =>
    world.read((snapshot) => world.engine.explain(world.prepare(query), snapshot)).map((field) => field.live);
  const where = '{ genre: { eq: JAZZ }, artist: { songs: { some: { title: { eq: "x" } } } } }';
  expect(live(`{ songs(where: ${where}) { id } }`)).toEqual([
    'by index range, and the rows of Artist that where reaches, and the rows of Song that where reaches',
  ]);
  expect(live('{ artists(where: { songs: { some: { plays: { gt: 1 } } } }) { id } }')).toEqual([
    'by index range, and the rows of Song that where reaches',
  ]);
  expect(live(`subscription { songChanges(where: ${where}) { position } }`)).toEqual([
    'every change of Song and of Artist',
  ]);
});

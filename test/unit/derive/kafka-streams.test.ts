import { afterEach, describe, expect, test } from 'vitest';
import { createTestGateway } from '../../../src/testing.ts';
import type { TestGateway } from '../../../src/testing.ts';

/**
 * What the tests of Kafka Streams say that its operators do, said of ours: each case is named after theirs, with our own content. Where
 * we differ on purpose the case says so; `kafka-streams.md` beside this file lists why.
 */

let gateway: TestGateway | undefined;
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

/** One commit per record, as their test driver has it. */
async function open(schema: string): Promise<{
  put(topic: string, key: string, value: unknown, timestamp?: number): Promise<void>;
  ask(query: string): Promise<unknown>;
  /** Changes of a table since it was asked, as `OPERATION` and what `shown` is in the row. */
  changes(field: string, shown?: string): Promise<() => readonly string[]>;
}> {
  const opened = await createTestGateway({ schema });
  gateway = opened;
  return {
    put: async (topic, key, value, timestamp = 0) => {
      await opened.produce({ topic, key, value, timestamp });
    },
    ask: async (query) => Object.values((await opened.query(`{ ${query} }`)).data as object)[0] as unknown,
    async changes(field, shown) {
      const row = shown === undefined ? 'rowId' : `node { ${shown} } previous { ${shown} }`;
      const stream = await opened.subscribe(`subscription { ${field} { changes { operation ${row} } } }`);
      stream.frames();
      return () =>
        stream
          .frames()
          .flatMap(({ data }) => (data as Record<string, { changes: readonly Change[] }>)[field]?.changes ?? [])
          .map(({ operation, rowId, node, previous }) =>
            shown === undefined ? `${operation} ${rowId}` : `${operation} ${String((node ?? previous)?.[shown])}`,
          );
    },
  };
}

interface Change {
  readonly operation: string;
  readonly rowId: string;
  readonly node: Record<string, unknown> | null;
  readonly previous: Record<string, unknown> | null;
}

describe('KTableAggregate', () => {
  const schema = `
    type Paint @table(topic: "paints") { id: ID! colour: String litres: Int! }
    type Stock @aggregation(source: "Paint") {
      colour: String
      pots: Int! @aggregate(fn: COUNT)
      litres: Int! @aggregate(fn: SUM, arg: "litres")
    }`;
  const stocks = 'stocks { colour pots litres }';

  test('an update subtracts the old value and adds the new one', async () => {
    const { put, ask } = await open(schema);
    await put('paints', 'p1', { colour: 'green', litres: 5 });
    await put('paints', 'p2', { colour: 'green', litres: 2 });
    await put('paints', 'p1', { colour: 'green', litres: 1 });
    expect(await ask(stocks)).toEqual([{ colour: 'green', pots: 2, litres: 3 }]);
  });

  test('a row that changes its group is subtracted from the old one and added to the new one', async () => {
    const { put, ask } = await open(schema);
    await put('paints', 'p1', { colour: 'green', litres: 5 });
    await put('paints', 'p2', { colour: 'green', litres: 2 });
    await put('paints', 'p1', { colour: 'blue', litres: 5 });
    expect(await ask(stocks)).toEqual([
      { colour: 'blue', pots: 1, litres: 5 },
      { colour: 'green', pots: 1, litres: 2 },
    ]);
  });

  test('old and new value in one group are one update, without a result between (KIP-904)', async () => {
    const { put, changes } = await open(schema);
    await put('paints', 'p1', { colour: 'green', litres: 5 });
    const told = await changes('stockChanges', 'litres');
    await put('paints', 'p1', { colour: 'green', litres: 6 });
    expect(told()).toEqual(['UPDATE 6']);
  });

  test('updates within one commit are coalesced', async () => {
    const { changes } = await open(schema);
    const told = await changes('stockChanges', 'litres');
    const value = (litres: number) => ({ topic: 'paints', key: 'p1', value: { colour: 'green', litres } });
    await gateway?.produce([value(1), value(3), value(4)]);
    expect(told()).toEqual(['INSERT 4']);
  });

  test('a tombstone for a key that is not there changes nothing', async () => {
    const { put, ask, changes } = await open(schema);
    const told = await changes('stockChanges', 'colour');
    await put('paints', 'p1', null);
    expect([await ask(stocks), told()]).toEqual([[], []]);
  });

  test('differs: a group whose last row goes is gone, where a count of theirs stays at 0', async () => {
    const { put, ask, changes } = await open(schema);
    await put('paints', 'p1', { colour: 'green', litres: 5 });
    const told = await changes('stockChanges', 'colour');
    await put('paints', 'p1', null);
    expect([await ask(stocks), told()]).toEqual([[], ['DELETE green']]);
    await put('paints', 'p1', { colour: 'green', litres: 1 });
    expect(await ask(stocks)).toEqual([{ colour: 'green', pots: 1, litres: 1 }]);
  });

  test('differs: rows whose group is null are a group, where theirs are skipped', async () => {
    const { put, ask } = await open(schema);
    await put('paints', 'p1', { colour: null, litres: 5 });
    await put('paints', 'p2', { litres: 2 });
    expect(await ask(stocks)).toEqual([{ colour: null, pots: 2, litres: 7 }]);
  });
});

describe('KTableSource', () => {
  const schema = 'type Paint @table(topic: "paints") { id: ID! colour: String! }';

  test('the record with the greater offset wins, whatever its timestamp', async () => {
    const { put, ask } = await open(schema);
    await put('paints', 'p1', { colour: 'new' }, 2_000);
    await put('paints', 'p1', { colour: 'sent later' }, 1_000);
    expect(await ask('paints { colour }')).toEqual([{ colour: 'sent later' }]);
  });

  test('differs: a record without key is a dead letter, where theirs is dropped and counted', async () => {
    await open(schema);
    await gateway?.produce({ topic: 'paints', value: { colour: 'none' } });
    const snapshot = gateway?.store.snapshot();
    const letters = snapshot?.deadLetters(gateway!.catalog.tables[0]!, 10) ?? [];
    snapshot?.release();
    expect(letters).toHaveLength(1);
  });
});

describe('KTableFilter', () => {
  const schema = `
    type Paint @table(topic: "paints") { id: ID! litres: Int! }
    type Plenty @view(source: "Paint", where: { litres: { gte: 10 } }) { id: ID! litres: Int! }`;

  test('a row that no longer passes is deleted; one that never passed is not told of', async () => {
    const { put, changes } = await open(schema);
    const told = await changes('plentyChanges');
    await put('paints', 'few', { litres: 1 });
    await put('paints', 'few', { litres: 2 });
    await put('paints', 'few', null);
    expect(told()).toEqual([]);
    await put('paints', 'many', { litres: 10 });
    await put('paints', 'many', { litres: 9 });
    await put('paints', 'many', { litres: 8 });
    expect(told()).toEqual(['INSERT many', 'DELETE many']);
  });

  test('differs: a row that passes unchanged is not told of again', async () => {
    const { put, changes } = await open(schema);
    await put('paints', 'many', { litres: 10 });
    const told = await changes('plentyChanges');
    await put('paints', 'many', { litres: 10 });
    expect(told()).toEqual([]);
  });
});

describe('KTableKTableForeignKeyJoin', () => {
  const schema = `
    type Artist @table(topic: "artists") { id: ID! name: String! }
    type Song @table(topic: "songs") { id: ID! artistId: ID title: String! artist: Artist @relation(fields: ["artistId"]) }
    type Left @view(source: "Song") { id: ID! title: String! name: String @from(path: "artist.name") }
    type Inner @view(source: "Song", where: { artist: { id: { isNull: false } } }) {
      id: ID!
      name: String @from(path: "artist.name")
    }`;
  const left = 'lefts { id name }';
  const inner = 'inners { id name }';

  test('rows of the left side arrive first, or the right one: the result is the same', async () => {
    const { put, ask } = await open(schema);
    await put('songs', 's1', { artistId: 'a1', title: 'x' });
    expect([await ask(left), await ask(inner)]).toEqual([[{ id: 's1', name: null }], []]);
    await put('artists', 'a1', { name: 'Ann' });
    await put('songs', 's2', { artistId: 'a1', title: 'y' });
    const both = [
      { id: 's1', name: 'Ann' },
      { id: 's2', name: 'Ann' },
    ];
    expect([await ask(left), await ask(inner)]).toEqual([both, both]);
  });

  test('a change of the right side is told to every left row that refers to it, and to no other', async () => {
    const { put, changes } = await open(schema);
    await put('artists', 'a1', { name: 'Ann' });
    await put('artists', 'a2', { name: 'Bob' });
    await put('songs', 's1', { artistId: 'a1', title: 'x' });
    await put('songs', 's2', { artistId: 'a1', title: 'y' });
    await put('songs', 's3', { artistId: 'a2', title: 'z' });
    const told = await changes('leftChanges');
    await put('artists', 'a1', { name: 'Anna' });
    expect(told().toSorted()).toEqual(['UPDATE s1', 'UPDATE s2']);
  });

  test('a tombstone on the right deletes from the inner join, and gives nulls in the left one', async () => {
    const { put, ask } = await open(schema);
    await put('artists', 'a1', { name: 'Ann' });
    await put('songs', 's1', { artistId: 'a1', title: 'x' });
    await put('artists', 'a1', null);
    expect([await ask(left), await ask(inner)]).toEqual([[{ id: 's1', name: null }], []]);
  });

  test('a tombstone on the left deletes from both; of a key that is not there it tells nothing', async () => {
    const { put, ask, changes } = await open(schema);
    await put('artists', 'a1', { name: 'Ann' });
    await put('songs', 's1', { artistId: 'a1', title: 'x' });
    const told = await changes('leftChanges');
    await put('songs', 's1', null);
    await put('songs', 's1', null);
    await put('songs', 'never', null);
    expect([await ask(left), await ask(inner), told()]).toEqual([[], [], ['DELETE s1']]);
  });

  test('a left row that changes its foreign key follows the new right row and no longer the old one', async () => {
    const { put, ask, changes } = await open(schema);
    await put('artists', 'a1', { name: 'Ann' });
    await put('artists', 'a2', { name: 'Bob' });
    await put('songs', 's1', { artistId: 'a1', title: 'x' });
    await put('songs', 's1', { artistId: 'a2', title: 'x' });
    const told = await changes('leftChanges');
    await put('artists', 'a1', { name: 'Anna' });
    expect(told()).toEqual([]);
    await put('artists', 'a2', { name: 'Bobby' });
    expect([await ask(left), told()]).toEqual([[{ id: 's1', name: 'Bobby' }], ['UPDATE s1']]);
  });

  test('a foreign key that matches nothing leaves the inner join and stays in the left one', async () => {
    const { put, ask } = await open(schema);
    await put('artists', 'a1', { name: 'Ann' });
    await put('songs', 's1', { artistId: 'a1', title: 'x' });
    await put('songs', 's1', { artistId: 'nobody', title: 'x' });
    expect([await ask(left), await ask(inner)]).toEqual([[{ id: 's1', name: null }], []]);
  });

  test('a null foreign key is kept by the left join and not by the inner one (KIP-962)', async () => {
    const { put, ask } = await open(schema);
    await put('songs', 's1', { artistId: null, title: 'x' });
    expect([await ask(left), await ask(inner)]).toEqual([[{ id: 's1', name: null }], []]);
  });

  test('a right row that changes nothing the join shows is not told of', async () => {
    const { put, changes } = await open(schema);
    await put('artists', 'a1', { name: 'Ann' });
    await put('songs', 's1', { artistId: 'a1', title: 'x' });
    const told = await changes('leftChanges');
    await put('artists', 'a1', { name: 'Ann' });
    expect(told()).toEqual([]);
  });
});

describe('table-table join on the key', () => {
  const schema = `
    type Name @table(topic: "names") { id: ID! text: String! price: Price @relation(fields: ["id"]) }
    type Price @table(topic: "prices") { id: ID! cents: Int! }
    type Offer @view(source: "Name") { id: ID! text: String! cents: Int @from(path: "price.cents") }`;

  test('every step of a left join, tombstones included', async () => {
    const { put, ask } = await open(schema);
    const seen: unknown[] = [];
    const step = async (topic: string, value: unknown) => {
      await put(topic, 'k', value);
      seen.push(((await ask('offers { text cents }')) as unknown[])[0] ?? null);
    };
    await step('names', null);
    await step('prices', null);
    await step('names', { text: 'A' });
    await step('prices', { cents: 1 });
    await step('names', { text: 'B' });
    await step('prices', { cents: 2 });
    await step('names', null);
    await step('names', { text: 'C' });
    await step('prices', null);
    await step('names', null);
    await step('prices', { cents: 3 });
    await step('names', { text: 'D' });
    expect(seen).toEqual([
      null,
      null,
      { text: 'A', cents: null },
      { text: 'A', cents: 1 },
      { text: 'B', cents: 1 },
      { text: 'B', cents: 2 },
      null,
      { text: 'C', cents: 2 },
      { text: 'C', cents: null },
      null,
      null,
      { text: 'D', cents: 3 },
    ]);
  });
});

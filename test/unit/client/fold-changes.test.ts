import fc from 'fast-check';
import { parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import { streamVariables } from '../../../src/client/change-stream.ts';
import { foldChanges, live } from '../../../src/client/client.ts';

interface Row {
  readonly id: string;
  readonly n: number;
}
const row = (id: string, n: number): Row => ({ id, n });
const upsert = (node: Row) => ({ operation: 'UPDATE' as const, rowId: node.id, node });
const gone = (rowId: string) => ({ operation: 'DELETE' as const, rowId, node: null });

describe('folding', () => {
  const rows = [row('a', 1), row('b', 2)];

  test('rows are inserted last, updated where they are, and deleted; the others are the same objects', () => {
    const folded = foldChanges(rows, { changes: [upsert(row('a', 9)), upsert(row('c', 0))] });
    expect(folded).toEqual([row('a', 9), row('b', 2), row('c', 0)]);
    expect(folded[1]).toBe(rows[1]);
    expect(foldChanges(rows, { changes: [gone('a')] })).toEqual([row('b', 2)]);
    expect(foldChanges(rows, { deletedIds: ['b'] })).toEqual([row('a', 1)]);
  });

  test('a reset forgets the rows there were', () => {
    expect(foldChanges(rows, { reset: true, changes: [upsert(row('z', 1))] })).toEqual([row('z', 1)]);
  });

  test('rows are where the order says, and the list that was is left alone', () => {
    const compare = (a: Row, b: Row) => b.n - a.n;
    expect(foldChanges(rows, { changes: [upsert(row('a', 3))] }, { compare })).toEqual([row('a', 3), row('b', 2)]);
    expect(rows).toEqual([row('a', 1), row('b', 2)]);
  });

  test('however changes are cut into messages, the rows are those of a map', () => {
    const change = fc.oneof(
      fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), n: fc.nat(9) }).map(upsert),
      fc.constantFrom('a', 'b', 'c', 'd').map(gone),
    );
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(change, { selector: ({ rowId }) => rowId })), (messages) => {
        const map = new Map<string, Row>();
        for (const { rowId, node } of messages.flat()) {
          if (node === null) map.delete(rowId);
          else map.set(rowId, node);
        }
        const compare = (a: Row, b: Row) => (a.id < b.id ? -1 : 1);
        let folded: Row[] = [];
        for (const changes of messages) folded = foldChanges(folded, { changes }, { compare });
        expect(folded).toEqual([...map.values()].toSorted(compare));
      }),
    );
  });
});

describe('documents', () => {
  test('the live version of a query is the same with another word, and the same document each time', () => {
    const query = parse('query Songs($n: Int) { songs(limit: $n) { ...S } } fragment S on Song { id }');
    expect(print(live(query))).toBe(print(query).replace('query', 'subscription'));
    expect(live(query)).toBe(live(query));
    expect(live(query).loc).toBeUndefined();
  });

  test('there is no live version of a query of several fields', () => {
    const several = parse('query Page { songs { id } newest: songs(limit: 1) { id } }');
    expect(() => live(several)).toThrow('A subscription has one field: split the query of songs, newest.');
    // The same field twice is one.
    expect(() => live(parse('{ songs { id } songs { title } }'))).not.toThrow();
  });

  test("the live version of a persisted query has the query's hash under another name", () => {
    const query = Object.assign(parse('{ songs { id } }'), { __meta__: { hash: 'sha256:1' } });
    expect(live(query)).toMatchObject({ __meta__: { liveHash: 'sha256:1' } });
    expect(live(query).__meta__).not.toHaveProperty('hash');
  });

  test.each([
    [
      'subscription S($after: String) { songChanges(after: $after, snapshot: true) { position } }',
      'after',
      undefined,
      true,
    ],
    ['subscription S($a: String) { songChanges(after: $a, snapshot: false) { position } }', 'a', undefined, false],
    ['subscription SongChanges($from: String) { x: songChanges(after: $from) { position } }', 'from', undefined, false],
    [
      'subscription S($a: String, $s: Boolean) { songChanges(where: { title: { eq: ")" } }, snapshot: $s, after: $a) { live } }',
      'a',
      's',
      true,
    ],
  ])('%s says how it is resumed', (text, after, snapshot, resets) => {
    expect(streamVariables(text)).toEqual({ after, snapshot, resets });
  });

  test.each([
    'subscription { songChanges { position } }',
    'subscription ($after: String) { songsConnection(after: $after) { nodes { id } } }',
    'subscription { songChanges(after: "W10") { position } }',
  ])('%s does not', (text) => {
    expect(streamVariables(text)).toBeUndefined();
  });
});

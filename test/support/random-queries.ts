import fc from 'fast-check';
import { buildCatalog } from '../../src/catalog/build.ts';
import type { Catalog, Table } from '../../src/catalog/catalog.ts';
import { must } from '../../src/common/errors.ts';
import type { NewRow } from '../../src/model/row.ts';
import type { Value } from '../../src/model/value.ts';
import { makeRow } from './make-row.ts';

/** Random tables, with any choice of indexes, and random questions about them. Few values, so that they meet. */

const indexable = ['a', 'b', 'c', 'd', 'e', 'f', 'parentId', 'k2', 'c a', 'a b', 'c b a', 'b d', 'parentId a', 'd k2'];

const indexChoices = fc.subarray(indexable).chain(coveringOrNot);

function coveringOrNot(names: readonly string[]): fc.Arbitrary<readonly IndexChoice[]> {
  return fc.tuple(...names.map((name) => fc.record({ name: fc.constant(name), covering: fc.boolean() })));
}

interface IndexChoice {
  readonly name: string;
  readonly covering: boolean;
}

function itemCatalog(indexes: readonly IndexChoice[]): Catalog {
  // A relation needs one.
  const needed = indexes.some(({ name }) => name === 'parentId') ? [] : [{ name: 'parentId', covering: false }];
  const declared = [...indexes, ...needed]
    .map(({ name, covering }) => `@index(fields: "${name}", covering: ${covering})`)
    .join(' ');
  const text = `
    enum Color { RED GREEN BLUE }
    type Parent @table(topic: "parents") {
      id: ID!
      name: String
      items: [Item!]! @relation(references: ["parentId"])
    }
    type Item @table(topic: "items") @key(fields: "k1 k2") @limit(default: 7, max: 1000) ${declared} {
      k1: String!
      k2: Int!
      a: Int
      b: String
      c: Color!
      d: DateTime
      e: Decimal
      f: Boolean
      parentId: ID
      parent: Parent @relation(fields: ["parentId"])
      twins: [Item!]! @relation(fields: ["k1"], references: ["k1"])
    }`;
  return buildCatalog([{ file: 'items.graphql', text }]);
}

/** Texts that an index cuts alike, at 512 bytes and before. */
const long = 'long'.repeat(140);

const values = {
  k1: ['x', 'y', 'z:1', `${'k'.repeat(600)}1`, `${'k'.repeat(600)}2`],
  k2: [0, 1, 2, 3],
  a: [null, -1, 0, 1, 2],
  b: [null, '', 'ab', 'abc', 'b', 'é', '😀', `${long}1`, `${long}2`, `${long}3`, `${long}4`, long],
  c: ['RED', 'GREEN', 'BLUE'],
  d: [null, 0n, 1_000n, 2_500_000n],
  e: [null, '1', '1.0', '2.5', '-3'],
  f: [null, true, false],
  parentId: [null, 'p1', 'p2', 'p3'],
} as const satisfies Readonly<Record<string, readonly Value[]>>;
type ItemColumn = keyof typeof values;
const columns = Object.keys(values) as ItemColumn[];

const itemValues = fc.record({
  ...Object.fromEntries(columns.map((name) => [name, fc.constantFrom<Value>(...values[name])])),
  k2: fc.oneof(fc.constantFrom<Value>(...values.k2), fc.nat(40)),
});

export interface Items {
  readonly catalog: Catalog;
  readonly rowsByTable: ReadonlyMap<Table, readonly NewRow[]>;
}

const fewRows = fc.array(itemValues, { maxLength: 40, size: 'max' });

/** More rows of one value than are held while they are turned round; and many whose texts an index cuts alike. */
const manyRows = fc.array(
  fc.record({
    ...Object.fromEntries(columns.map((name) => [name, fc.constantFrom<Value>(...values[name])])),
    k2: fc.nat(80),
    c: fc.constantFrom<Value>('RED', 'RED', 'BLUE'),
    f: fc.constantFrom<Value>(true, null),
    b: fc.constantFrom<Value>(null, 'ab', `${long}1`, `${long}2`, `${long}3`, long),
  }),
  { minLength: 150, maxLength: 250, size: 'max' },
);

export const items = itemsOf(indexChoices, fc.oneof({ weight: 5, arbitrary: fewRows }, manyRows));

/** With every index there is. */
export const crowds = itemsOf(coveringOrNot(indexable), manyRows);

function itemsOf(
  indexes: fc.Arbitrary<readonly IndexChoice[]>,
  rows: fc.Arbitrary<readonly Readonly<Record<string, Value>>[]>,
): fc.Arbitrary<Items> {
  return fc
    .record({ indexes, rows, parents: fc.subarray(['p1', 'p2']) })
    .map((given) => makeItems(given.indexes, given.rows, given.parents));
}

function makeItems(
  indexes: readonly IndexChoice[],
  rows: readonly Readonly<Record<string, Value>>[],
  parents: readonly string[],
): Items {
  const catalog = itemCatalog(indexes);
  const item = must(catalog.tablesByName.get('Item'), 'Item');
  const parent = must(catalog.tablesByName.get('Parent'), 'Parent');
  const unique = new Map(rows.map((row) => [`${String(row['k1'])}/${String(row['k2'])}`, row]));
  return {
    catalog,
    rowsByTable: new Map([
      [item, [...unique.values()].map((row) => makeRow(item, row))],
      [parent, parents.map((id) => makeRow(parent, { id, name: id === 'p1' ? 'one' : null }))],
    ]),
  };
}

const operandOf = (name: ItemColumn): fc.Arbitrary<unknown> =>
  fc.constantFrom(...values[name].filter((value) => value !== null)).map(toInput);

function toInput(value: Value): unknown {
  return typeof value === 'bigint' ? new Date(Number(value / 1_000n)).toISOString() : value;
}

function condition(name: ItemColumn): fc.Arbitrary<Record<string, unknown>> {
  const operand = operandOf(name);
  const list = fc.array(operand, { maxLength: 3 });
  const isNull = fc.record({ isNull: fc.boolean() });
  const same: fc.Arbitrary<Record<string, unknown>>[] = [
    fc.record({ eq: operand }),
    fc.record({ neq: operand }),
    isNull,
  ];
  if (name === 'f') return fc.oneof(...same);
  same.push(fc.record({ in: list }), fc.record({ notIn: list }));
  if (name === 'c') return fc.oneof(...same);
  same.push(
    fc.record({ gt: operand, lt: operand, gte: operand, lte: operand }, { requiredKeys: [] }),
    fc.record({ gte: operand, isNull: fc.boolean() }, { requiredKeys: ['gte'] }),
    fc.record({ in: list, lt: operand }),
  );
  if (name === 'b' || name === 'k1') {
    const part = fc.oneof(operand, fc.constantFrom('', 'a', 'lon', long.slice(0, 530), 'k', '😀'));
    same.push(
      fc.record({ startsWith: part }),
      fc.record({ contains: part, mode: fc.constantFrom('SENSITIVE', 'INSENSITIVE') }),
    );
    same.push(fc.record({ startsWith: part, gt: operand }), fc.record({ endsWith: part }));
  }
  return fc.oneof(...same);
}

const columnFilter: fc.Arbitrary<Record<string, unknown>> = fc
  .constantFrom(...columns)
  .chain((name) => condition(name).map((filter) => ({ [name]: filter })));

export const wheres: fc.Arbitrary<Record<string, unknown>> = fc.letrec<{ where: Record<string, unknown> }>((tie) => ({
  where: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    columnFilter,
    fc.tuple(columnFilter, columnFilter).map(([a, b]) => ({ ...a, ...b })),
    fc.tuple(columnFilter, columnFilter, columnFilter).map(([a, b, c]) => ({ ...a, ...b, ...c })),
    fc.array(tie('where'), { maxLength: 3 }).map((parts) => ({ or: parts })),
    fc.tuple(columnFilter, fc.array(tie('where'), { minLength: 1, maxLength: 3 })).map(([a, or]) => ({ ...a, or })),
    fc.array(tie('where'), { maxLength: 2 }).map((parts) => ({ and: parts })),
    tie('where').map((part) => ({ not: part })),
    fc.constantFrom({ parent: { name: { eq: 'one' } } }, { parent: { name: { isNull: true } } }),
    tie('where').map((part) => ({ twins: { some: part } })),
    tie('where').map((part) => ({ parent: { items: { none: part } } })),
  ),
})).where;

const directions = ['ASC', 'DESC', 'ASC_NULLS_FIRST', 'ASC_NULLS_LAST', 'DESC_NULLS_FIRST', 'DESC_NULLS_LAST'];

const anyOrder = fc.array(
  fc
    .tuple(fc.constantFrom(...columns), fc.constantFrom(...directions))
    .map(([name, direction]) => ({ [name]: direction })),
  { maxLength: 3 },
);

/** As an index or the key has it, in one direction or nearly: what can be read in order. */
const indexOrders: fc.Arbitrary<Record<string, string>[]> = fc
  .tuple(
    fc.constantFrom(...indexable, 'k1 k2'),
    fc.constantFrom(...directions),
    fc.constantFrom('ASC', 'DESC'),
    fc.constantFrom('', ' k1', ' k1 k2', ' e'),
  )
  .map(([fields, first, rest, tail]) =>
    `${fields}${tail}`.split(' ').map((name, i) => ({ [name]: i === 0 ? (first as string) : rest })),
  );

/** Of crowds: columns in which many rows are equal, and filters that leave the order to an index. */
export const crowdQuestions = fc.record({
  orderBy: fc.oneof(
    indexOrders,
    fc
      .tuple(fc.constantFrom('a', 'b', 'c', 'd', 'f', 'parentId'), fc.constantFrom(...directions))
      .map(([name, direction]) => [{ [name]: direction }]),
  ),
  where: fc.constantFrom(
    {},
    {},
    {},
    {},
    {},
    { c: { eq: 'RED' } },
    { f: { isNull: true } },
    { c: { eq: 'RED' }, f: { eq: true } },
    { c: { eq: 'RED' }, e: { gte: '1.0' } },
    { a: { gte: 0 }, d: { isNull: false } },
    { a: { isNull: false } },
    { b: { in: [`${long}1`, `${long}2`, `${long}3`, 'ab'] } },
    { b: { gt: `${long}1` } },
    { or: [{ c: { eq: 'RED' } }, { f: { isNull: true } }, { k1: { eq: 'x' }, k2: { lt: 3 } }] },
    { b: { lt: `${long}3` }, c: { in: ['RED', 'BLUE'] } },
  ),
  size: fc.integer({ min: 5, max: 60 }),
});

export const orders: fc.Arbitrary<Record<string, string>[]> = fc.oneof(anyOrder, { weight: 2, arbitrary: indexOrders });

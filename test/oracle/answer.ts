import { jsonNull, type Json } from './json.ts';
import { compareKeys, type NaiveRow, type Tables } from './naive.ts';
import type {
  FieldSelection,
  ListArguments,
  OrderTerm,
  PageArguments,
  Place,
  QueryPlan,
  RootSelection,
  Selection,
} from './plan.ts';
import { columnOf, tableOf, type TableSpec, type TypeSpec } from './spec.ts';
import { compare, same, toJson, type NaiveObject, type NaiveValue } from './values.ts';
import { holds, type Where } from './where.ts';

/**
 * What a response must be. Text that only the gateway can choose (cursors, ids of composite keys) is a `token`: any
 * string, as long as it always means the same.
 */
export type Expected =
  | Exclude<Json, { t: 'arr' | 'obj' }>
  | { readonly t: 'arr'; readonly items: readonly Expected[]; readonly anyOrder?: boolean }
  | { readonly t: 'obj'; readonly entries: readonly (readonly [string, Expected])[] }
  | { readonly t: 'json'; readonly json: Json }
  | { readonly t: 'token'; readonly kind: 'cursor'; readonly place: Place; readonly scope: string }
  | {
      readonly t: 'token';
      readonly kind: 'id' | 'nodeId';
      readonly table: TableSpec;
      readonly key: readonly NaiveValue[];
    }
  /** Any string. */
  | { readonly t: 'text' };

export const object = (entries: readonly (readonly [string, Expected])[]): Expected => ({
  t: 'obj',
  entries: merged(entries),
});

/** Selected twice, answered once. */
function merged(entries: readonly (readonly [string, Expected])[]): readonly (readonly [string, Expected])[] {
  return [...new Map(entries)];
}

/** `data` of a query, or of a frame of the live query with the same text. */
export function answer(tables: Tables, plan: QueryPlan): Expected {
  return object(
    plan.roots.map((root) => [
      root.alias ?? rootName(tableOf(tables.schema, root.table), root),
      rootAnswer(tables, root),
    ]),
  );
}

export function rootName(table: TableSpec, root: RootSelection): string {
  switch (root.kind) {
    case 'list':
      return table.plural;
    case 'connection':
      return `${table.plural}Connection`;
    case 'row':
      return root.unique ? `${table.singular}By${root.by.map(upperFirst).join('And')}` : table.singular;
    case 'node':
      return 'node';
  }
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function rootAnswer(tables: Tables, root: RootSelection): Expected {
  const table = tableOf(tables.schema, root.table);
  switch (root.kind) {
    case 'list':
      return {
        t: 'arr',
        items: list(tables, table, tables.rows(table), root.args).map((row) =>
          rowAnswer(tables, table, root.select, row),
        ),
      };
    case 'row': {
      const found = tables
        .rows(table)
        .find((row) =>
          root.by.every((name, i) =>
            same(columnOf(table, name).type, row.values.get(name) ?? null, root.values[i] ?? null),
          ),
        );
      return found === undefined ? jsonNull : rowAnswer(tables, table, root.select, found);
    }
    case 'node': {
      const found = tables.rows(table).find((row) => compareKeys(table, row.key, root.key) === 0);
      return found === undefined ? jsonNull : rowAnswer(tables, table, root.select, found);
    }
    case 'connection':
      return connection(tables, table, root);
  }
}

/** Filter, sort, slice. */
function list(tables: Tables, table: TableSpec, rows: readonly NaiveRow[], args: ListArguments): readonly NaiveRow[] {
  const from = args.offset ?? 0;
  return ordered(table, filtered(tables, table, rows, args.where), args.orderBy).slice(
    from,
    from + (args.limit ?? table.limit.default),
  );
}

export function filtered(
  tables: Tables,
  table: TableSpec,
  rows: readonly NaiveRow[],
  where: Where | undefined,
): readonly NaiveRow[] {
  return where === undefined ? rows : rows.filter((row) => holds(tables, table, where, row) === true);
}

function ordered(
  table: TableSpec,
  rows: readonly NaiveRow[],
  orderBy: readonly OrderTerm[] | undefined,
): readonly NaiveRow[] {
  return rows.toSorted((a, b) => comparePlaces(table, orderBy, placeOf(a, orderBy), placeOf(b, orderBy)));
}

/** Where a row stands in an order: the values ordered by, then its key. */
export function placeOf(row: NaiveRow, orderBy: readonly OrderTerm[] | undefined): Place {
  return { values: (orderBy ?? []).map(({ column }) => row.values.get(column) ?? null), key: row.key };
}

/** Behind the whole key nothing can matter any more. */
function upToKey(table: TableSpec, orderBy: readonly OrderTerm[] | undefined): readonly OrderTerm[] {
  const terms: OrderTerm[] = [];
  for (const term of orderBy ?? []) {
    if (table.key.every((name) => terms.some(({ column }) => column === name))) break;
    terms.push(term);
  }
  return terms;
}

function comparePlaces(table: TableSpec, orderBy: readonly OrderTerm[] | undefined, a: Place, b: Place): number {
  for (const [i, { column, direction }] of upToKey(table, orderBy).entries()) {
    const left = a.values[i] ?? null;
    const right = b.values[i] ?? null;
    const descending = direction.startsWith('DESC');
    if (left === null || right === null) {
      if (left === right) continue;
      const nullsFirst = direction.endsWith('NULLS_FIRST') || direction === 'DESC';
      return (left === null) === nullsFirst ? -1 : 1;
    }
    const difference = compare(columnOf(table, column).type, left, right);
    if (difference !== 0) return descending ? -difference : difference;
  }
  return compareKeys(table, a.key, b.key);
}

function connection(tables: Tables, table: TableSpec, root: Extract<RootSelection, { kind: 'connection' }>): Expected {
  const { args } = root;
  const all = ordered(table, filtered(tables, table, tables.rows(table), args.where), args.orderBy);
  const { start, end } = page(table, all, args);
  const rows = all.slice(start, end);
  const first = rows[0];
  const last = rows.at(-1);
  const scope = JSON.stringify([root.table, args.orderBy ?? []]);
  const cursor = (row: NaiveRow): Expected => ({
    t: 'token',
    kind: 'cursor',
    place: placeOf(row, upToKey(table, args.orderBy)),
    scope,
  });
  const node = (row: NaiveRow): Expected => rowAnswer(tables, table, root.select, row);
  return object(
    root.parts.map((part): readonly [string, Expected] => {
      switch (part) {
        case 'edges':
          return [
            'edges',
            {
              t: 'arr',
              items: rows.map((row) =>
                object([
                  ['cursor', cursor(row)],
                  ['node', node(row)],
                ]),
              ),
            },
          ];
        case 'nodes':
          return ['nodes', { t: 'arr', items: rows.map(node) }];
        case 'totalCount':
          return ['totalCount', { t: 'num', text: String(all.length) }];
        case 'pageInfo':
          return [
            'pageInfo',
            object([
              ['hasNextPage', { t: 'bool', value: end < all.length }],
              ['hasPreviousPage', { t: 'bool', value: start > 0 }],
              ['startCursor', first === undefined ? jsonNull : cursor(first)],
              ['endCursor', last === undefined ? jsonNull : cursor(last)],
            ]),
          ];
      }
    }),
  );
}

/** The page's place among all rows: Relay's `first` from its start on, `last` from its end back, of what `first` leaves. */
function page(
  table: TableSpec,
  all: readonly NaiveRow[],
  { after, before, orderBy, first, last }: PageArguments,
): { readonly start: number; readonly end: number } {
  const isBefore = (row: NaiveRow, place: Place, orAt: boolean): boolean => {
    const order = comparePlaces(table, orderBy, placeOf(row, orderBy), place);
    return order < 0 || (orAt && order === 0);
  };
  const lower = after === undefined ? 0 : all.filter((row) => isBefore(row, after.place, true)).length;
  const upper = before === undefined ? all.length : all.filter((row) => isBefore(row, before.place, false)).length;
  const size = first ?? (last === undefined ? table.limit.default : Infinity);
  const end = Math.min(upper, lower + size);
  return { start: last === undefined ? lower : Math.max(lower, end - last), end };
}

export function rowAnswer(tables: Tables, table: TableSpec, select: readonly Selection[], row: NaiveRow): Expected {
  return object(
    select.map((selection): readonly [string, Expected] => {
      switch (selection.kind) {
        case 'column':
          return [selection.alias ?? selection.name, columnAnswer(table, selection, row)];
        case 'typename':
          return [selection.alias ?? '__typename', { t: 'str', value: table.name }];
        case 'id':
        case 'nodeId':
          return [selection.alias ?? selection.kind, { t: 'token', kind: selection.kind, table, key: row.key }];
        case 'one': {
          const relation = relationOf(table, selection.relation);
          const target = tableOf(tables.schema, relation.target);
          const other = tables.related(table, relation, row)[0];
          const value = other === undefined ? jsonNull : rowAnswer(tables, target, selection.select, other);
          return [selection.alias ?? selection.relation, value];
        }
        case 'many': {
          const relation = relationOf(table, selection.relation);
          const target = tableOf(tables.schema, relation.target);
          const rows = list(tables, target, tables.related(table, relation, row), selection.args);
          const items = rows.map((other) => rowAnswer(tables, target, selection.select, other));
          return [selection.alias ?? selection.relation, { t: 'arr', items }];
        }
      }
    }),
  );
}

export function columnAnswer(
  table: TableSpec,
  selection: Extract<Selection, { kind: 'column' }>,
  row: NaiveRow,
): Expected {
  return valueAnswer(columnOf(table, selection.name).type, row.values.get(selection.name) ?? null, selection.fields);
}

function valueAnswer(type: TypeSpec, value: NaiveValue, fields: readonly FieldSelection[] | undefined): Expected {
  if (value === null) return jsonNull;
  if (type.kind === 'list') {
    return { t: 'arr', items: (value as readonly NaiveValue[]).map((item) => valueAnswer(type.element, item, fields)) };
  }
  if (type.kind === 'object') {
    return object(
      (fields ?? []).map((selected): readonly [string, Expected] => {
        const field = type.fields.find((f) => f.name === selected.name);
        if (field === undefined) throw new Error(`no field ${selected.name}`);
        const inner = (value as NaiveObject).get(field.name) ?? null;
        return [selected.alias ?? selected.name, valueAnswer(field.type, inner, selected.fields)];
      }),
    );
  }
  return { t: 'json', json: toJson(type, value) };
}

function relationOf(table: TableSpec, name: string): TableSpec['relations'][number] {
  const relation = table.relations.find((r) => r.name === name);
  if (relation === undefined) throw new Error(`no relation ${table.name}.${name}`);
  return relation;
}

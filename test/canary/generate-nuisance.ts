import type { Requesting } from './generate-request.ts';
import { DocumentBuilder, type Request } from './request.ts';
import { columnOf, isKept, maxRows, pluralOf, shownColumns, singularOf, type TableSpec } from './spec.ts';

/** Something that is refused: what is said about it must tell no more than what was asked. */
export function generateNuisance(asking: Requesting): Request {
  const { operation, random, schema } = asking;
  const tables = schema.tables.filter((table) => isKept(table) && !table.hidden);
  const exposed = tables.filter(({ expose }) => (operation === 'QUERY' ? expose.query : expose.live));
  const builder = new DocumentBuilder();
  if (exposed.length === 0) builder.root('nothingOfTheKind');
  else builder.root(random.pick(nuisances)(asking, builder, random.pick(exposed)));
  return { ...builder.request(operation === 'QUERY' ? 'QUERY' : 'LIVE'), isWrong: true };
}

type Nuisance = (asking: Requesting, builder: DocumentBuilder, table: TableSpec) => string;

const nuisances: readonly Nuisance[] = [
  // Too many, or fewer than none.
  ({ random }, builder, table) => {
    const size = random.pick([-1, maxRows + 1, 2 ** 31 - 1]);
    return `${pluralOf(table)}(${builder.argument(random.pick(['limit', 'offset']), 'Int', size)}) { ${keyOf(table)} }`;
  },
  ({ random }, builder, table) => {
    const size = random.pick([-1, maxRows + 1]);
    return `${pluralOf(table)}Connection(${builder.argument(random.pick(['first', 'last']), 'Int', size)}) { totalCount }`;
  },
  // A value that the column cannot have, which is a right one of another column.
  (asking, builder, table) => {
    const { random } = asking;
    const [column, other] = [random.pick(shownColumns(table)), random.pick(table.columns)];
    const where = {
      [column.name]: { [random.pick(['eq', 'in', 'startsWith', 'has'])]: asking.guess(table, other) ?? {} },
    };
    return `${pluralOf(table)}(${builder.argument('where', `${table.name}Where`, where)}) { ${keyOf(table)} }`;
  },
  // Null where a value is to be.
  ({ random }, builder, table) => {
    const where = { [random.pick(shownColumns(table)).name]: random.pick([null, { isNull: null }, { eq: null }]) };
    return `${pluralOf(table)}(${builder.argument('where', `${table.name}Where`, where)}) { ${keyOf(table)} }`;
  },
  // A key that is none.
  (asking, builder, table) => {
    const given = table.key.map((name) => {
      const { required, type } = columnOf(table, name);
      const value = asking.random.pick([{}, null, [asking.guess(table, columnOf(table, name)) ?? 'x']]);
      return builder.argument(name, `${type}${required ? '!' : ''}`, value);
    });
    return `${singularOf(table)}(${given.join(', ')}) { ${keyOf(table)} }`;
  },
  // A cursor of another order, another table or nothing.
  ({ cursors, random }, builder, table) => {
    const cursor = cursors.length > 0 && random.int(3) > 0 ? random.pick(cursors).text : random.pick(['', '!', 'W10']);
    return `${pluralOf(table)}Connection(${builder.argument('after', 'String', cursor)}) { edges { cursor node { ${keyOf(table)} } } }`;
  },
  // Columns and tables that the API does not show.
  ({ random, schema }, _builder, table) => {
    const hidden = random.pick([...table.columns, ...table.relations, ...schema.tables]).name;
    return `${pluralOf(table)} { ${keyOf(table)} ${hidden} { id } }`;
  },
  (asking, _builder, table) => {
    const column = asking.random.pick(table.columns);
    return `${pluralOf(table)}(where: { ${column.name}: ${JSON.stringify(asking.guess(table, column) ?? null)} }) { ${keyOf(table)} }`;
  },
];

function keyOf({ key }: TableSpec): string {
  return key.join(' ');
}

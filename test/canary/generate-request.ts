import { generateNuisance } from './generate-nuisance.ts';
import { generateWhere, preferGuarded, type Asking } from './generate-where.ts';
import { DocumentBuilder, type Cursor, type Page, type Request } from './request.ts';
import {
  columnOf,
  isKept,
  maxRows,
  pluralOf,
  shownColumns,
  shownRelations,
  singularOf,
  tableOf,
  type ColumnSpec,
  type Operation,
  type RelationSpec,
  type SchemaSpec,
  type TableSpec,
} from './spec.ts';

export interface Requesting extends Asking {
  readonly operation: Operation;
  /** Of answers to anybody. */
  readonly cursors: readonly Cursor[];
  /** Positions in messages to anybody. */
  readonly positions: readonly string[];
  /** Whether to ask for the changes of a table. Default: of every one that has them. */
  readonly follows?: ((table: TableSpec) => boolean) | undefined;
  /** Whether to ask when changes of a table were written. Default: not. */
  readonly times?: ((table: TableSpec) => boolean) | undefined;
}

/** What somebody may ask who knows the API: it may be refused, or ask for too much. */
export function generateRequest(asking: Requesting): Request {
  const { random, schema } = asking;
  if (random.int(15) === 0) return generateNuisance(asking);
  const builder = new DocumentBuilder();
  const followed = schema.tables.filter(({ expose, hidden }) => !hidden && expose.changes);
  const tables = followed.filter((table) => !asking.avoids(table) && asking.follows?.(table) !== false);
  if (asking.operation === 'CHANGES' && tables.length > 0) {
    changes(asking, builder, random.pick(tables));
    return builder.request('CHANGES');
  }
  const operation = asking.operation === 'QUERY' ? 'QUERY' : 'LIVE';
  for (let i = operation === 'QUERY' ? random.int(3) : 0; i >= 0; i -= 1) root({ ...asking, operation }, builder);
  return builder.request(operation);
}

/** All columns of all rows of a table, and the keys of what these relate to. */
export function dumpRequest(
  schema: SchemaSpec,
  table: TableSpec,
  relations: readonly RelationSpec[],
  operation: 'QUERY' | 'LIVE',
): Request {
  const builder = new DocumentBuilder();
  const links = relations.map(({ many, name, target }) => {
    return `${name}${many ? `(limit: ${maxRows})` : ''} { ${tableOf(schema, target).key.join(' ')} }`;
  });
  builder.root(`${pluralOf(table)}(limit: ${maxRows}) { ${columns(shownColumns(table))} ${links.join(' ')} }`);
  return builder.request(operation);
}

/** Every change of a table, with all columns. */
export function watchRequest(table: TableSpec, { snapshot, after }: { snapshot?: boolean; after?: string }): Request {
  const builder = new DocumentBuilder();
  const given = DocumentBuilder.arguments(
    snapshot === true ? 'snapshot: true' : '',
    builder.argument('after', 'String', after),
  );
  const shown = shownColumns(table);
  const before = columns(shown.filter(({ name }) => name !== 'id'));
  builder.root(
    `${singularOf(table)}Changes${given} { changes { operation rowId node { ${columns(shown)} } previous { ${before} } changedFields } deletedIds deletedNodeIds position live reset complete }`,
  );
  return builder.request('CHANGES');
}

function columns(given: readonly ColumnSpec[]): string {
  return given.map(({ name, type }) => (type === 'Box' ? `${name} { inner weight }` : name)).join(' ');
}

function root(asking: Requesting, builder: DocumentBuilder): void {
  const { operation, random, schema } = asking;
  const exposed = schema.tables.filter(
    (table) => isKept(table) && !table.hidden && (operation === 'LIVE' ? table.expose.live : table.expose.query),
  );
  const tables = exposed.filter((table) => !asking.avoids(table));
  const dice = tables.length === 0 ? 0 : random.int(20);
  if (dice === 0) {
    builder.root(
      '_meta { position version ready ' +
        'tables { name phase reason rows bad { code count } gaps takenOver repeats kind mode description topics sources ' +
        'columns { name type key indexed } fields { row list connection changes } ' +
        'deadLetters { topic partition offset code reason timestamp version } } ' +
        'topics { topic partition next end lag records tables } ' +
        // Nobody here is an operator.
        'now startedAt release source { kind offsetUnit } schemaMistakes { message } storeBytes liveQueryCount ' +
        'liveQueries { id document variables tables claims subscribers evaluations rowsRead framesSent } }',
    );
    return;
  }
  const table = random.pick(tables);
  if (dice < 4) byKey(asking, builder, table);
  else if (dice < 6) byCode(asking, builder, table);
  else if (dice < 8 && operation === 'QUERY') node(asking, builder, table);
  else if (dice < 13) list(asking, builder, table);
  else connection(asking, builder, table);
}

function byKey(asking: Requesting, builder: DocumentBuilder, table: TableSpec): void {
  const given = table.key.map((name) => {
    const column = columnOf(table, name);
    return builder.argument(
      name,
      `${column.type}${column.required ? '!' : ''}`,
      asking.guess(table, column) ?? missing(column),
    );
  });
  builder.root(`${singularOf(table)}${DocumentBuilder.arguments(...given)} ${selection(asking, builder, table, 2)}`);
}

function missing({ type }: ColumnSpec): unknown {
  return type === 'Int' ? 7 : 'missing';
}

function byCode(asking: Requesting, builder: DocumentBuilder, table: TableSpec): void {
  const code = shownColumns(table).find(({ index }) => index === 'unique');
  if (code === undefined || asking.avoids(table, code)) return list(asking, builder, table);
  const given = builder.argument('code', 'String!', asking.guess(table, code) ?? 'missing');
  builder.root(`${singularOf(table)}ByCode(${given}) ${selection(asking, builder, table, 1)}`);
}

function node(asking: Requesting, builder: DocumentBuilder, table: TableSpec): void {
  const key = table.key.map((name) => asking.guess(table, columnOf(table, name)) ?? 'missing');
  const nodeId = Buffer.from(JSON.stringify([table.name, ...key])).toString('base64url');
  const given = builder.argument('nodeId', 'ID!', asking.random.int(12) === 0 ? `${nodeId}x` : nodeId);
  builder.root(`node(${given}) { __typename nodeId ... on ${table.name} ${selection(asking, builder, table, 1)} }`);
}

function list(asking: Requesting, builder: DocumentBuilder, table: TableSpec): void {
  const page: Page = { table, orderBy: orderBy(asking, table) };
  const rows = selection(asking, builder, table, 2, orderedBy(page));
  builder.root(`${pluralOf(table)}${listArguments(asking, builder, page)} ${rows}`, page);
}

function listArguments(asking: Requesting, builder: DocumentBuilder, { orderBy: order, table }: Page): string {
  const { random } = asking;
  const size = random.pick([undefined, 1, 2, 10, maxRows, maxRows, random.int(12) === 0 ? maxRows + 1 : 3]);
  return DocumentBuilder.arguments(
    where(asking, builder, table),
    orderArgument(builder, table, order),
    builder.argument('limit', 'Int', size),
    builder.argument('offset', 'Int', random.pick([undefined, undefined, 1, 3])),
  );
}

function where(asking: Requesting, builder: DocumentBuilder, table: TableSpec): string {
  const given = asking.random.int(3) === 0 ? undefined : generateWhere(asking, table);
  return builder.argument('where', `${table.name}Where`, given);
}

const directions = ['ASC', 'DESC', 'ASC_NULLS_FIRST', 'DESC_NULLS_LAST'] as const;

function orderBy(asking: Requesting, table: TableSpec): Page['orderBy'] {
  const { random } = asking;
  const sortable = shownColumns(table).filter(
    (column) => !['Bytes', 'Box', '[String!]', 'Boolean'].includes(column.type) && !asking.avoids(table, column),
  );
  return [1, 2]
    .slice(random.int(3))
    .map(() => ({ [random.pick(preferGuarded(random, sortable)).name]: random.pick(directions) }));
}

/** The columns of an order that is complete. */
function orderedBy({ orderBy: order, table }: Page): ReadonlySet<string> {
  return new Set([...order.flatMap((term) => Object.keys(term)), ...table.key]);
}

function orderArgument(builder: DocumentBuilder, { name }: TableSpec, order: Page['orderBy']): string {
  return builder.argument('orderBy', `[${name}OrderBy!]`, order.length === 0 ? undefined : order);
}

function connection(asking: Requesting, builder: DocumentBuilder, table: TableSpec): void {
  const { random } = asking;
  const known = asking.cursors.filter((cursor) => cursor.table.name === table.name);
  const cursor = known.length > 0 && random.int(3) > 0 ? random.pick(known) : undefined;
  const page: Page = { table, orderBy: cursor?.orderBy ?? orderBy(asking, table) };
  const place = cursor && (random.int(3) === 0 ? forged(asking, cursor) : cursor.text);
  const forwards = random.int(2) === 0;
  const size = random.pick([1, 2, 3, undefined]);
  const given = DocumentBuilder.arguments(
    where(asking, builder, table),
    orderArgument(builder, table, page.orderBy),
    builder.argument(forwards ? 'first' : 'last', 'Int', size),
    builder.argument(random.int(2) === 0 ? 'after' : 'before', 'String', place),
  );
  const counted = random.int(2) === 0 ? 'totalCount' : '';
  const ends = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
  const rows = `edges { cursor node ${selection(asking, builder, table, 1, orderedBy(page))} }`;
  builder.root(`${pluralOf(table)}Connection${given} { ${counted} ${ends} ${rows} }`, page);
}

/** The same place but for one of its values, which is a guess. */
function forged(asking: Requesting, { table, orderBy: order, text }: Cursor): string {
  const parts = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
  const [first] = order.flatMap((term) => Object.keys(term));
  if (first !== undefined) parts[1] = asking.guess(table, columnOf(table, first)) ?? null;
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function selection(
  asking: Requesting,
  builder: DocumentBuilder,
  table: TableSpec,
  depth: number,
  needed: ReadonlySet<string> = new Set(),
): string {
  const { random, schema } = asking;
  const shown = shownColumns(table).filter(({ name }) => needed.has(name) || random.int(6) > 0);
  const relations = shownRelations(schema, table).filter(
    ({ target }) => depth > 0 && random.int(5) < 2 && !asking.avoids(tableOf(schema, target)),
  );
  const fields = [
    '__typename',
    ...(isKept(table) ? ['nodeId'] : []),
    ...(table.key[0] === 'id' ? [] : ['id']),
    columns(shown),
    ...relations.map(({ many, name, target }) => {
      const other = tableOf(schema, target);
      const page = { table: other, orderBy: orderBy(asking, other) };
      return `${name}${many ? listArguments(asking, builder, page) : ''} ${selection(asking, builder, other, depth - 1)}`;
    }),
  ];
  const text = `{ ${fields.join(' ')} }`;
  return random.int(5) === 0 ? `{ ${builder.fragment(table.name, text)} }` : text;
}

function changes(asking: Requesting, builder: DocumentBuilder, table: TableSpec): void {
  const { positions, random } = asking;
  const kinds = ['INSERT', 'UPDATE', 'DELETE'].filter(() => random.int(3) > 0);
  const snapshot = isKept(table) && (kinds.length === 0 || kinds.includes('INSERT')) && random.int(2) === 0;
  const given = DocumentBuilder.arguments(
    where(asking, builder, table),
    builder.argument('operations', '[ChangeOperation!]', kinds.length === 0 ? undefined : kinds),
    snapshot ? 'snapshot: true' : '',
    builder.argument('after', 'String', positions.length > 0 && random.int(3) === 0 ? place(asking) : undefined),
  );
  const before = columns(shownColumns(table).filter(({ name }) => name !== 'id'));
  const timed = asking.times?.(table) === true ? 'timestamp' : '';
  const row = `operation rowId node ${selection(asking, builder, table, 2)} previous { ${before} } changedFields ${timed}`;
  builder.root(
    `${singularOf(table)}Changes${given} { changes { ${row} } deletedIds deletedNodeIds position live reset complete }`,
  );
}

/** A position that somebody was given; or an earlier one, with what somebody else was granted. */
function place({ positions, random }: Requesting): string {
  const position = random.pick(positions);
  if (random.int(3) > 0) return position;
  const [store, version, offsets] = partsOf(position);
  const [, , , grants] = partsOf(random.pick(positions));
  const parts = [
    store,
    Math.max(0, Number(version) - random.int(4)),
    offsets,
    ...(grants === undefined ? [] : [grants]),
  ];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function partsOf(position: string): readonly unknown[] {
  return JSON.parse(Buffer.from(position, 'base64url').toString()) as readonly unknown[];
}

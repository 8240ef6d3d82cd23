import { computedColumns } from './generate-computed.ts';
import type { Random } from './random.ts';
import { sampleText } from './samples.ts';
import type {
  ColumnSpec,
  EnumSpec,
  IndexSpec,
  ObjectSpec,
  RelationSpec,
  ScalarKind,
  SchemaSpec,
  TableSpec,
  TypeSpec,
} from './spec.ts';

const scalar = (kind: ScalarKind): TypeSpec => ({ kind: 'scalar', scalar: kind });
const nouns = [
  { name: 'Song', singular: 'song', plural: 'songs' },
  { name: 'Artist', singular: 'artist', plural: 'artists' },
  { name: 'OrderLine', singular: 'orderLine', plural: 'orderLines' },
  { name: 'City', singular: 'city', plural: 'cities' },
] as const;
const comparable: readonly ScalarKind[] = ['Int', 'Float', 'BigInt', 'Decimal', 'DateTime', 'Date'];
const keyKinds: readonly ScalarKind[] = [
  'ID',
  'ID',
  'String',
  'Int',
  'BigInt',
  'Decimal',
  'DateTime',
  'UUID',
  'Boolean',
  'Date',
];

/** A draft of a table: relations are added once the tables before it are known. */
interface Draft {
  readonly base: (typeof nouns)[number];
  readonly columns: ColumnSpec[];
  readonly indexes: IndexSpec[];
  readonly relations: RelationSpec[];
  table: TableSpec;
}

/** Two to four tables with every kind of column, key, index and relation that the gateway offers. */
export function generateSchema(random: Random): SchemaSpec {
  const enums: EnumSpec[] = [
    { kind: 'enum', name: 'Genre', values: ['ROCK', 'JAZZ', 'AMBIENT', 'Z', 'A'] },
    { kind: 'enum', name: 'Kind', values: ['SECOND', 'FIRST', 'THIRD'] },
  ];
  const inner: ObjectSpec = {
    kind: 'object',
    name: 'Geo',
    fields: [
      { name: 'lat', type: scalar('Float'), required: true },
      { name: 'label', type: scalar('String'), required: false },
    ],
  };
  const place: ObjectSpec = {
    kind: 'object',
    name: 'Place',
    fields: [
      { name: 'city', type: scalar('String'), required: false },
      { name: 'zip', type: scalar(random.pick(['Int', 'Decimal', 'BigInt'])), required: random.chance(0.5) },
      { name: 'genre', type: enums[0] ?? scalar('String'), required: false },
      { name: 'geo', type: inner, required: false },
      {
        name: 'tags',
        type: { kind: 'list', element: scalar('String'), elementRequired: random.chance(0.5) },
        required: false,
      },
    ],
  };
  const drafts: Draft[] = [];
  const count = random.between(2, 4);
  for (let i = 0; i < count; i += 1) {
    const shared = drafts.find(
      (d) => d.table.accept !== undefined && drafts.every((o) => o === d || o.table.topic !== d.table.topic),
    );
    drafts.push(
      shared !== undefined && random.chance(0.7)
        ? draftSibling(random, nouns[i] ?? nouns[0], shared, enums, place)
        : draftTable(random, nouns[i] ?? nouns[0], enums, place),
    );
  }
  for (const [i, draft] of drafts.entries()) addRelations(random, draft, drafts.slice(0, i + 1));
  for (const draft of drafts) addIndexes(random, draft);
  for (const draft of drafts) {
    addPartRelation(random, draft, random.pick(drafts));
    // Few values and many rows: to itself, a table would relate by this over and over again.
    addUniqueRelation(random, draft, random.pick(drafts.filter((other) => other !== draft)));
  }
  for (const draft of drafts) {
    draft.table = {
      ...draft.table,
      columns: draft.columns,
      indexes: unique(draft.indexes),
      relations: draft.relations,
    };
  }
  // A type that no column has is a mistake in a schema.
  const columns = drafts.flatMap((d) => d.columns.map((c) => c.type));
  const placed = columns.some((type) => usedIn(type, place));
  return {
    tables: drafts.map((d) => d.table),
    enums: enums.filter((type) => columns.some((column) => usedIn(column, type))),
    objects: placed ? [inner, place] : [],
  };
}

export function usedIn(type: TypeSpec, wanted: TypeSpec): boolean {
  if (type === wanted) return true;
  if (type.kind === 'list') return usedIn(type.element, wanted);
  return type.kind === 'object' && type.fields.some((field) => usedIn(field.type, wanted));
}

function unique(indexes: readonly IndexSpec[]): readonly IndexSpec[] {
  return [...new Map(indexes.toReversed().map((index) => [index.columns.join(' '), index])).values()];
}

function draftTable(
  random: Random,
  base: (typeof nouns)[number],
  enums: readonly EnumSpec[],
  place: ObjectSpec,
): Draft {
  const mode = random.chance(0.3) ? 'APPEND' : 'UPSERT';
  const { columns, key, keyFormat, keyFormatWritten } = draftKey(random, mode, enums);
  const kind = enums[1] ?? scalar('String');
  const accepting = random.chance(0.35);
  if (accepting) columns.push({ name: 'kind', type: kind, required: random.chance(0.5) });
  const written = kind.kind === 'enum' ? [kind.values[0] ?? '', kind.values[2] ?? ''] : [];
  const retentionMs = random.chance(0.25) ? random.pick([20_000, 60_000]) : undefined;
  columns.push(...draftColumns(random, enums, place));
  return {
    base,
    columns,
    indexes: [],
    relations: [],
    table: {
      ...base,
      topic: `${base.singular}-topic`,
      partitions: random.between(2, 3),
      mode,
      keyFormat,
      keyFormatWritten,
      key,
      columns: [],
      relations: [],
      indexes: [],
      accept: accepting
        ? {
            members: [
              {
                kind: 'column',
                column: 'kind',
                path: [],
                insensitive: false,
                conditions: [
                  {
                    op: 'in',
                    operand: written,
                    written: { t: 'arr', items: written.map((value) => ({ t: 'str', value })) },
                  },
                ],
              },
            ],
          }
        : undefined,
      retentionMs,
      clock: retentionMs !== undefined && random.chance(0.35) ? 'WALL' : undefined,
      limit: random.chance(0.3) ? { default: random.between(2, 4), max: 1000 } : { default: 50, max: 1000 },
    },
  };
}

/** Another table on the same topic, with the same key, that keeps other records. */
function draftSibling(
  random: Random,
  base: (typeof nouns)[number],
  other: Draft,
  enums: readonly EnumSpec[],
  place: ObjectSpec,
): Draft {
  const keyColumns = other.columns.filter((column) => other.table.key.includes(column.name));
  const kind = enums[1] ?? scalar('String');
  const columns: ColumnSpec[] = [
    ...keyColumns,
    { name: 'kind', type: kind, required: true },
    ...draftColumns(random, enums, place),
  ];
  const operand = 'FIRST';
  return {
    base,
    columns,
    indexes: [],
    relations: [],
    table: {
      ...other.table,
      ...base,
      accept: {
        members: [
          {
            kind: 'column',
            column: 'kind',
            path: [],
            insensitive: false,
            conditions: [{ op: 'eq', operand, written: { t: 'str', value: operand } }],
          },
        ],
      },
      retentionMs: undefined,
      clock: undefined,
    },
  };
}

function draftKey(
  random: Random,
  mode: 'UPSERT' | 'APPEND',
  enums: readonly EnumSpec[],
): { columns: ColumnSpec[]; key: string[]; keyFormat: TableSpec['keyFormat']; keyFormatWritten: boolean } {
  const id = (type: TypeSpec, from?: ColumnSpec['from']): ColumnSpec => ({ name: 'id', type, required: true, from });
  if (mode === 'APPEND') {
    switch (random.int(3)) {
      case 0:
        return {
          columns: [id(scalar('ID'), { meta: 'COORDINATES' })],
          key: ['id'],
          keyFormat: 'NONE',
          keyFormatWritten: false,
        };
      case 1:
        return {
          columns: [id(scalar(random.pick(['ID', 'Int', 'UUID'])))],
          key: ['id'],
          keyFormat: 'NONE',
          keyFormatWritten: false,
        };
      default:
        return { columns: [id(scalar('ID'), { key: [] })], key: ['id'], keyFormat: 'STRING', keyFormatWritten: false };
    }
  }
  const choice = random.int(10);
  if (choice < 3)
    return { columns: [id(scalar('ID'))], key: ['id'], keyFormat: 'STRING', keyFormatWritten: random.chance(0.2) };
  if (choice < 5) {
    const kind = random.pick(keyKinds);
    return { columns: [id(scalar(kind))], key: ['id'], keyFormat: 'STRING', keyFormatWritten: random.chance(0.3) };
  }
  if (choice < 6) {
    return {
      columns: [id(scalar(random.pick(['Int', 'BigInt'])))],
      key: ['id'],
      keyFormat: 'LONG',
      keyFormatWritten: true,
    };
  }
  if (choice < 7) {
    const column: ColumnSpec = { name: 'code', type: scalar(random.pick(keyKinds)), required: true };
    return { columns: [column], key: ['code'], keyFormat: random.pick(['STRING', 'JSON']), keyFormatWritten: true };
  }
  const kinds = random.shuffled(keyKinds).slice(0, random.between(2, 3));
  const columns = kinds.map((kind, i): ColumnSpec => ({ name: `key${i}`, type: scalar(kind), required: true }));
  const [genre] = enums;
  if (genre !== undefined && random.chance(0.3))
    columns[columns.length - 1] = { name: 'keyGenre', type: genre, required: true };
  const none = random.chance(0.2);
  return { columns, key: columns.map((c) => c.name), keyFormat: none ? 'NONE' : 'JSON', keyFormatWritten: none };
}

function draftColumns(random: Random, enums: readonly EnumSpec[], place: ObjectSpec): ColumnSpec[] {
  const columns: ColumnSpec[] = [];
  const add = (name: string, type: TypeSpec, required: boolean, from?: ColumnSpec['from']): void => {
    const fallback = random.chance(required ? 0.4 : 0.15) ? sampleText(random, type, 'few') : undefined;
    const simple =
      fallback === undefined || (type.kind !== 'object' && !(type.kind === 'scalar' && type.scalar === 'JSON'));
    columns.push({ name, type, required, from, fallback: simple ? fallback : undefined });
  };
  const [genre] = enums;
  add('title', scalar('String'), false);
  add('slug', scalar('String'), true);
  add('amount', scalar(random.pick(comparable)), false);
  add('total', scalar(random.pick(comparable)), true);
  if (random.chance(0.7)) add('at', scalar('DateTime'), random.chance(0.5));
  if (random.chance(0.7)) add('price', scalar('Decimal'), random.chance(0.3));
  if (genre !== undefined && random.chance(0.7)) add('genre', genre, random.chance(0.5));
  if (random.chance(0.6)) add('active', scalar('Boolean'), random.chance(0.5));
  const elements: readonly TypeSpec[] = [scalar('String'), scalar('ID'), scalar('Int'), genre ?? scalar('ID')];
  add('tags', { kind: 'list', element: random.pick(elements), elementRequired: random.chance(0.5) }, false);
  add('labels', { kind: 'list', element: random.pick(elements), elementRequired: random.chance(0.5) }, true);
  if (random.chance(0.5)) add('place', place, random.chance(0.3));
  if (random.chance(0.4)) add('extra', scalar('JSON'), false);
  if (random.chance(0.4)) add('misc', scalar(random.pick(['UUID', 'Bytes', 'Duration', 'ID'])), random.chance(0.3));
  if (random.chance(0.3))
    add('nested', scalar(random.pick(['Int', 'String', 'BigInt'])), false, { path: ['payload', 'inner'] });
  if (random.chance(0.3)) add('origin', scalar('String'), false, { header: 'origin' });
  if (random.chance(0.3)) add('updatedAt', scalar('DateTime'), true, { meta: 'TIMESTAMP' });
  if (random.chance(0.15)) add('writtenTo', scalar('Int'), true, { meta: 'PARTITION' });
  if (random.chance(0.15)) add('seen', scalar('BigInt'), true, { meta: 'OFFSET' });
  if (random.chance(0.1)) add('topicName', scalar('String'), true, { meta: 'TOPIC' });
  const plain = columns.map((column) =>
    column.from !== undefined && 'meta' in column.from ? { ...column, fallback: undefined } : column,
  );
  return [...plain, ...computedColumns(random, plain)];
}

function addRelations(random: Random, draft: Draft, targets: readonly Draft[]): void {
  const count = random.between(targets.length > 1 ? 1 : 0, 2);
  for (let n = 0; n < count; n += 1) {
    // The last is the table itself: a relation of a row to another of its own table.
    const target = random.chance(0.75) && targets.length > 1 ? random.pick(targets.slice(0, -1)) : draft;
    const keyColumns = target.table.key.map((name) => target.columns.find((c) => c.name === name));
    if (draft.relations.some((r) => r.name === `parent${n}`)) continue;
    const columns = keyColumns.map((key, i): ColumnSpec => {
      if (key === undefined) throw new Error('a key without column');
      return { name: `parent${n}Ref${i}`, type: key.type, required: random.chance(0.3) };
    });
    draft.columns.push(...columns);
    draft.relations.push({
      name: `parent${n}`,
      target: target.base.name,
      many: false,
      columns: columns.map((c) => c.name),
      references: target.table.key,
    });
    if (!random.chance(0.8)) continue;
    const names = columns.map((c) => c.name);
    draft.indexes.push({ columns: names, unique: false, covering: random.chance(0.3) });
    target.relations.push({
      name: `${draft.base.plural}Of${n}`,
      target: draft.base.name,
      many: true,
      columns: target.table.key,
      references: names,
    });
  }
}

/** From a row to all whose keys, or entries of an index, begin with a value that it has. */
function addPartRelation(random: Random, from: Draft, to: Draft): void {
  if (!random.chance(0.35)) return;
  const paths = [to.table.key, ...to.indexes.map(({ columns }) => columns)].filter(
    (path) => path.length > 1 && !path.includes(replaced),
  );
  if (paths.length === 0) return;
  const path = random.pick(paths);
  const references = path.slice(0, random.between(1, path.length - 1));
  const columns = refer(random, from, to, references, 'part');
  from.relations.push({ name: 'parts', target: to.base.name, many: true, columns, references });
}

/** To the one row that has a value, as far as its producer keeps values apart. */
function addUniqueRelation(random: Random, from: Draft, to: Draft): void {
  const indexes = unique(to.indexes).filter((index) => index.unique && !index.columns.includes(replaced));
  if (indexes.length === 0 || !random.chance(0.5)) return;
  const references = random.pick(indexes).columns;
  const columns = refer(random, from, to, references, 'match');
  from.relations.push({ name: 'match', target: to.base.name, many: false, columns, references });
}

/** Columns that rounds with derived tables put another in the place of. */
const replaced = 'at';

/** New columns that hold what the other table's have. */
function refer(random: Random, from: Draft, to: Draft, references: readonly string[], name: string): readonly string[] {
  const columns = references.map((reference, i): ColumnSpec => {
    const type = to.columns.find((column) => column.name === reference)?.type ?? scalar('ID');
    return { name: `${name}Ref${i}`, type, required: random.chance(0.3) };
  });
  from.columns.push(...columns);
  return columns.map((column) => column.name);
}

/** What an index may hold: no JSON, bytes, lists or objects. */
export function isIndexable(type: TypeSpec): boolean {
  return type.kind === 'enum' || (type.kind === 'scalar' && type.scalar !== 'JSON' && type.scalar !== 'Bytes');
}

function addIndexes(random: Random, draft: Draft): void {
  const columns = draft.columns.filter((c) => isIndexable(c.type) && !draft.table.key.includes(c.name));
  for (const column of columns) {
    if (!random.chance(0.35)) continue;
    draft.indexes.push({ columns: [column.name], unique: random.chance(0.2), covering: random.chance(0.3) });
  }
  for (let n = random.int(3); n > 0; n -= 1) {
    const chosen = random.shuffled(columns).slice(0, random.between(2, 3));
    if (chosen.length < 2) continue;
    const columnsOf = chosen.map((c) => c.name);
    draft.indexes.push({ columns: columnsOf, unique: random.chance(0.15), covering: random.chance(0.3) });
  }
}

import type { Random } from '../support/random.ts';
import { wordsOf } from './generate-rules.ts';
import { shownColumns, shownRelations, tableOf, type ColumnSpec, type SchemaSpec, type TableSpec } from './spec.ts';

/** What whoever asks knows, or guesses. */
export interface Asking {
  readonly random: Random;
  readonly schema: SchemaSpec;
  /** A value that a row of the table has in the column, whether the asker may know it or not; undefined where none has. */
  guess(table: TableSpec, column: ColumnSpec): unknown;
  /** Whether the asker stays away from a table, or a column: it would be refused. */
  avoids(table: TableSpec, column?: ColumnSpec): boolean;
}

type Where = Readonly<Record<string, unknown>>;

/** A filter as the API takes it, in JSON: probes of columns, also through relations. */
export function generateWhere(asking: Asking, table: TableSpec, depth = 2): Where {
  const { random, schema } = asking;
  const dice = random.int(12);
  if (depth > 0 && dice < 2) {
    const parts = [generateWhere(asking, table, depth - 1), generateWhere(asking, table, depth - 1)];
    return { [random.pick(['and', 'or'])]: parts };
  }
  if (depth > 0 && dice === 2) return { not: generateWhere(asking, table, depth - 1) };
  const relations = shownRelations(schema, table).filter(({ target }) => !asking.avoids(tableOf(schema, target)));
  if (depth > 0 && dice < 7 && relations.length > 0) {
    const { many, name, target } = random.pick(relations);
    const part = generateWhere(asking, tableOf(schema, target), depth - 1);
    return { [name]: many ? { [random.pick(['some', 'every', 'none'])]: part } : part };
  }
  const columns = shownColumns(table).filter((column) => !asking.avoids(table, column));
  // Two probes of one row: whether both are of the same one is a question, too.
  const chosen = [1, 2].slice(random.int(5) === 0 ? 0 : 1).map(() => random.pick(preferGuarded(random, columns)));
  return Object.fromEntries(chosen.map((column) => [column.name, probe(asking, table, column)]));
}

/** Columns with rules, every other time: where something is to be found out. */
export function preferGuarded(random: Random, columns: readonly ColumnSpec[]): readonly ColumnSpec[] {
  const guarded = columns.filter(({ rules }) => rules !== undefined);
  return guarded.length > 0 && random.int(2) === 0 ? guarded : columns;
}

function probe(asking: Asking, table: TableSpec, column: ColumnSpec): Where {
  const { random } = asking;
  if (random.int(6) === 0) return { isNull: random.int(2) === 0 };
  const value = asking.guess(table, column) ?? some(random, column);
  if (value === undefined) return { isNull: random.int(2) === 0 };
  if (column.type === 'Box') {
    const { inner, weight } = value as { inner: string; weight: number };
    return random.int(2) === 0
      ? { inner: probeValue(random, 'String', inner) }
      : { weight: probeValue(random, 'Int', weight) };
  }
  if (column.type !== '[String!]') return probeValue(random, column.type, value);
  const elements = value as readonly unknown[];
  if (elements.length === 0) return { isEmpty: true };
  return random.pick([
    { has: elements[0] },
    { hasSome: elements },
    { hasEvery: elements.slice(0, 2) },
    { isEmpty: false },
  ]);
}

function some(random: Random, { name, role }: ColumnSpec): unknown {
  return role === 'label' ? (name === 'tags' ? ['red'] : random.pick(wordsOf(name))) : undefined;
}

const ordered = ['gt', 'gte', 'lt', 'lte'] as const;

function probeValue(random: Random, type: ColumnSpec['type'], value: unknown): Where {
  const sameness = [{ eq: value }, { neq: value }, { in: [value] }, { notIn: [value] }];
  const text = String(value);
  const start = text.slice(0, 1 + random.int(text.length));
  switch (type) {
    case 'Boolean':
      return random.pick([{ eq: value }, { neq: value }]);
    case 'Bytes':
      return random.pick(sameness);
    case 'ID':
      return random.pick([...sameness, { startsWith: start }, { [random.pick(ordered)]: value }]);
    case 'String':
      return random.pick([
        ...sameness,
        { startsWith: start },
        { startsWith: start },
        { contains: text.slice(3, 8) },
        { endsWith: text.slice(-6) },
        { startsWith: start.toUpperCase(), mode: 'INSENSITIVE' },
        { [random.pick(ordered)]: random.pick([start, text]) },
        // Binary search.
        { gte: start, lt: `${start}~` },
      ]);
    default:
      return random.pick([...sameness, { [random.pick(ordered)]: value }, { gte: value, lte: value }]);
  }
}

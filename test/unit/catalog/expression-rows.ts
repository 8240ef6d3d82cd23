import type { Column, Relation } from '../../../src/catalog/column.ts';
import { compileExpression } from '../../../src/catalog/expression.ts';
import { ExpressionMistake } from '../../../src/catalog/expression-mistake.ts';
import { scopeOf } from '../../../src/catalog/expression-scope.ts';
import type { ScopeTable } from '../../../src/catalog/expression-scope.ts';
import { ExpressionError } from '../../../src/model/expression.ts';
import type { Expression } from '../../../src/model/expression.ts';
import type { ColumnReader } from '../../../src/model/predicate.ts';
import type { ColumnType, Value } from '../../../src/model/value.ts';
import { enumOf, listOf, makeTable, objectOf, scalar } from '../../support/make-table.ts';

/** Tables with a column of every type, and rows of them as plain objects. */
const genres = enumOf('ROCK', 'JAZZ', 'POP');

function relation(name: string, target: string, many = false): Relation {
  return { name, target, many, columns: [], references: [] };
}

function table(
  name: string,
  columns: Parameters<typeof makeTable>[0]['columns'],
  relations: readonly Relation[] = [],
): ScopeTable {
  const { columnsByName, key } = makeTable({ columns });
  return { name, columnsByName, key, relationsByName: new Map(relations.map((each) => [each.name, each])) };
}

const id = { name: 'id', type: scalar('ID') };

export const plays = table(
  'Play',
  [
    id,
    { name: 'quantity', type: scalar('Int'), required: true },
    { name: 'count', type: scalar('Int') },
    { name: 'big', type: scalar('BigInt') },
    { name: 'price', type: scalar('Decimal') },
    { name: 'ratio', type: scalar('Float') },
    { name: 'rate', type: scalar('Float') },
    { name: 'title', type: scalar('String') },
    { name: 'isrc', type: scalar('String'), default: 'none' },
    { name: 'genre', type: genres },
    { name: 'mood', type: { kind: 'enum', name: 'Mood', values: ['HAPPY', 'ROCK'] } },
    { name: 'live', type: scalar('Boolean') },
    { name: 'loud', type: scalar('Boolean') },
    { name: 'sad', type: scalar('Boolean') },
    { name: 'playedAt', type: scalar('DateTime') },
    { name: 'endedAt', type: scalar('DateTime') },
    { name: 'day', type: scalar('Date') },
    { name: 'uuid', type: scalar('UUID') },
    { name: 'length', type: scalar('Duration') },
    { name: 'bytes', type: scalar('Bytes') },
    { name: 'json', type: scalar('JSON') },
    { name: 'tags', type: listOf(scalar('String')) },
    {
      name: 'place',
      type: objectOf({ city: scalar('String'), at: objectOf({ x: scalar('Int') }, ['x']) }, ['city', 'at']),
      required: true,
    },
    { name: 'this', type: scalar('Int') },
  ],
  [relation('song', 'Song'), relation('songs', 'Song', true)],
);
const songs = table(
  'Song',
  [id, { name: 'title', type: scalar('String'), required: true }, { name: 'genre', type: genres }],
  [relation('artist', 'Artist')],
);
const artists = table('Artist', [id, { name: 'name', type: scalar('String'), required: true }]);
const tables = new Map([plays, songs, artists].map((each) => [each.name, each]));

export const scope = scopeOf((name) => tables.get(name), plays, { relations: true });
export const ownScope = scopeOf((name) => tables.get(name), plays, { relations: false });

/** Columns and relations by name. What it has not is null, and leads nowhere. */
export interface PlainRow {
  readonly [name: string]: Value | PlainRow;
}

export function evaluate(expression: Expression, row: PlainRow = {}): Value {
  const rows = new Map<ColumnReader, PlainRow>();
  const reader = (plain: PlainRow): ColumnReader => {
    const made: ColumnReader = { value: (column: Column) => (plain[column.name] ?? null) as Value };
    rows.set(made, plain);
    return made;
  };
  return expression.evaluate(reader(row), (from, { name }) => {
    const related = rows.get(from)?.[name] as PlainRow | undefined;
    return related && reader(related);
  });
}

export function valueOf(text: string, row: PlainRow = {}, wanted?: ColumnType): Value {
  return evaluate(compileExpression(scope, text, wanted), row);
}

/** The value, or the message of the ExpressionError. */
export function outcomeOf(text: string, row: PlainRow = {}): Value {
  try {
    return valueOf(text, row);
  } catch (error) {
    if (error instanceof ExpressionError) return `error: ${error.message}`;
    throw error;
  }
}

/** `offset: message`. */
export function mistakeIn(text: string, from = scope, wanted?: ColumnType): string {
  try {
    compileExpression(from, text, wanted);
  } catch (error) {
    if (error instanceof ExpressionMistake) return `${error.offset}: ${error.message}`;
    throw error;
  }
  return 'no mistake';
}

export function typeOf(text: string): string {
  const { type, nullable } = compileExpression(scope, text);
  const name = type.kind === 'scalar' ? type.scalar : type.kind === 'list' ? 'list' : type.name;
  return nullable ? name : `${name}!`;
}

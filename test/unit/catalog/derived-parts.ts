import { expect } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build.ts';
import type { Catalog, Table } from '../../../src/catalog/catalog.ts';
import type { Column } from '../../../src/catalog/column.ts';
import type { AggregationDefinition } from '../../../src/catalog/derivation.ts';
import type { ColumnReader } from '../../../src/model/predicate.ts';
import type { Value } from '../../../src/model/value.ts';

/** Views and aggregations of every kind. */
export const charts = `
type Song @table(topic: "songs") {
  id: ID!
  title: String!
  genre: String
  place: Place
  artistId: ID!
  artist: Artist @relation(fields: ["artistId"])
}
type Artist @table(topic: "artists") { id: ID! name: String! }
type Place { city: String }
type Play @table(topic: "plays", mode: APPEND, retention: "P7D") {
  id: ID! @from(meta: COORDINATES)
  songId: ID!
  userId: ID!
  playedAt: DateTime!
  msPlayed: Int!
  song: Song @relation(fields: ["songId"])
}
type TopSong @view(source: "SongStats", where: { interval: { eq: H1 } }) {
  hour: DateTime! @from(path: "timestamp")
  interval: SongStatsInterval!
  songId: ID!
  artist: String
  city: String
  plays: Int!
  title: String @from(path: "song.title")
  rate: Float @computed(expr: "toFloat(plays) / 2.0")
}
"Plays per song and hour or day."
type SongStats @aggregation(
  source: "Play", intervals: ["1h", "1d"], hop: "30m", timestamp: "playedAt"
  where: { msPlayed: { gte: 30000 }, song: { title: { neq: "x" } } }, grace: "10m", retention: "P90D"
) @index(fields: "timestamp plays") @sink(topic: "stats") {
  songId: ID!
  artist: String @from(path: "song.artist.name")
  city: String @computed(expr: "coalesce(song.place.city, 'nowhere')")
  timestamp: DateTime!
  plays: Int! @aggregate(fn: COUNT)
  listeners: Int! @aggregate(fn: COUNT_DISTINCT, arg: "userId")
  song: Song @relation(fields: ["songId"])
}
type Session @aggregation(source: "Play", sessionGap: "5m") @key(fields: "userId timestamp") {
  timestamp: DateTime!
  userId: ID!
  longest: Int! @aggregate(fn: MAX, arg: "msPlayed")
}
type Total @aggregation(source: "Session") { all: String! @computed(expr: "'all'") n: BigInt! @aggregate(fn: COUNT) }
`;

export function catalogOf(text: string): Catalog {
  return buildCatalog([{ file: 's.graphql', text }]);
}

export function names(things: readonly { readonly name: string }[]): readonly string[] {
  return things.map(({ name }) => name);
}

export function tableOf(catalog: Catalog, name: string): Table {
  const table = catalog.tablesByName.get(name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

export function columnOf(table: Table, name: string): Column {
  const column = table.columnsByName.get(name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
}

export function aggregationOf(catalog: Catalog, name: string): AggregationDefinition {
  const { derivation } = tableOf(catalog, name);
  if (derivation?.kind !== 'aggregation') throw new Error(`${name} is no aggregation`);
  return derivation;
}

export function kindOf(type: Column['type']): string {
  return type.kind === 'scalar' ? type.scalar : type.kind === 'list' ? 'list' : type.name;
}

/** Reads only columns of its own table. */
export function rowOf(table: Table, values: Readonly<Record<string, Value>>): ColumnReader {
  return {
    value(column) {
      expect(table.columns).toContain(column);
      return values[column.name] ?? null;
    },
  };
}

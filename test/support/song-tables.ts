/** Tables for schemas to derive others from, a line each: what stands behind them begins on line 5. */
export const songTables = [
  'type Song @table(topic: "songs") { id: ID! title: String! genre: String seconds: Int! rating: Float price: Decimal at: DateTime! place: Place artistId: ID artist: Artist @relation(fields: ["artistId"]) plays: [Play!]! @relation(references: ["songId"]) }',
  'type Artist @table(topic: "artists") { id: ID! name: String! }',
  'type Place { city: String! }',
  'type Play @table(topic: "plays", mode: APPEND) { id: ID! @from(meta: COORDINATES) songId: ID! @index at: DateTime! ms: Int! song: Song @relation(fields: ["songId"]) }',
];

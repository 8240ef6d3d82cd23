/** The charts: two dimensions and a log of plays, with every feature of the language that a table can have. */
export const chartsSchema = `
"Who sings."
type Artist @table(topic: "artists") {
  id: ID!
  "As on the sleeve."
  name: String! @index
  country: String
  songs: [Song!]! @relation(references: ["artistId"])
}

enum Genre {
  ROCK
  JAZZ
  "Everything else."
  OTHER
  GRUNGE @deprecated(reason: "It is ROCK.")
}

"How a track sounds."
type Sound {
  bpm: Int
  key: String! @deprecated(reason: "Use tonality.")
  tonality: String
}

"A track in the catalogue."
type Song @table(topic: "songs") @index(fields: "genre plays") @limit(default: 10, max: 100) {
  id: ID!
  title: String! @index
  isrc: String @index(unique: true)
  genre: Genre!
  artistId: ID! @index
  "Null until it was played."
  plays: BigInt @index
  price: Decimal
  tags: [String!]! @default(value: [])
  sound: Sound
  extra: JSON
  labelId: ID @hidden
  durationMs: Int @deprecated(reason: "Use duration.")
  updatedAt: DateTime! @from(meta: TIMESTAMP)
  "Null until the artist arrives."
  artist: Artist @relation(fields: ["artistId"])
  listens: [Play!]! @relation(references: ["songId"])
}

"One listen."
type Play @table(topic: "plays", mode: APPEND) @key(fields: "songId n") @index(fields: "userId playedAt") {
  songId: ID!
  n: Int!
  userId: ID!
  playedAt: DateTime!
  msPlayed: Int!
  song: Song @relation(fields: ["songId"])
}

type Secret @table(topic: "secrets") @hidden {
  id: ID!
  songId: ID! @index
}

type Internal @table(topic: "internals") @expose(query: false, live: false, changes: true) {
  id: ID!
}
`;

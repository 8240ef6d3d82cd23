import type { KillRecord, KillWorld, PlainRow } from './kill-rounds.ts';
import { partitionOf, partitions } from './kill-rounds.ts';
import type { Random } from './random.ts';

/**
 * Tables of all kinds for the kill rounds, and what a plain script makes of the topic's records: it shares nothing with `src`. Keys
 * are `s…` (songs) and `a…` (artists).
 */

interface SongValue {
  readonly kind: 'song';
  readonly title: string;
  readonly seq: number;
  /** Event time, ms. */
  readonly at: number;
  readonly artistId: string | null;
}

interface ArtistValue {
  readonly kind: 'artist';
  readonly name: string;
}

export type DerivedValue = SongValue | ArtistValue;

const bucketMs = 5_000;
const graceMs = 1_000;

/** All over one topic, so that one answer waits for one topic's offsets. */
const schema = `
type Song @table(topic: "songs", accept: { kind: { eq: "song" } }) {
  id: ID!
  kind: String!
  title: String! @index(covering: true)
  seq: Int!
  at: DateTime!
  artistId: ID
  artist: Artist @relation(fields: ["artistId"])
}
type Artist @table(topic: "songs", accept: { kind: { eq: "artist" } }) {
  id: ID!
  kind: String!
  name: String!
}
type Arrival @table(topic: "songs", mode: STREAM, accept: { kind: { eq: "song" } }) {
  id: ID! @from(meta: COORDINATES)
  kind: String!
  seq: Int!
  at: DateTime!
}
type Card @view(source: "Song") {
  id: ID!
  seq: Int!
  artistName: String @from(path: "artist.name")
}
type ByTitle @aggregation(source: "Song") {
  title: String!
  songs: Int! @aggregate(fn: COUNT)
  total: BigInt! @aggregate(fn: SUM, arg: "seq")
  newest: Int! @aggregate(fn: MAX, arg: "seq")
}
type ByArtist @aggregation(source: "Song") {
  name: String @from(path: "artist.name")
  songs: Int! @aggregate(fn: COUNT)
  newest: Int! @aggregate(fn: MAX, arg: "seq")
}
type SongWindow @aggregation(source: "Song", intervals: ["5s"], timestamp: "at", grace: "1s") {
  timestamp: DateTime!
  songs: Int! @aggregate(fn: COUNT)
  total: BigInt! @aggregate(fn: SUM, arg: "seq")
  newest: Int! @aggregate(fn: MAX, arg: "seq")
}
type ArrivalWindow @aggregation(source: "Arrival", intervals: ["5s"], timestamp: "at", grace: "1s") {
  timestamp: DateTime!
  songs: Int! @aggregate(fn: COUNT)
  total: BigInt! @aggregate(fn: SUM, arg: "seq")
  newest: Int! @aggregate(fn: MAX, arg: "seq")
}
`;

class Group {
  #songs = 0;
  #total = 0;
  #newest = 0;

  add({ seq }: SongValue): void {
    this.#songs += 1;
    this.#total += seq;
    this.#newest = Math.max(this.#newest, seq);
  }

  get all(): PlainRow {
    return [this.#songs, String(this.#total), this.#newest];
  }

  get countAndNewest(): PlainRow {
    return [this.#songs, this.#newest];
  }
}

class Groups<K> {
  readonly #byKey = new Map<K, Group>();

  add(key: K, song: SongValue): void {
    const group = this.#byKey.get(key) ?? new Group();
    this.#byKey.set(key, group);
    group.add(song);
  }

  rows(row: (key: K, group: Group) => PlainRow): readonly PlainRow[] {
    return [...this.#byKey].map(([key, group]) => row(key, group));
  }
}

/** Every table as the records make it. */
function tablesOf(records: readonly KillRecord<DerivedValue>[]) {
  const artists = new Map<string, ArtistValue>();
  const songs = new Map<string, { readonly value: SongValue; readonly bucket: number; readonly counted: boolean }>();
  const arrivals = new Groups<number>();
  const times = new Map<number, number>();
  for (const { key, value } of records) {
    if (value === undefined) continue;
    if (value === null) {
      songs.delete(key);
      artists.delete(key);
      continue;
    }
    if (value.kind === 'artist') {
      artists.set(key, value);
      continue;
    }
    const bucket = Math.floor(value.at / bucketMs) * bucketMs;
    const partition = partitionOf(key);
    const time = times.get(partition) ?? -Infinity;
    const late = bucket + bucketMs <= time - graceMs;
    if (!late) arrivals.add(bucket, value);
    const found = songs.get(key);
    const corrects = found?.counted === true && found.bucket === bucket;
    songs.set(key, { value, bucket, counted: !late || corrects });
    times.set(partition, Math.max(time, value.at));
  }

  const byTitle = new Groups<string>();
  const byArtist = new Groups<string | null>();
  const windows = new Groups<number>();
  const nameOf = ({ artistId }: SongValue) => artists.get(artistId ?? '')?.name ?? null;
  for (const { value, bucket, counted } of songs.values()) {
    byTitle.add(value.title, value);
    byArtist.add(nameOf(value), value);
    if (counted) windows.add(bucket, value);
  }
  // A partition without a record holds every bucket open.
  const closedTo = times.size < partitions ? -Infinity : Math.min(...times.values()) - graceMs;
  const windowRow = (bucket: number, group: Group): PlainRow => [
    new Date(bucket).toISOString(),
    bucket + bucketMs <= closedTo,
    ...group.all,
  ];
  return {
    songs: [...songs].map(([id, { value }]) => [id, value.title, value.seq, value.artistId]),
    artists: [...artists].map(([id, { name }]) => [id, name]),
    cards: [...songs].map(([id, { value }]) => [id, value.seq, nameOf(value)]),
    byTitles: byTitle.rows((title, group) => [title, ...group.all]),
    byArtists: byArtist.rows((name, group) => [name, ...group.countAndNewest]),
    songWindows: windows.rows(windowRow),
    arrivalWindows: arrivals.rows(windowRow),
  };
}

function recordsOf(random: Random): () => KillRecord<DerivedValue> {
  let seq = 0;
  return () => {
    seq += 1;
    const kind = random.next();
    if (kind < 0.05) {
      const key = `a${random.int(9)}`;
      return { key, value: random.next() < 0.3 ? null : { kind: 'artist', name: `n${random.int(5)}` } };
    }
    const key = `s${random.int(60)}`;
    if (kind < 0.15) return { key, value: null };
    if (kind < 0.2) return { key, value: undefined };
    // Event time goes on by 5 ms a record; every eighth is late by up to twice what its window and grace allow.
    const back = random.int(8) === 0 ? random.int(12_000) : random.int(500);
    const at = 1_700_000_000_000 + seq * 5 - back;
    const artistId = random.int(5) === 0 ? null : `a${random.int(9)}`;
    return { key, value: { kind: 'song', title: `t${random.int(20)}`, seq, at, artistId } };
  };
}

export const derivedWorld: KillWorld<DerivedValue> = {
  schema,
  tables: {
    songs: 'id title seq artistId',
    artists: 'id name',
    cards: 'id seq artistName',
    byTitles: 'title songs total newest',
    byArtists: 'name songs newest',
    songWindows: 'timestamp closed songs total newest',
    arrivalWindows: 'timestamp closed songs total newest',
  },
  followed: { songs: 'song', byTitles: 'byTitle', songWindows: 'songWindow', arrivalWindows: 'arrivalWindow' },
  recordsOf,
  tablesOf,
};

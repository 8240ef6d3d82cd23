import { artists, songs } from './seed.ts';
import type { Song } from './seed.ts';

/** A record for a topic, as both the embedded log and Kafka take it. */
export interface ChartRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: unknown;
  readonly timestamp: number;
}

export const chartTopics = { artists: 1, songs: 1, plays: 3 } as const;

/** The whole catalogue, once. */
export function seedRecords(now: number): ChartRecord[] {
  return [
    ...artists.map((artist) => ({ topic: 'artists', key: artist.id, value: artist, timestamp: now })),
    ...songs.map((song) => ({ topic: 'songs', key: song.id, value: song, timestamp: now })),
  ];
}

export interface Listeners {
  /** One listener hears one song at this time, and may like it: the records that tell so. */
  listen(now: number): ChartRecord[];
}

const userCount = 500;

/**
 * Five hundred listeners with a common taste that drifts: some songs are hits, and which ones changes every few hundred
 * plays. The same seed gives the same plays. `likes` are those that songs have already.
 */
export function createListeners(seed: number, likes: ReadonlyMap<string, number> = new Map()): Listeners {
  const random = createRandom(seed);
  const pick = (count: number): number => Math.floor(random() * count);
  const likesBySong = new Map(songs.map((song) => [song.id, likes.get(song.id) ?? song.likes]));
  const hits = Array.from({ length: 12 }, () => pick(songs.length));
  let count = 0;

  function nextSong(): Song {
    // Two of three plays are of a hit, the first hits more often than the last.
    const index = random() < 0.66 ? hits[Math.floor(random() ** 2 * hits.length)] : pick(songs.length);
    const song = songs[index ?? 0];
    if (song === undefined) throw new Error('the catalogue is empty');
    return song;
  }

  return {
    listen(now) {
      count += 1;
      if (count % 200 === 0) hits[pick(hits.length)] = pick(songs.length);
      const song = nextSong();
      const play = {
        songId: song.id,
        userId: `u${pick(userCount) + 1}`,
        playedAt: new Date(now).toISOString(),
        // Most hear it to the end, some skip it.
        msPlayed: Math.round(song.durationMs * Math.min(1, 0.1 + random() * 1.5)),
      };
      const records: ChartRecord[] = [{ topic: 'plays', key: song.id, value: play, timestamp: now }];
      if (play.msPlayed === song.durationMs && random() < 0.3) {
        const total = (likesBySong.get(song.id) ?? 0) + 1;
        likesBySong.set(song.id, total);
        records.push({ topic: 'songs', key: song.id, value: { ...song, likes: total }, timestamp: now });
      }
      return records;
    },
  };
}

/** Seeded random numbers in [0, 1): mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

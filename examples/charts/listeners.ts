import { createRandom } from '../support/random.ts';
import type { ExampleRecord } from '../support/publisher.ts';
import { artists, songs } from './seed.ts';
import type { Song } from './seed.ts';

export const chartTopics = { artists: 1, songs: 1, plays: 3 } as const;

/** The whole catalogue, once. */
export function seedRecords(now: number): ExampleRecord[] {
  return [
    ...artists.map((artist) => ({ topic: 'artists', key: artist.id, value: artist, timestamp: now })),
    ...songs.map((song) => ({ topic: 'songs', key: song.id, value: song, timestamp: now })),
  ];
}

export interface Listeners {
  /** One listener hears one song at this time, and may like it: the records that tell so. */
  listen(now: number): ExampleRecord[];
}

const userCount = 500;
const genres = [...new Set(songs.map(({ genre }) => genre))];
const songsByGenre = new Map(genres.map((genre) => [genre, songs.filter((song) => song.genre === genre)]));

/** A song that catches on is heard this much more often than one that nobody talks about. */
const heatOfHit = 6;
/** After as many plays, all genres together, somebody shares another song and those before it cool down. */
const playsPerHit = 15;
const coolingPerHit = 0.92;

/**
 * Five hundred listeners, each with a favourite genre, and in every genre songs that catch on and wear off again: that
 * is what moves the charts. The same seed gives the same plays. `likes` are those that songs have already.
 */
export function createListeners(seed: number, likes: ReadonlyMap<string, number> = new Map()): Listeners {
  const random = createRandom(seed);
  const pick = (count: number): number => Math.floor(random() * count);
  const likesBySong = new Map(songs.map((song) => [song.id, likes.get(song.id) ?? song.likes]));
  const heat = new Map(songs.map((song) => [song.id, 1]));
  for (const genre of genres) for (let hits = 0; hits < 4; hits++) catchOn(songOf(genre));
  let count = 0;

  function catchOn(song: Song): void {
    heat.set(song.id, heatOf(song) + heatOfHit);
  }

  function heatOf(song: Song): number {
    return heat.get(song.id) ?? 1;
  }

  function songOf(genre: string | undefined, weight: (song: Song) => number = () => 1): Song {
    const candidates = songsByGenre.get(genre ?? '') ?? songs;
    let left = random() * candidates.reduce((sum, song) => sum + weight(song), 0);
    const found = candidates.find((song) => (left -= weight(song)) < 0) ?? candidates.at(-1);
    if (found === undefined) throw new Error('the catalogue is empty');
    return found;
  }

  return {
    listen(now) {
      count += 1;
      if (count % playsPerHit === 0) {
        for (const [song, before] of heat) heat.set(song, 1 + (before - 1) * coolingPerHit);
        catchOn(songOf(undefined));
      }
      const user = pick(userCount) + 1;
      // Three of four times it is what they always hear.
      const song = songOf(genres[random() < 0.75 ? user % genres.length : pick(genres.length)], heatOf);
      const play = {
        songId: song.id,
        userId: `u${user}`,
        playedAt: new Date(now).toISOString(),
        // Most hear it to the end, some skip it.
        msPlayed: Math.round(song.durationMs * Math.min(1, 0.1 + random() * 1.5)),
      };
      const records: ExampleRecord[] = [{ topic: 'plays', key: song.id, value: play, timestamp: now }];
      if (play.msPlayed === song.durationMs && random() < 0.3) {
        const total = (likesBySong.get(song.id) ?? 0) + 1;
        likesBySong.set(song.id, total);
        records.push({ topic: 'songs', key: song.id, value: { ...song, likes: total }, timestamp: now });
      }
      return records;
    },
  };
}

import { fileURLToPath } from 'node:url';
import { startPlay } from '../support/play.ts';
import type { Play, Playing, PlayOptions } from '../support/play.ts';
import { chartTopics, createListeners, seedRecords } from './listeners.ts';

const historyPlays = 1_500;
const historyMs = 24 * 3_600_000;
/** Just before the start about half as many are played as from then on: a past to compare with, and a quick start. */
const recentPlays = 3_600;
const recentMs = 16 * 60_000;

const opening = `# The five most played pop songs of this hour,
# live: press play. For the day, change H1 to D1;
# to ask once, "subscription" to "query".

subscription {
  songStatsList(
    where: {
      interval: { eq: H1 }
      genre: { eq: POP }
    }
    orderBy: [
      { timestamp: DESC }
      { plays: DESC }
    ]
    limit: 5
  ) {
    plays
    song { title }
  }
}
`;

/** The catalogue, a day of plays, and listeners who keep playing songs. */
export const charts: Play = {
  schema: fileURLToPath(new URL('./schema', import.meta.url)),
  opening,
  topics: chartTopics,
  counted: 'plays',
  history(seed, now) {
    const start = now - historyMs;
    const listeners = createListeners(seed);
    const plays = [
      ...evenly(historyPlays, start, historyMs - recentMs),
      ...evenly(recentPlays, now - recentMs, recentMs),
    ].map((at) => listeners.listen(at));
    return [...seedRecords(start), ...plays.flat()];
  },
  async resume(seed, ask) {
    const { songs } = await ask<{ songs: readonly { id: string; likes: number }[] }>(
      '{ songs(limit: 1000) { id likes } }',
    );
    const listeners = createListeners(seed, new Map(songs.map(({ id, likes }) => [id, likes])));
    return (now) => listeners.listen(now);
  },
};

function evenly(count: number, start: number, spanMs: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.round(start + (index / count) * spanMs));
}

/** The example as a part of another program. */
export function startCharts(options: PlayOptions): Promise<Playing> {
  return startPlay(charts, options);
}

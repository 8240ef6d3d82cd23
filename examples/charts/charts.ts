import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Gateway } from '../../src/index.ts';
import { openPublisher } from '../support/publisher.ts';
import type { Publisher } from '../support/publisher.ts';
import { serve } from '../support/serve.ts';
import { chartTopics, createListeners, seedRecords } from './listeners.ts';

export interface ChartsOptions {
  readonly kafka?: string | undefined;
  readonly directory: string;
  readonly port: number;
  /** Plays a second. */
  readonly rate: number;
  /** The same seed gives the same plays. */
  readonly seed: number;
}

export interface Charts {
  readonly gateway: Gateway;
  close(): Promise<void>;
}

/** A log is never trimmed: at this many plays (about 250 MB) the music stops. */
const maxPlays = 1_500_000;
/** A first page should not be empty: a day of plays before the start. */
const historyPlays = 1_500;
const historyMs = 24 * 3_600_000;

const schema = fileURLToPath(new URL('./schema', import.meta.url));

/** The seed if it is not there yet, the gateway, and listeners who keep playing songs. */
export async function startCharts(options: ChartsOptions): Promise<Charts> {
  const publisher = await openPublisher(options, chartTopics);
  try {
    if ((await publisher.count('songs')) === 0) await publishHistory(publisher, options.seed, Date.now());
    const gateway = await serve({ ...options, schema });
    const stop = new AbortController();
    const playing = play(publisher, gateway, options, stop.signal);
    playing.catch((cause: unknown) => console.error('the music stopped:', cause));
    return {
      gateway,
      async close() {
        stop.abort();
        await playing.catch(() => {});
        await gateway.close();
        await publisher.close();
      },
    };
  } catch (cause) {
    await publisher.close();
    throw cause;
  }
}

async function publishHistory(publisher: Publisher, seed: number, now: number): Promise<void> {
  const start = now - historyMs;
  const listeners = createListeners(seed);
  const plays = Array.from({ length: historyPlays }, (_, index) =>
    listeners.listen(Math.round(start + (index / historyPlays) * historyMs)),
  );
  await publisher.publish([...seedRecords(start), ...plays.flat()]);
}

async function play(
  publisher: Publisher,
  gateway: Gateway,
  { rate, seed }: ChartsOptions,
  signal: AbortSignal,
): Promise<void> {
  if (rate <= 0) return;
  let plays = await publisher.count('plays');
  const listeners = createListeners(seed + plays, await fetchLikes(gateway));
  for (; plays < maxPlays && !signal.aborted; plays += 1) {
    await publisher.publish(listeners.listen(Date.now()));
    // Ends early, by an abort, when the example is closed.
    await pause(1_000 / rate, undefined, { signal }).catch(() => {});
  }
  if (!signal.aborted) {
    console.error(
      `the log holds ${maxPlays} plays and is never trimmed: no more are added. Delete its folder to start anew.`,
    );
  }
}

/** What the songs have now: the gateway is also a client's way to the state of a topic. */
async function fetchLikes(gateway: Gateway): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ songs(limit: 1000) { id likes } }' }),
  });
  const { data } = (await response.json()) as { data: { songs: readonly { id: string; likes: number }[] } };
  return new Map(data.songs.map(({ id, likes }) => [id, likes]));
}

import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Gateway } from '../../src/index.ts';
import { openPublisher } from '../support/publisher.ts';
import type { ExampleRecord, Publisher } from '../support/publisher.ts';
import { serve } from '../support/serve.ts';
import { earthquakeTopics, networkRecords, readFeed } from './feed.ts';

export interface EarthquakesOptions {
  readonly kafka?: string | undefined;
  readonly directory: string;
  readonly port: number;
  /** Seconds of the feed in a second of yours. */
  readonly speed: number;
}

export interface Earthquakes {
  readonly gateway: Gateway;
  /** Resolves when the whole week has been published; with false where it was closed before. */
  readonly replayed: Promise<boolean>;
  close(): Promise<void>;
}

/** Published at once, so that the first answer is not empty. */
const historyMs = 24 * 3_600_000;

const schema = fileURLToPath(new URL('./schema', import.meta.url));

/** What GraphiQL opens with. */
export const opening = `# The newest earthquakes that could be felt, live:
# press play. To ask once, change "subscription"
# to "query".

subscription {
  earthquakes(
    where: { magnitude: { gte: 2.5 } }
    orderBy: [{ time: DESC }]
    limit: 5
  ) {
    magnitude
    place
    time
    network { name }
  }
}
`;

/** The gateway over a replay of the feed; a replay that was interrupted goes on where it was. */
export async function startEarthquakes(options: EarthquakesOptions): Promise<Earthquakes> {
  const publisher = await openPublisher(options, earthquakeTopics);
  try {
    const feed = readFeed();
    const first = feed[0]?.timestamp ?? 0;
    if ((await publisher.count('networks')) === 0) await publisher.publish(networkRecords(first));
    let published = await publisher.count('earthquakes');
    if (published === 0) {
      const history = feed.filter(({ timestamp }) => timestamp < first + historyMs);
      await publisher.publish(history);
      published = history.length;
    }
    const gateway = await serve({ ...options, schema, opening });
    const stop = new AbortController();
    const replayed = replay(publisher, feed.slice(published), options.speed, stop.signal);
    replayed.catch((cause: unknown) => console.error('the replay stopped:', cause));
    return {
      gateway,
      replayed,
      async close() {
        stop.abort();
        await replayed.catch(() => {});
        await gateway.close();
        await publisher.close();
      },
    };
  } catch (cause) {
    await publisher.close();
    throw cause;
  }
}

async function replay(
  publisher: Publisher,
  feed: readonly ExampleRecord[],
  speed: number,
  signal: AbortSignal,
): Promise<boolean> {
  const first = feed[0]?.timestamp ?? 0;
  const started = performance.now();
  for (const record of feed) {
    const dueMs = (record.timestamp - first) / speed - (performance.now() - started);
    // Ends early, by an abort, when the example is closed.
    if (dueMs > 0) await pause(dueMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return false;
    await publisher.publish([record]);
  }
  return true;
}

import { describe, expect, test } from 'vitest';
import { ask, documentInReadme, listenUntil, startExample } from '../support/example-process.ts';
import type { ExampleProcess } from '../support/example-process.ts';
import { admin, brokers, noBrokerOfOurOwn } from '../support/kafka/lane.ts';
import { makeDirectory } from '../support/open-test-store.ts';

/**
 * The examples over Kafka, as their READMEs start them. Their topics have names that somebody's own broker may know
 * already, so only a broker that the lane started gets them.
 */
describe.skipIf(noBrokerOfOurOwn)('over Kafka', () => {
  test('the charts play, answer what their README shows, and go on after a restart', async () => {
    const directory = makeDirectory();
    const first = await start('charts', directory, '--rate', '50');
    const top = await ask(first.url, JSON.stringify({ query: documentInReadme('charts', 'TopSongs') }));
    expect(top['songs']).toHaveLength(10);
    expect(top['songs']?.[0]).toEqual({
      title: expect.any(String),
      likes: expect.any(Number),
      genre: expect.any(String),
      artist: { name: expect.any(String), country: expect.any(String) },
    });
    const { frames } = await listenForFrames(2, first, 'charts', 'LiveTopSongs');
    expect(frames[0]?.['songs']).toHaveLength(10);
    expect(frames[1]?.['songs']).not.toEqual(frames[0]?.['songs']);
    expect(await first.stop('SIGTERM')).toBe(0);

    const count = await recordsIn('plays');
    expect(count).toBeGreaterThan(1_500);
    const second = await start('charts', directory, '--rate', '0');
    expect(await countOf(second, 'plays')).toBe(count);
    expect(await countOf(second, 'songs')).toBe(120);
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(await recordsIn('artists')).toBe(40);
  });

  test('the earthquakes are replayed, and answer what their README shows', async () => {
    const directory = makeDirectory();
    const first = await start('earthquakes', directory, '--speed', '5000');
    const strongest = await ask(first.url, JSON.stringify({ query: documentInReadme('earthquakes', 'Strongest') }));
    expect(strongest['earthquakes']).toHaveLength(10);
    const { frames } = await listenForFrames(2, first, 'earthquakes', 'Felt');
    expect(frames[0]?.['earthquakes']).toHaveLength(10);
    expect(frames[1]?.['earthquakes']).not.toEqual(frames[0]?.['earthquakes']);
    expect(await first.stop('SIGTERM')).toBe(0);
    expect(await recordsIn('earthquakes')).toBeLessThan(1_707);

    const second = await start('earthquakes', directory, '--speed', '1000000');
    await second.printed('The whole week has been replayed');
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(await recordsIn('earthquakes')).toBe(1_707);
  });
});

function start(example: string, directory: string, ...args: readonly string[]): Promise<ExampleProcess> {
  return startExample(example, directory, '--kafka', brokers.join(','), ...args);
}

/** The first frames of a subscription that the README shows. */
async function listenForFrames(
  count: number,
  { url }: ExampleProcess,
  example: string,
  name: string,
): Promise<{ readonly frames: readonly Record<string, unknown>[] }> {
  const events = (text: string) => [...text.matchAll(/^data: (\{"data".*)\n/gm)].map(([, json = '']) => json);
  const text = await listenUntil(
    (received) => events(received).length >= count,
    url,
    JSON.stringify({ query: documentInReadme(example, name) }),
  );
  return { frames: events(text).map((json) => (JSON.parse(json) as { data: Record<string, unknown> }).data) };
}

async function countOf({ url }: ExampleProcess, plural: string): Promise<unknown> {
  const query = `{ ${plural}Connection(first: 1) { totalCount } }`;
  const data = (await ask(url, JSON.stringify({ query }))) as Record<string, unknown>;
  return (data[`${plural}Connection`] as { totalCount: number }).totalCount;
}

async function recordsIn(topic: string): Promise<number> {
  const offsets = await (await admin()).fetchTopicOffsets(topic);
  return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
}

import { describe, expect, onTestFinished, test } from 'vitest';
import { haveBrowser } from '../support/browser/open-browser.ts';
import { pageNumbers } from '../support/browser/page-numbers.ts';
import { badge, openPageWorld } from '../support/browser/page-world.ts';
import { ask, documentInReadme, framesIn, listenUntil, startExample } from '../support/example-process.ts';
import type { ExampleProcess } from '../support/example-process.ts';
import { admin, brokers, noBrokerOfOurOwn, producer } from '../support/kafka/lane.ts';
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
    const { frames } = await listenForFrames(2, first, 'charts', 'TopFive');
    expect(frames[0]?.['songStatsList']).toHaveLength(5);
    expect(frames[1]).not.toEqual(frames[0]);
    expect(await first.stop('SIGTERM')).toBe(0);

    const count = await recordsIn('plays');
    expect(count).toBeGreaterThan(1_500);
    const second = await start('charts', directory, '--rate', '0');
    expect(await countOf(second, 'plays')).toBe(count);
    expect(await countOf(second, 'songs')).toBe(120);
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(await recordsIn('artists')).toBe(40);
  });

  test('the market moves exposures, answers what its README shows, and goes on after a restart', async () => {
    const directory = makeDirectory();
    const first = await start('risk', directory, '--rate', '50');
    const largest = await ask(first.url, JSON.stringify({ query: documentInReadme('risk', 'LargestPositions') }));
    expect(largest['positionValues']).toHaveLength(5);
    const { frames } = await listenForFrames(2, first, 'risk', 'Exposure');
    expect(frames[0]?.['portfolioExposures']).toHaveLength(5);
    expect(frames[1]).not.toEqual(frames[0]);
    expect(await first.stop('SIGTERM')).toBe(0);

    const second = await start('risk', directory, '--rate', '0');
    expect(await countOf(second, 'trades')).toBe(await recordsIn('trades'));
    expect(await countOf(second, 'quotes')).toBe(12);
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(await recordsIn('portfolios')).toBe(5);
  });

  test('the orders move their notes, answer what their README shows, and go on after a restart', async () => {
    const directory = makeDirectory();
    const first = await start('orders', directory, '--rate', '50');
    const best = await ask(first.url, JSON.stringify({ query: documentInReadme('orders', 'BestSellers') }));
    expect(best['productRevenues']).toHaveLength(5);
    const { frames } = await listenForFrames(2, first, 'orders', 'OpenNotes');
    expect(frames[0]?.['orderNotes']).toHaveLength(5);
    expect(frames[1]).not.toEqual(frames[0]);
    expect(await first.stop('SIGTERM')).toBe(0);

    const second = await start('orders', directory, '--rate', '0');
    expect(await countOf(second, 'orderNotes')).toBe(await countOf(second, 'orders'));
    expect(await countOf(second, 'customers')).toBe(24);
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(await recordsIn('orders')).toBeGreaterThan(1_500);
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

  // Those of before are in the topics, so that each page has something to show at once.
  test.skipIf(!haveBrowser()).each([
    ['charts', ['--rate', '40']],
    ['risk', ['--rate', '40']],
    ['earthquakes', ['--speed', '1']],
  ])('the page of %s moves with what is in Kafka, and goes on after kill -9', async (example, options) => {
    const args = [...options, '--kafka', brokers.join(',')];
    const world = await openPageWorld(example, ...args);
    onTestFinished(() => world.close());
    const { watched } = world;
    const moves = async () => {
      await expect.poll(() => badge(watched), { timeout: 30_000 }).toBe('live');
      await expect.poll(() => pageNumbers(watched.page)).not.toEqual([]);
      const before = await pageNumbers(watched.page);
      if (example === 'earthquakes') await sendQuake();
      await expect.poll(() => pageNumbers(watched.page), { timeout: 30_000 }).not.toEqual(before);
    };
    await moves();
    await watched.page.evaluate('window.opened = true');
    await world.kill();
    await expect.poll(() => badge(watched), { timeout: 20_000 }).toBe('reconnecting');
    await world.restart(...args);
    await moves();
    expect(await watched.page.evaluate('window.opened')).toBe(true);
  });
});

let quakes = 0;

/** One more that is felt: the replay is over. */
async function sendQuake(): Promise<void> {
  quakes += 1;
  const id = `byhand${quakes}`;
  const time = Date.UTC(2018, 1, 7, 12, quakes);
  const properties = { time, updated: time, mag: 7.25, place: 'By hand', type: 'earthquake', status: 'reviewed' };
  const geometry = { coordinates: [-150, 10, 42] };
  const more = { sig: 900, tsunami: 0, net: 'us', magType: 'mw', felt: 1 };
  const value = JSON.stringify({ id, properties: { ...properties, ...more }, geometry });
  await (await producer()).send({ topic: 'earthquakes', messages: [{ key: id, value }] });
}

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
  const text = await listenUntil(
    (received) => framesIn(received).length >= count,
    url,
    JSON.stringify({ query: documentInReadme(example, name) }),
  );
  return { frames: framesIn(text) };
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

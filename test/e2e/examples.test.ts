import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { serve } from '../../examples/support/serve.ts';
import { appendToLog } from '../../src/source/log-writer.ts';
import { plainEarthquakeStats } from '../support/earthquake-stats.ts';
import type { PlainStats } from '../support/earthquake-stats.ts';
import { ask, framesIn, listenUntil, startExample } from '../support/example-process.ts';
import type { ExampleProcess } from '../support/example-process.ts';
import { plainExposures, plainRevenues } from '../support/example-sums.ts';
import { makeDirectory } from '../support/open-test-store.ts';

/** The examples as a user starts them, and what their banners say to try. */
let directory: string;
beforeEach(() => {
  directory = makeDirectory();
});

const start = (example: string, ...args: readonly string[]) => startExample(example, directory, ...args);

/** Resolves when an event of the subscription holds the text. */
async function listenFor(expected: string, url: string, body: string): Promise<void> {
  await listenUntil((text) => text.includes(expected), url, body);
}

/** What the banner says to paste into GraphiQL. */
function pasted(banner: string): string {
  return /subscription (\{[^]*?\n {4}\})/.exec(banner)?.[1] ?? '';
}

/** Resolves once the subscription has given two answers that differ. */
async function listenForMove({ url }: ExampleProcess, document: string): Promise<void> {
  const moved = (text: string) => new Set(framesIn(text).map((data) => JSON.stringify(data))).size >= 2;
  await listenUntil(moved, url, JSON.stringify({ query: `subscription ${document}` }));
}

/** The bodies of the banner's curl commands, as a shell passes them. */
function curls(banner: string): readonly { readonly live: boolean; readonly body: string }[] {
  return [...banner.matchAll(/curl [^]*?-d '(.*)'/g)].map(([command, body = '']) => ({
    live: command.includes('text/event-stream'),
    body,
  }));
}

test('the charts play, answer what the banner says, and go on after a restart', async () => {
  const first = await start('charts', '--rate', '50');
  const document = pasted(first.banner);
  expect((await ask(first.url, JSON.stringify({ query: document })))['songStatsList']).toHaveLength(5);
  await listenForMove(first, document);
  const [live, question] = curls(first.banner);
  expect(live?.live).toBe(true);
  await listenFor('"playedAt"', first.url, live?.body ?? '');
  expect((await ask(first.url, question?.body ?? ''))['songs']).toHaveLength(3);
  const mostLiked = '{"query":"{ songs(orderBy: [{ likes: DESC }], limit: 1) { likes } }"}';
  const before = await ask(first.url, mostLiked);
  expect(await first.stop()).toBe(0);
  const played = lines('plays');

  const second = await start('charts', '--rate', '0');
  const after = await ask(second.url, mostLiked);
  expect(after['songs']?.[0]?.['likes']).toBeGreaterThanOrEqual(before['songs']?.[0]?.['likes'] as number);
  expect(await second.stop()).toBe(0);
  expect(lines('plays')).toBe(played);
  expect(lines('artists')).toBe(40);
}, 60_000);

test('the market moves exposures, which are those that a plain script computes from the log', async () => {
  const first = await start('risk', '--rate', '50');
  const document = pasted(first.banner);
  expect((await ask(first.url, JSON.stringify({ query: document })))['portfolioExposures']).toHaveLength(5);
  await listenForMove(first, document);
  const [live, question] = curls(first.banner);
  expect(live?.live).toBe(true);
  await listenFor('"ticks"', first.url, live?.body ?? '');
  expect((await ask(first.url, question?.body ?? ''))['positionValues']).toHaveLength(5);
  expect(await first.stop()).toBe(0);

  const second = await start('risk', '--rate', '0');
  const { portfolioExposures = [] } = await ask(
    second.url,
    '{"query":"{ portfolioExposures { portfolioId exposure profit } }"}',
  );
  expect(new Map(portfolioExposures.map(({ portfolioId, ...sums }) => [portfolioId, sums]))).toEqual(
    plainExposures(directory),
  );
  expect(await second.stop()).toBe(0);
  expect(lines('assets')).toBe(12);
}, 60_000);

test('the orders move notes and totals, which are those that a plain script computes from the log', async () => {
  const first = await start('orders', '--rate', '50');
  const document = pasted(first.banner);
  expect((await ask(first.url, JSON.stringify({ query: document })))['orderNotes']).toHaveLength(4);
  await listenForMove(first, document);
  const [live, question] = curls(first.banner);
  expect(live?.live).toBe(true);
  await listenFor('"revenue"', first.url, live?.body ?? '');
  expect((await ask(first.url, question?.body ?? ''))['customerTotals']).toHaveLength(3);
  expect(await first.stop()).toBe(0);

  const second = await start('orders', '--rate', '0');
  const { productRevenues = [] } = await ask(second.url, '{"query":"{ productRevenues { productId revenue } }"}');
  expect(new Map(productRevenues.map(({ productId, revenue }) => [productId, revenue]))).toEqual(
    plainRevenues(directory),
  );
  expect(await second.stop()).toBe(0);
}, 60_000);

test('an example whose schema was edited reads again what no longer fits', async () => {
  const schema = join(directory, 'schema');
  const write = (expression: string): void =>
    writeFileSync(
      join(schema, 'song.graphql'),
      `type Song @table(topic: "songs") { id: ID! title: String! shown: String! @computed(expr: "${expression}") }`,
    );
  mkdirSync(schema);
  write('title');
  appendToLog(join(directory, 'log'), 'songs', [{ key: 's1', value: { title: 'Tidelines' } }]);
  await (await serve({ schema, directory, port: 0, opening: '' })).close();

  write('upper(title)');
  const gateway = await serve({ schema, directory, port: 0, opening: '' });
  expect(await ask(gateway.url, '{"query":"{ songs { shown } }"}')).toEqual({ songs: [{ shown: 'TIDELINES' }] });
  await gateway.close();

  write('upper(tilte)');
  await expect(serve({ schema, directory, port: 0, opening: '' })).rejects.toThrow('Did you mean "title"?');
});

test('the earthquakes are replayed once, also in two goes, and sum up to what a plain script computes', async () => {
  const first = await start('earthquakes', '--speed', '5000');
  const document = pasted(first.banner);
  expect((await ask(first.url, JSON.stringify({ query: document })))['earthquakes']).toHaveLength(5);
  const [live] = curls(first.banner);
  await listenFor('"magnitude"', first.url, live?.body ?? '');
  expect(await first.stop()).toBe(0);
  const before = lines('earthquakes');
  expect(before).toBeLessThan(1_707);

  const second = await start('earthquakes', '--speed', '1000000');
  await second.printed('The whole week has been replayed');
  const plain = plainEarthquakeStats();
  const statsList = await earthquakeStats(second, 1_707);
  expect(byBucket(statsList)).toEqual(byBucket(plain));
  expect(statsList).toHaveLength(plain.length);
  expect(await second.stop()).toBe(0);
  expect(lines('earthquakes')).toBe(1_707);
}, 60_000);

/** All rows of the aggregation, once the gateway has read as many records as were replayed. */
async function earthquakeStats({ url }: ExampleProcess, records: number): Promise<readonly PlainStats[]> {
  const read = (text: string) =>
    framesIn(text).some((data) => JSON.stringify(data).includes(`"totalCount":${records}`));
  await listenUntil(read, url, '{"query":"subscription { earthquakesConnection(first: 1) { totalCount } }"}');
  const pages = await Promise.all(
    ['H1', 'D1'].map((interval) => {
      const where = `{ interval: { eq: ${interval} } }`;
      const query = `{ networkStatsList(where: ${where}, limit: 1000) { interval timestamp networkId earthquakes strongest average felt } }`;
      return ask(url, JSON.stringify({ query }));
    }),
  );
  return pages.flatMap((page) => page['networkStatsList'] as never as readonly PlainStats[]);
}

function byBucket(statsList: readonly PlainStats[]): ReadonlyMap<string, PlainStats> {
  return new Map(statsList.map((stats) => [`${stats.interval} ${stats.timestamp} ${stats.networkId}`, stats]));
}

function lines(topic: string): number {
  return readFileSync(join(directory, 'log', `${topic}.ndjson`), 'utf8').split('\n').length - 1;
}

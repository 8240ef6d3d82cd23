import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { ask, listenUntil, startExample } from '../support/example-process.ts';
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

/** The bodies of the banner's curl commands, as a shell passes them. */
function curls(banner: string): readonly { readonly live: boolean; readonly body: string }[] {
  return [...banner.matchAll(/curl [^]*?-d '(.*)'/g)].map(([command, body = '']) => ({
    live: command.includes('text/event-stream'),
    body,
  }));
}

test('the charts play, answer what the banner says, and go on after a restart', async () => {
  const first = await start('charts', '--rate', '50');
  const [live, question] = curls(first.banner);
  expect(live?.live).toBe(true);
  await listenFor('"playedAt"', first.url, live?.body ?? '');
  expect((await ask(first.url, question?.body ?? ''))['songs']).toHaveLength(3);
  const document = /subscription (\{[^]*?\n {4}\})/.exec(first.banner)?.[1] ?? '';
  const top = await ask(first.url, JSON.stringify({ query: document }));
  expect(top['songs']).toHaveLength(5);
  await listenFor('"likes"', first.url, JSON.stringify({ query: `subscription ${document}` }));
  expect(await first.stop()).toBe(0);
  const played = lines('plays');

  const second = await start('charts', '--rate', '0');
  const likes = (await ask(second.url, '{"query":"{ songs(orderBy: [{ likes: DESC }], limit: 1) { likes } }"}'))[
    'songs'
  ];
  expect(likes?.[0]?.['likes']).toBeGreaterThanOrEqual(top['songs']?.[0]?.['likes'] as number);
  expect(await second.stop()).toBe(0);
  expect(lines('plays')).toBe(played);
  expect(lines('artists')).toBe(40);
}, 60_000);

test('the earthquakes are replayed once, also in two goes', async () => {
  const first = await start('earthquakes', '--speed', '5000');
  const document = /subscription (\{[^]*?\n {4}\})/.exec(first.banner)?.[1] ?? '';
  expect((await ask(first.url, JSON.stringify({ query: document })))['earthquakes']).toHaveLength(5);
  const [live] = curls(first.banner);
  await listenFor('"magnitude"', first.url, live?.body ?? '');
  expect(await first.stop()).toBe(0);
  const before = lines('earthquakes');
  expect(before).toBeLessThan(1_707);

  const second = await start('earthquakes', '--speed', '1000000');
  await second.printed('The whole week has been replayed');
  expect(await second.stop()).toBe(0);
  expect(lines('earthquakes')).toBe(1_707);
}, 60_000);

function lines(topic: string): number {
  return readFileSync(join(directory, 'log', `${topic}.ndjson`), 'utf8').split('\n').length - 1;
}

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createListeners, seedRecords } from '../../examples/charts/listeners.ts';
import { networkRecords, readFeed } from '../../examples/earthquakes/feed.ts';
import * as shop from '../../examples/orders/shop.ts';
import * as market from '../../examples/risk/market.ts';
import type { ExampleRecord } from '../../examples/support/publisher.ts';
import { documentInReadme } from '../support/example-process.ts';
import { runHeadgate } from '../support/gateway-process.ts';
import { createTestGateway } from '../../src/testing.ts';
import type { TestGateway, TestSubscription } from '../../src/testing.ts';

/** Every query of the examples' READMEs, run on the examples' own schema and data. */
const examples = fileURLToPath(new URL('../../examples', import.meta.url));

const start = Date.UTC(2026, 0, 1);
const feed = readFeed();

/** The first records of an example that makes them up, a second each, and those that come then. */
function played(seed: readonly ExampleRecord[], step: (now: number) => readonly ExampleRecord[]) {
  const steps = Array.from({ length: 1_000 }, (_, index) => step(start + index * 1_000));
  return { before: [...seed, ...steps.slice(0, 500).flat()], after: steps.slice(500).flat() };
}

describe.each([
  { name: 'charts', ...played(seedRecords(start), createListeners(1).listen) },
  { name: 'risk', ...played(market.seedRecords(start), market.createMarket(1).tick) },
  { name: 'orders', ...played(shop.seedRecords(start), shop.createShop(1).step) },
  { name: 'earthquakes', before: [...networkRecords(0), ...feed.slice(0, 800)], after: feed.slice(800) },
])('examples/$name/README.md', ({ name, before, after }) => {
  let gateway: TestGateway;
  const readme = readFileSync(join(examples, name, 'README.md'), 'utf8');
  const documents = [...readme.matchAll(/```graphql\n([^]*?)```/g)].map(([, document = '']) => document);
  const titled = (kind: string) =>
    documents
      .filter((document) => document.startsWith(kind))
      .map((document) => ({ title: /\w+ (\w+)/.exec(document)?.[1], document }));

  beforeAll(async () => {
    const folder = join(examples, name, 'schema');
    const schema = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    gateway = await createTestGateway({ schema: schema.join('\n') });
    await gateway.produce(before);
  });
  afterAll(() => gateway.close());

  test('has queries and subscriptions, and nothing else', () => {
    expect(titled('query').length).toBeGreaterThanOrEqual(3);
    expect(titled('subscription').length).toBeGreaterThanOrEqual(2);
    expect(titled('query').length + titled('subscription').length).toBe(documents.length);
  });

  test.each(titled('query'))('query $title finds something', async ({ document }) => {
    const { data, errors } = await gateway.query(document);
    expect(errors).toBeUndefined();
    expect(emptyFields(data)).toEqual([]);
  });

  test('the subscriptions start with what is there, and tell what comes', async () => {
    const open = await Promise.all(titled('subscription').map(({ document }) => gateway.subscribe(document)));
    expect(open.flatMap(failures)).toEqual([]);
    await gateway.produce(after);
    for (const subscription of open) {
      const frames = subscription.frames();
      expect(frames.flatMap(({ errors }) => errors ?? [])).toEqual([]);
      expect(emptyFields(frames.at(-1)?.data)).toEqual([]);
      subscription.stop();
    }
  });
});

test('the five rows of a chart are read in order from an index', async () => {
  const schema = join(examples, 'charts', 'schema');
  const { code, stdout } = await runHeadgate(['explain', documentInReadme('charts', 'TopFive'), '--schema', schema]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /SongStats by index "interval genre timestamp plays" where interval = … and genre = …, in order\n/,
  );
});

function failures(subscription: TestSubscription): readonly unknown[] {
  return subscription.frames().flatMap(({ errors }) => errors ?? []);
}

/** The root fields that are null or empty, or that there is no answer at all. */
function emptyFields(data: unknown): readonly string[] {
  if (typeof data !== 'object' || data === null) return ['no data'];
  return Object.entries(data)
    .filter(([, value]: [string, unknown]) => value === null || (Array.isArray(value) && value.length === 0))
    .map(([name]) => name);
}

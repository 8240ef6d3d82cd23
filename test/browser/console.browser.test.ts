import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { expect, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { DeadLetter, GatewayStatus, LiveQuery, TableDeadLetters } from '../../src/console/documents.ts';
import { accessibilityMistakes } from '../support/browser/accessibility.ts';
import { openConsoleWorld } from '../support/browser/console-world.ts';
import type { ConsoleWorld } from '../support/browser/console-world.ts';
import type { WatchedPage } from '../support/browser/open-browser.ts';
import { describePage } from '../support/browser/page-behaviours.ts';
import { bytes, plain, whole } from '../support/browser/page-numbers.ts';
import type { PageNumber } from '../support/browser/page-numbers.ts';
import { untilShown } from '../support/browser/page-world.ts';

interface Meta<Data> {
  readonly _meta: Data;
}

type Row = Readonly<Record<string, unknown>>;

/** All numbers of the view that is open, in the order of the document. */
function expected({ page, newest }: WatchedPage): readonly PageNumber[] {
  const status = (newest('ConsoleStatus') as Meta<GatewayStatus> | undefined)?._meta;
  if (status === undefined) return [];
  const head = [whole(status.version), bytes(status.storeBytes)];
  const [, view = '', name = ''] = new URL(page.url()).hash.split('?', 1)[0]?.split('/') ?? [];
  const rows = ({ mode, rows: count }: GatewayStatus['tables'][number]) => (mode === 'STREAM' ? [] : [whole(count)]);
  const partition = ({ next, end, lag }: GatewayStatus['topics'][number]) => [bytes(next), bytes(end), bytes(lag)];
  const letters = (newest('ConsoleDeadLetters') as Meta<{ tables: readonly TableDeadLetters[] }> | undefined)?._meta;
  const offsets = (of: (table: string) => boolean) =>
    (letters?.tables ?? [])
      .filter((table) => of(table.name))
      .flatMap(({ deadLetters }) => deadLetters ?? [])
      .toSorted((a, b) => Number(b.version) - Number(a.version))
      .map(({ offset }: DeadLetter) => plain(offset));
  switch (view) {
    case '':
      return [...head, ...status.tables.flatMap(rows), ...status.topics.flatMap(partition)];
    case 'tables': {
      const [table] = status.tables.filter((each) => each.name === name);
      const filters = (newest('ConsoleCount')?.['rows'] as { totalCount: number } | undefined)?.totalCount;
      return [
        ...head,
        ...(table === undefined ? [] : rows(table)),
        ...(filters === undefined || name !== 'Song' ? [] : [whole(filters)]),
        ...(table?.bad ?? []).map(({ count }) => whole(count)),
        ...status.topics.filter(({ topic }) => table?.topics.includes(topic)).flatMap(partition),
        ...offsets((each) => each === name),
      ];
    }
    case 'live': {
      const open = (newest('ConsoleLiveQueries') as Meta<{ liveQueries: readonly LiveQuery[] }> | undefined)?._meta;
      const others = (open?.liveQueries ?? []).filter(({ operation }) => operation?.startsWith('Console') !== true);
      return [
        ...head,
        ...others.flatMap(({ subscribers, evaluations, rowsRead, framesSent, frameBytes }) => [
          whole(subscribers),
          whole(evaluations),
          whole(rowsRead),
          whole(framesSent),
          ...(frameBytes === null ? [] : [bytes(frameBytes)]),
        ]),
      ];
    }
    default:
      return [...head, ...offsets(() => true)];
  }
}

/** Another view of the same page: the document stays. */
async function visit({ page }: WatchedPage, hash: string): Promise<void> {
  await page.evaluate(`location.hash = '${hash}'`);
}

/** The rows that the browser shows, column by column. */
function rowsShown({ page }: WatchedPage): Promise<string[][]> {
  return page.evaluate(
    `[...document.querySelectorAll('.rows tbody tr')].map((row) => [...row.cells].slice(1).map((cell) => cell.textContent))`,
  );
}

function rowsReceived({ newest }: WatchedPage): string[][] {
  const rows = (newest('ConsoleRows')?.['rows'] ?? []) as readonly Row[];
  return rows.map(({ id, title, genre, likes, about }) =>
    [id, title, genre, likes, about].map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
  );
}

async function untilRows(watched: WatchedPage, that: (rows: readonly string[][]) => boolean): Promise<void> {
  await expect
    .poll(async () => ({ shown: await rowsShown(watched), received: rowsReceived(watched) }))
    .toSatisfy(
      ({ shown, received }: { shown: string[][]; received: string[][] }) =>
        JSON.stringify(shown) === JSON.stringify(received) && that(shown),
    );
}

const songOf = (id: string, likes: number) => ({
  key: id,
  value: { title: `Song ${id}`, genre: 'POP', likes, about: null },
});

describePage({
  name: 'the console',
  open: openConsoleWorld,
  still: [],
  expected,
  produce: ({ produce }) => produce('plays', [{ key: 'p', value: { songId: 's1' } }]),
  also: {
    'shows the rows of a table, which move as records arrive': async ({ watched, produce }) => {
      await visit(watched, '#/tables/Song');
      await untilRows(watched, (rows) => rows.length === 25 && rows[0]?.[0] === 's1');
      expect(await rowsShown(watched)).toContainEqual(expect.arrayContaining(['s1', '{"made":{"in":"Gdańsk"}}']));
      produce('songs', [songOf('s10', 123_456)]);
      await untilRows(watched, (rows) => rows.some(([id, , , likes]) => id === 's10' && likes === '123456'));
      expect(await accessibilityMistakes(watched.page)).toEqual([]);
    },
    'orders rows by a column, and shows a whole row': async ({ watched }) => {
      const { page } = watched;
      await page.getByRole('button', { name: 'likes' }).click();
      await page.getByRole('button', { name: 'likes' }).click();
      await untilRows(watched, (rows) => rows[0]?.[0] === 's10');
      await page.getByRole('button', { name: 'The whole row' }).first().click();
      expect(JSON.parse(await page.locator('.whole pre').innerText())).toMatchObject({ id: 's10', about: null });
      await page.getByRole('button', { name: 'The whole row' }).first().click();
    },
    'shows the rows that pass its filters, and says how many do': async ({ watched, produce }) => {
      const { page } = watched;
      await page.getByRole('combobox', { name: 'Column' }).selectOption('genre');
      await page.getByLabel('Value', { exact: true }).selectOption('POP');
      await page.getByRole('button', { name: 'Add filter' }).click();
      await page.getByRole('combobox', { name: 'Column' }).selectOption('likes');
      await page.getByRole('combobox', { name: 'Operator' }).selectOption('gt');
      await page.getByLabel('Value', { exact: true }).fill('many');
      await page.getByRole('button', { name: 'Add filter' }).click();
      expect(await page.locator('.mistake').textContent()).toBe('Type a whole number.');
      await page.getByLabel('Value', { exact: true }).fill('100000');
      await page.getByRole('button', { name: 'Add filter' }).click();
      await untilRows(watched, (rows) => rows.length === 1 && rows[0]?.[0] === 's10');
      produce('songs', [songOf('new', 654_321)]);
      await untilRows(watched, (rows) => rows.length === 2 && rows[0]?.[0] === 'new');
      await untilShown(watched, () => expected(watched));
      expect(await page.locator('.matches').textContent()).toBe('2 match');
      await page.reload();
      await untilRows(watched, (rows) => rows[0]?.[0] === 'new' && rows.length <= 2);
      expect(await page.getByRole('columnheader', { name: 'likes' }).getAttribute('aria-sort')).toBe('descending');
      await page.getByRole('button', { name: 'Remove the filter on likes' }).click();
      await untilRows(watched, (rows) => rows.length === 25);
      expect(await accessibilityMistakes(page)).toEqual([]);
    },
    'shows the changes of a table whose rows are not kept': async ({ watched, produce }) => {
      await visit(watched, '#/tables/Click');
      await expect.poll(() => watched.page.locator('.browser .notice').textContent()).toContain('Nothing has changed');
      await expect.poll(() => watched.page.locator('.browser').getAttribute('data-state')).toBe('live');
      await untilListening(watched);
      produce('clicks', [{ key: 'c', value: { button: 'pause' } }]);
      await expect
        .poll(() => watched.page.locator('.arrived').allTextContents())
        .toEqual([expect.stringMatching(/insert.*pause/)]);
      expect(await accessibilityMistakes(watched.page)).toEqual([]);
    },
    'shows a dead letter that arrives, and why': async (world) => {
      const { watched, produce } = world;
      await visit(watched, '#/dead-letters');
      await expect.poll(() => watched.page.locator('main').textContent()).toContain('Every record could become a row');
      produce('songs', [{ key: 'sad', value: { title: 'Sad', genre: 'POLKA', likes: 1 } }]);
      await expect
        .poll(() => watched.page.locator('.letters tbody tr').allTextContents())
        .toEqual([expect.stringMatching(/^songs partition 0, offset \d+.*Song.*ENUM.*genre/)]);
      await expect.poll(() => watched.page.locator('.problems').textContent()).toContain('Song gets bad records');
      appendFileSync(join((world as ConsoleWorld).log, 'songs.ndjson'), 'not JSON\n');
      await expect
        .poll(() => watched.page.locator('.letters tbody tr').allTextContents())
        .toEqual([expect.stringMatching(/Song.*UNREADABLE.*unknown$/), expect.stringMatching(/Song.*ENUM/)]);
      await expect.poll(() => watched.page.locator('nav [aria-current]').textContent()).toBe('Dead letters 2');
      expect(await watched.page.locator('.hint code').textContent()).toBe('npx headgate dead-letters Song');
      expect(await accessibilityMistakes(watched.page)).toEqual([]);
    },
    'shows the live query of somebody else, and what it costs': async (world) => {
      const { watched } = world;
      await visit(watched, '#/live');
      await expect.poll(() => watched.page.locator('main').textContent()).toContain('Nobody listens but this console');
      const client = createClient({ url: (world as ConsoleWorld).wsUrl, webSocketImpl: WebSocket });
      onTestFinished(() => client.dispose());
      const query = 'subscription Watcher($n: Int!) { songs(limit: $n) { id likes } }';
      client.subscribe({ query, variables: { n: 3 } }, { next() {}, error() {}, complete() {} });
      await expect
        .poll(() => watched.page.locator('.queries th[scope=row]').allTextContents())
        .toEqual([expect.stringContaining('Watcher')]);
      await watched.page.getByRole('button', { name: 'The document' }).click();
      expect(await watched.page.locator('.whole').textContent()).toContain(query);
      await untilShown(watched, () => expected(watched));
      expect(await accessibilityMistakes(watched.page)).toEqual([]);
    },
    'shows the schema, and finds in it': async ({ watched: { page } }) => {
      await page.evaluate(`location.hash = '#/schema'`);
      await page.getByRole('searchbox').fill('songstats');
      await expect.poll(() => page.locator('.sdl pre').first().textContent()).toMatch(/^type SongStats /);
      expect(await accessibilityMistakes(page)).toEqual([]);
      await page.evaluate(`location.hash = '#/'`);
    },
    'lists the mistakes of the schema until it is right, and then shows the new one': async (world) => {
      const { page } = world.watched;
      const { writeSchema } = world as ConsoleWorld;
      await page.evaluate(`location.hash = '#/schema'`);
      await page.getByRole('searchbox').fill('title');
      writeSchema((text) => text.replace('likes: Int!', 'likes: Itn! @indx'));
      await expect.poll(() => page.locator('.problems').textContent()).toContain('The schema has 2 mistakes');
      expect(await page.locator('.problems li li').allTextContents()).toEqual([
        expect.stringMatching(/songs\.graphql:7:10 There is no type Itn\. Did you mean "Int"\?$/),
        expect.stringMatching(/songs\.graphql:7:15 There is no directive @indx\. Did you mean "@index"\?$/),
      ]);
      expect(await accessibilityMistakes(page)).toEqual([]);
      writeSchema((text) => text.replace('"A track."', '"A track, mended."'));
      await expect.poll(() => page.locator('.sdl').first().textContent()).toContain('A track, mended.');
      expect(await page.locator('.problems li li').count()).toBe(0);
      await page.evaluate(`location.hash = '#/'`);
    },
  },
});

/** The console listens to changes once the gateway lists that it does. */
async function untilListening(watched: WatchedPage): Promise<void> {
  await expect
    .poll(() =>
      watched.page.evaluate(`fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ _meta { liveQueries { operation } } }' }),
      }).then((answer) => answer.text())`),
    )
    .toContain('ConsoleChanges');
}

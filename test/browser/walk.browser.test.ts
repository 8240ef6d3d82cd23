import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityMistakes } from '../support/browser/accessibility.ts';
import { haveBrowser, openBrowser, openPage } from '../support/browser/open-browser.ts';
import type { WatchedPage } from '../support/browser/open-browser.ts';
import { postGraphql } from '../support/gateway-process.ts';
import { projectEnvironment, startInProject } from '../support/project-process.ts';
import type { ProjectProcess } from '../support/project-process.ts';
import { readmeBlock } from '../support/readme-blocks.ts';

/**
 * README's five minutes: from an empty folder, with nothing of this repository but the packed package, to a page on which a row
 * arrives. The commands are README's; only the package comes from its file, and ports are free ones.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'headgate-walk-'));
const project = join(directory, 'songs');

function shell(script: string): string {
  return execFileSync('sh', ['-e', '-c', script], { cwd: project, env: projectEnvironment(), encoding: 'utf8' });
}

const query = '{ songs(orderBy: [{ title: ASC }]) { id title artist price } }';
const blue = { id: 's1', title: 'Blue', artist: 'Rua Augusta', price: '0.99' };
const amber = { id: 's2', title: 'Amber', artist: 'Night Ferry', price: '1.29' };
const tidelines = { id: 's3', title: 'Tidelines', artist: 'Night Ferry', price: '1.09' };

describe.skipIf(!haveBrowser())('the walk from an empty folder', () => {
  let browser: Browser;
  let dev: ProjectProcess;
  let url = '';
  let watched: WatchedPage;
  let told = '';

  const rows = () => watched.page.locator('tbody tr');
  const badge = () => watched.page.locator('.badge').getAttribute('data-state');

  beforeAll(async () => {
    mkdirSync(project);
    // Without scripts: it is built already.
    execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory], { cwd: root });
    const tarball = readdirSync(directory).find((file) => file.endsWith('.tgz')) ?? '';
    const commands = readmeBlock('sh', 'headgate init').replace('install headgate', `install ../${tarball}`);
    const [before, last] = commands.split(/^(?=npm run dev$)/m);
    expect(last).toBe('npm run dev\n');
    told = shell(before ?? '');
    dev = startInProject(project, 'npm', ['run', 'dev'], { HEADGATE_PORT: '0' });
    url = await dev.printed(/(http:\S+\/graphql)/);
    browser = await openBrowser();
    watched = await openPage(browser, await dev.printed(/Local:\s+(http:\S+)/), { colorScheme: 'light' });
    // As long as a registry takes for some 400 packages.
  }, 300_000);
  afterAll(async () => {
    await browser.close();
    await dev.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test('the schema is the one that README shows, and what was guessed is told', () => {
    const written = readFileSync(join(project, 'schema/song.graphql'), 'utf8');
    expect(`# schema/song.graphql\n${written}`).toBe(readmeBlock('graphql', '# schema/song.graphql'));
    expect(told).toContain('Song  songs, 2 records: a row for each id');
    expect(told).toMatch(/npm install\n {2}npm run dev\n/);
    expect(shell('npm run --silent check')).toBe('No mistakes: one table, Song.\n');
  });

  test('the page shows the records, live', async () => {
    await expect.poll(() => rows().count(), { timeout: 30_000 }).toBe(2);
    await expect.poll(badge).toBe('live');
    expect(await watched.page.title()).toBe('Songs, live');
    expect(await rows().allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining('Blue'), expect.stringContaining('1.29')]),
    );
  });

  test('a record that is written arrives as a frame and as a row of the page', async () => {
    const client = createClient({ url: url.replace(/^http/, 'ws'), webSocketImpl: WebSocket });
    const frames = client.iterate<object>({ query: `subscription ${query}` });
    expect((await frames.next()).value).toMatchObject({ data: { songs: [amber, blue] } });
    await watched.page.evaluate('window.opened = true');
    shell(readmeBlock('sh', '| npx headgate produce songs\n'));
    expect((await frames.next()).value).toMatchObject({ data: { songs: [amber, blue, tidelines] } });
    await client.dispose();
    await expect.poll(() => rows().count()).toBe(3);
    expect(await rows().first().textContent()).toContain('Tidelines');
    expect(await watched.page.evaluate('window.opened')).toBe(true);
    expect((await postGraphql(url, query)).data).toEqual({ songs: [amber, blue, tidelines] });
  });

  test('the command that the page shows writes another', async () => {
    shell((await watched.page.locator('footer code').textContent()) ?? '');
    await expect.poll(() => rows().count()).toBe(4);
  });

  test('the page has no fault that axe knows of, light or dark, and fits a phone', async () => {
    const { page } = watched;
    expect(await accessibilityMistakes(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityMistakes(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    expect(watched.complaints()).toEqual([]);
  });

  test('the page says that it is stale when the gateway is gone, and keeps its rows', async () => {
    await dev.stop();
    await expect.poll(badge).toBe('reconnecting');
    expect(await watched.page.locator('section').getAttribute('data-state')).toBe('stale');
    expect(await rows().count()).toBe(4);
  });

  test('it is built, type-checked, and served without dev as with it', async () => {
    shell('npm run build');
    const serve = startInProject(project, 'npx', ['headgate', 'serve', '--log', 'log'], { HEADGATE_PORT: '0' });
    const served = await serve.printed(/(http:[^\s"]+\/graphql)/);
    expect((await postGraphql(served, '{ songs { id } }')).data?.['songs']).toHaveLength(4);
    const preview = startInProject(project, 'npx', ['vite', 'preview'], { GATEWAY_URL: new URL(served).origin });
    const built = await openPage(browser, await preview.printed(/Local:\s+(http:\S+)/), {});
    await expect.poll(() => built.page.locator('tbody tr').count(), { timeout: 30_000 }).toBe(4);
    await preview.stop();
    await serve.stop();
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendToLog } from '../../src/source/log-writer.ts';
import { accessibilityMistakes } from '../support/browser/accessibility.ts';
import { haveBrowser, openBrowser, openPage } from '../support/browser/open-browser.ts';
import type { WatchedPage } from '../support/browser/open-browser.ts';
import { badge } from '../support/browser/page-world.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';

const schema = `
type Order @table(topic: "orders") @auth(rules: [{ roles: ["support"] }, { where: { customerId: { eq: "$jwt.sub" } } }]) {
  id: ID!
  customerId: ID! @index
}
`;
const operatorKey = 'operator-'.repeat(5);
const customerKey = 'customer-'.repeat(5);
const keys = [
  { name: 'operator', key: operatorKey, roles: ['support', 'operator'] },
  { name: 'customer', key: customerKey, claims: { sub: 'c1' } },
];
describe.skipIf(!haveBrowser())('the console of a gateway that tells callers apart', () => {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-console-'));
  const at = (name: string): string => join(directory, name);
  let gateway: GatewayProcess;
  let browser: Browser;
  let watched: WatchedPage;

  beforeAll(async () => {
    writeFileSync(at('orders.graphql'), schema);
    writeFileSync(at('keys.json'), JSON.stringify(keys), { mode: 0o600 });
    appendToLog(
      at('log'),
      'orders',
      ['c1', 'c2', 'c2'].map((customerId, n) => ({ key: `o${n}`, value: { customerId } })),
    );
    gateway = await startGatewayProcess([
      'serve',
      '--console',
      '--console-roles=operator',
      `--api-keys-file=${at('keys.json')}`,
      `--schema=${at('orders.graphql')}`,
      `--log=${at('log')}`,
      `--data=${at('data')}`,
    ]);
    browser = await openBrowser();
    watched = await openPage(browser, new URL('/', gateway.url).href, {});
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const verdict = () => watched.page.locator('.verdict [role=status]').textContent();

  async function signIn(key: string): Promise<void> {
    const { page } = watched;
    await page.getByRole('radio', { name: 'API key' }).check({ force: true });
    await page.getByLabel('An API key of this gateway').fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  test('shows nothing to whoever does not say who they are, and lets them', async () => {
    await expect.poll(verdict).toBe('There is no table, or none that you may read');
    await watched.page.getByRole('link', { name: 'Sign in' }).click();
    expect(await accessibilityMistakes(watched.page)).toEqual([]);
  });

  test('says that credentials are no good, and asks again', async () => {
    await signIn('nonsense');
    await expect.poll(() => badge(watched)).toBe('refused');
    expect(await watched.page.locator('[role=alert]').textContent()).toContain('API key is not known');
    expect(await accessibilityMistakes(watched.page)).toEqual([]);
  });

  test('shows a caller what they may see: not how many rows there are, nor what others ask', async () => {
    await signIn(customerKey);
    await expect.poll(verdict).toBe('The table is live');
    const cells = await watched.page.locator('main tbody tr').first().locator('td').allTextContents();
    expect(cells.filter((text) => text === 'hidden')).toHaveLength(2);
    expect(await watched.page.locator('.verdict .facts').textContent()).toContain('Dead lettershidden');
    await watched.page.getByRole('link', { name: 'Live queries' }).click();
    await expect.poll(() => watched.page.locator('main').textContent()).toContain('told to operators only');
    await watched.page.getByRole('link', { name: 'Overview' }).click();
    await watched.page.getByRole('link', { name: 'Order' }).click();
    await expect.poll(() => watched.page.locator('main').textContent()).toContain('Rows cannot be browsed here');
    expect(watched.complaints().filter((text) => !text.includes('Failed to load resource'))).toEqual([]);
  });

  test('shows an operator the rows, and forgets who they are when they say so', async () => {
    const { page } = watched;
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signIn(operatorKey);
    await expect.poll(verdict).toBe('The table is live');
    await page.getByRole('link', { name: 'Order' }).click();
    await expect.poll(() => page.locator('.rows tbody tr').count()).toBe(3);
    expect(await accessibilityMistakes(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect.poll(verdict).toBe('There is no table, or none that you may read');
    expect(await page.evaluate('sessionStorage.length + JSON.stringify(localStorage)')).toBe('0{"theme":"auto"}');
  });
});

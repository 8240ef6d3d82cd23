import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendToLog } from '../../src/source/log-writer.ts';
import { haveBrowser, openBrowser, openPage } from '../support/browser/open-browser.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';

const schema = `
type Order @table(topic: "orders") @auth(rules: [{ where: { customerId: { eq: "$jwt.sub" } } }]) {
  id: ID!
  customerId: ID! @index
}
`;
const key = 'customer-'.repeat(5);

describe.skipIf(!haveBrowser())('GraphiQL of a gateway that tells callers apart', () => {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-graphiql-'));
  const at = (name: string): string => join(directory, name);
  let gateway: GatewayProcess;
  let browser: Browser;

  const write = (id: string, customerId: string): void =>
    void appendToLog(at('log'), 'orders', [{ key: id, value: { customerId } }]);

  beforeAll(async () => {
    writeFileSync(at('orders.graphql'), schema);
    writeFileSync(at('keys.json'), JSON.stringify([{ name: 'customer', key, claims: { sub: 'c1' } }]), { mode: 0o600 });
    write('mine', 'c1');
    write('theirs', 'c2');
    gateway = await startGatewayProcess([
      'serve',
      '--graphiql',
      `--api-keys-file=${at('keys.json')}`,
      `--schema=${at('orders.graphql')}`,
      `--log=${at('log')}`,
      `--data=${at('data')}`,
    ]);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Opens the page with this document, and runs it with these headers. */
  async function run(document: string, headers: Readonly<Record<string, string>>): Promise<Page> {
    const { page } = await openPage(browser, `${gateway.url}?query=${encodeURIComponent(document)}`, {});
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await page.locator('.graphiql-editor-tool .monaco-editor:visible').last().click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(JSON.stringify(headers));
    await page.locator('.graphiql-execute-button').click();
    return page;
  }

  const shown = async (page: Page): Promise<string> =>
    ((await page.locator('.result-window').textContent()) ?? '').replaceAll(/\s/g, '');

  test('a subscription is the caller’s that the headers name, and stays live', async () => {
    const page = await run('subscription { orders { id } }', { 'x-api-key': key });
    await expect.poll(() => shown(page)).toContain('"orders":[{"id":"mine"}]');
    write('later', 'c1');
    await expect.poll(() => shown(page)).toContain('{"id":"later"}');
    expect(await shown(page)).not.toContain('theirs');
  });

  test('a subscription of nobody in particular is refused as before', async () => {
    const page = await run('subscription { orders { id } }', {});
    await expect.poll(() => shown(page)).toContain('UNAUTHENTICATED');
  });
});

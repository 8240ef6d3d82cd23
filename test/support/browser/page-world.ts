import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { expect } from 'vitest';
import { appendToLog } from '../../../src/source/log-writer.ts';
import { spawnExample } from '../example-process.ts';
import type { ExampleProcess } from '../example-process.ts';
import { openBrowser, openPage } from './open-browser.ts';
import type { WatchedPage } from './open-browser.ts';
import { pageNumbers } from './page-numbers.ts';
import type { PageNumber } from './page-numbers.ts';

/** An example as a user starts it, and its page in a browser. */
export interface PageWorld {
  readonly browser: Browser;
  readonly watched: WatchedPage;
  /** Another view of the same page. */
  open(options: BrowserContextOptions): Promise<WatchedPage>;
  /** The example ends, as by kill -9. */
  kill(): Promise<void>;
  /** Starts it again under the same address. */
  restart(...args: readonly string[]): Promise<void>;
  /** With the embedded log, anything that appends a line is a producer. */
  produce(topic: string, records: readonly { readonly key: string; readonly value: unknown }[]): void;
  close(): Promise<void>;
}

export async function openPageWorld(example: string, ...args: readonly string[]): Promise<PageWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-page-'));
  const browser = await openBrowser();
  let running: ExampleProcess = await spawnExample(example, directory, '--page-port', '0', ...args);
  const { pageUrl } = running;
  const open = (options: BrowserContextOptions): Promise<WatchedPage> => openPage(browser, pageUrl, options);
  const watched = await open({ colorScheme: 'light', viewport: { width: 1_280, height: 900 } });
  return {
    browser,
    watched,
    open,
    async kill() {
      await running.stop('SIGKILL');
    },
    async restart(...again) {
      running = await spawnExample(example, directory, '--page-port', new URL(pageUrl).port, ...again);
    },
    produce: (topic, records) => void appendToLog(join(directory, 'log'), topic, records),
    async close() {
      await browser.close();
      await running.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What the connection's badge says. */
export function badge({ page }: WatchedPage): Promise<string> {
  return page.locator('.badge').getAttribute('data-state').then(String);
}

/** Resolves once the page shows exactly these numbers: those of the newest answers that it received. */
export async function untilShown(watched: WatchedPage, expected: () => readonly PageNumber[]): Promise<void> {
  await expect
    .poll(async () => ({ shown: await pageNumbers(watched.page), expected: expected() }))
    .toSatisfy(({ shown, expected: wanted }: { shown: unknown; expected: readonly PageNumber[] }) => {
      return wanted.length > 0 && JSON.stringify(shown) === JSON.stringify(wanted);
    });
}

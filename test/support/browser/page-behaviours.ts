import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityMistakes } from './accessibility.ts';
import { haveBrowser } from './open-browser.ts';
import type { WatchedPage } from './open-browser.ts';
import { pageNumbers } from './page-numbers.ts';
import type { PageNumber } from './page-numbers.ts';
import { badge, untilShown } from './page-world.ts';
import type { PageWorld } from './page-world.ts';

export interface PageBehaviours {
  readonly name: string;
  /** Where records arrive. */
  open(): Promise<PageWorld>;
  /** The options of its restart under which none do. */
  readonly still: readonly string[];
  /** All numbers that the page has to show, of the newest answers that it received. */
  expected(watched: WatchedPage): readonly PageNumber[];
  /** Makes a record that changes some number. */
  produce(world: PageWorld): void;
  /** What only this page does, while no more records come. */
  readonly also: Readonly<Record<string, (world: PageWorld) => Promise<void>>>;
}

const background = 'getComputedStyle(document.documentElement).backgroundColor';

/** What every page does. The tests follow one another: the same page lives through all of them. */
export function describePage({ name, open, still, expected, produce, also }: PageBehaviours): void {
  describe.skipIf(!haveBrowser())(`the page of ${name}`, () => {
    let world: PageWorld;
    let watched: WatchedPage;
    beforeAll(async () => {
      world = await open();
      ({ watched } = world);
    });
    afterAll(() => world?.close());

    test('loads, and says that it is live', async () => {
      await expect.poll(() => badge(watched)).toBe('live');
      await expect.poll(() => pageNumbers(watched.page)).not.toEqual([]);
    });

    test('moves as records arrive', async () => {
      const before = await pageNumbers(watched.page);
      await expect.poll(() => pageNumbers(watched.page), { timeout: 30_000 }).not.toEqual(before);
      expect(watched.complaints()).toEqual([]);
    });

    test('keeps its numbers and marks them stale when the gateway is killed, and says since when', async () => {
      await watched.page.evaluate('window.opened = true');
      await world.kill();
      await expect.poll(() => badge(watched)).toBe('reconnecting');
      expect(await watched.page.locator('.badge').textContent()).toMatch(/Numbers of \d\d:\d\d:\d\d.*ago/);
      const sections = watched.page.locator('main section');
      await expect.poll(() => sections.evaluateAll(states)).not.toContain('live');
      expect(await pageNumbers(watched.page)).not.toEqual([]);
      await untilShown(watched, () => expected(watched));
    });

    test('is live again by itself once the gateway is, and every number is of the newest answers', async () => {
      await world.restart(...still);
      await expect.poll(() => badge(watched), { timeout: 30_000 }).toBe('live');
      const sections = watched.page.locator('main section');
      await expect.poll(async () => new Set(await sections.evaluateAll(states))).toEqual(new Set(['live']));
      await untilShown(watched, () => expected(watched));
      expect(await watched.page.evaluate('window.opened')).toBe(true);
      // Those of the time when nobody answered are the browser's own.
      expect(watched.complaints().filter((text) => !/WebSocket connection|Failed to load resource/.test(text))).toEqual(
        [],
      );
    });

    test('shows a record that was written by hand', async () => {
      const before = JSON.stringify(await pageNumbers(watched.page));
      produce(world);
      await expect.poll(async () => JSON.stringify(await pageNumbers(watched.page))).not.toBe(before);
      await untilShown(watched, () => expected(watched));
    });

    test.each(Object.entries(also))('%s', async (_, run) => {
      await run(world);
      await untilShown(watched, () => expected(watched));
    });

    test('has light and dark colours, as the system or the reader chooses, and axe finds no fault in either', async () => {
      const { page } = watched;
      const light = await page.evaluate(background);
      expect(await accessibilityMistakes(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      const dark = await page.evaluate(background);
      expect(dark).not.toBe(light);
      expect(await accessibilityMistakes(page)).toEqual([]);
      await page.getByRole('radio', { name: 'Light' }).check({ force: true });
      expect(await page.evaluate(background)).toBe(light);
      await page.getByRole('radio', { name: 'As the system' }).check({ force: true });
      expect(await page.evaluate(background)).toBe(dark);
    });

    test('fits a phone, and is used by keyboard', async () => {
      const phone = await world.open({ viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' });
      await expect.poll(() => badge(phone)).toBe('live');
      await untilShown(phone, () => expected(phone));
      expect(await phone.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      await phone.page.keyboard.press('Tab');
      expect(await phone.page.evaluate('document.activeElement.textContent')).toBe('Skip to the numbers');
      await phone.page.keyboard.press('Enter');
      expect(await phone.page.evaluate('document.activeElement.id')).toBe('main');
      expect(phone.complaints()).toEqual([]);
      await phone.page.close();
    });
  });
}

function states(sections: readonly unknown[]): unknown[] {
  return sections.map((section) => (section as { dataset: Record<string, unknown> }).dataset['state']);
}

import { expect } from 'vitest';
import type { WatchedPage } from '../support/browser/open-browser.ts';
import { describePage } from '../support/browser/page-behaviours.ts';
import { cents, gain, whole } from '../support/browser/page-numbers.ts';
import type { PageNumber } from '../support/browser/page-numbers.ts';
import { openPageWorld } from '../support/browser/page-world.ts';

type Row = Readonly<Record<string, string | number>>;

function expected({ newest }: WatchedPage): readonly PageNumber[] {
  const rows = (operation: string, field: string) => (newest(operation)?.[field] ?? []) as readonly Row[];
  const [minute] = rows('Minutes', 'quoteMinutes');
  return [
    ...rows('Exposures', 'portfolioExposures').flatMap(({ positions, exposure, profit }) => [
      whole(positions),
      whole(exposure),
      gain(profit),
    ]),
    ...rows('Positions', 'positionValues').flatMap(({ quantity, averagePrice, bid, ask, exposure, profit }) => [
      whole(quantity),
      cents(averagePrice),
      cents(bid),
      cents(ask),
      whole(exposure),
      gain(profit),
    ]),
    ...(minute === undefined
      ? []
      : [cents(minute['bid']), cents(minute['ask']), cents(minute['spreadBasisPoints']), whole(minute['ticks'])]),
  ];
}

describePage({
  name: 'risk',
  open: () => openPageWorld('risk', '--rate', '40'),
  still: ['--rate', '0'],
  expected,
  produce({ produce }) {
    const at = new Date().toISOString();
    produce('quotes', [{ key: 'KITE', value: { bid: '1234567.105', ask: '1234567.115', at } }]);
  },
  also: {
    'shows the positions of another portfolio, and the prices of another asset': async ({ watched }) => {
      const { page, all } = watched;
      await page.getByRole('radio', { name: /Macro/ }).check({ force: true });
      await expect
        .poll(() => all('Positions').at(-1)?.['positionValues'])
        .not.toEqual(all('Positions').at(-2)?.['positionValues']);
      await page.getByRole('button', { name: /TERN/ }).click();
      await expect.poll(() => page.locator('.prices h2').textContent()).toContain('TERN');
      await expect.poll(() => page.locator('.prices [role=img]').getAttribute('aria-label')).toContain('TERN');
    },
  },
});

import { expect } from 'vitest';
import type { ChangesMessage } from '../../src/client/client.ts';
import type { WatchedPage } from '../support/browser/open-browser.ts';
import { describePage } from '../support/browser/page-behaviours.ts';
import { tenths, whole } from '../support/browser/page-numbers.ts';
import type { PageNumber } from '../support/browser/page-numbers.ts';
import { openPageWorld } from '../support/browser/page-world.ts';

type Row = Readonly<Record<string, string | number>>;

interface Felt {
  readonly totalCount: number;
  readonly edges: readonly { readonly node: Row }[];
}

function expected({ newest }: WatchedPage): readonly PageNumber[] {
  const felt = newest('Felt')?.['earthquakesConnection'] as Felt | undefined;
  const days = (newest('NetworkDays')?.['networkStatsList'] ?? []) as readonly Row[];
  if (felt === undefined) return [];
  return [
    ...felt.edges.map(({ node }) => tenths(node['magnitude'])),
    whole(felt.totalCount),
    ...days
      .filter(({ timestamp }) => timestamp === days[0]?.['timestamp'])
      .flatMap(({ earthquakes, average, strongest }) => [whole(earthquakes), tenths(average), tenths(strongest)]),
  ];
}

describePage({
  name: 'earthquakes',
  open: () => openPageWorld('earthquakes', '--speed', '20000'),
  still: ['--speed', '0.001'],
  expected,
  produce({ produce }) {
    const time = Date.UTC(2018, 1, 7, 12);
    const properties = { time, updated: time, mag: 7.25, place: 'By hand', type: 'earthquake', status: 'reviewed' };
    produce('earthquakes', [
      {
        key: 'byhand',
        value: {
          id: 'byhand',
          properties: { ...properties, sig: 900, tsunami: 0, net: 'us', magType: 'mw', felt: 1 },
          geometry: { coordinates: [-150, 10, 42] },
        },
      },
    ]);
  },
  also: {
    'has every quake of the change stream on its map, once, from before the restart and after it': async ({
      watched,
    }) => {
      const ids = new Set<string>();
      for (const answer of watched.all('QuakeChanges')) {
        const { changes = [], deletedIds = [], reset } = answer['earthquakeChanges'] as ChangesMessage<object>;
        if (reset === true) ids.clear();
        for (const { rowId } of changes) ids.add(String(rowId));
        for (const id of deletedIds) ids.delete(String(id));
      }
      expect(ids).toContain('byhand');
      const map = watched.page.locator('.map');
      await expect.poll(() => map.getAttribute('aria-label')).toMatch(new RegExp(`: ${ids.size} earthquakes`));
    },
    'names a quake of the list on the map': async ({ watched: { page } }) => {
      await page.getByRole('button', { name: /By hand/ }).focus();
      await expect.poll(() => page.locator('.label').textContent()).toContain('42 km deep');
    },
    'draws the same quakes elsewhere when another part of the world is looked at': async ({ watched: { page } }) => {
      const drawn = () => page.evaluate('document.querySelectorAll(".map canvas")[1].toDataURL()');
      const world = await drawn();
      await page.getByRole('radio', { name: 'Hawaii' }).check({ force: true });
      await expect.poll(drawn).not.toBe(world);
    },
  },
});

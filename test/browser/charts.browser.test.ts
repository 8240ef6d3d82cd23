import { expect } from 'vitest';
import type { WatchedPage } from '../support/browser/open-browser.ts';
import { describePage } from '../support/browser/page-behaviours.ts';
import { whole } from '../support/browser/page-numbers.ts';
import type { PageNumber } from '../support/browser/page-numbers.ts';
import { openPageWorld } from '../support/browser/page-world.ts';

interface Counts {
  readonly plays: number;
  readonly listeners: number;
}

function expected({ newest }: WatchedPage): readonly PageNumber[] {
  const songs = (newest('TopFive')?.['songStatsList'] ?? []) as readonly Counts[];
  // Of the minutes that have begun, the newest that is over.
  const minute = ((newest('Audience')?.['audiences'] ?? []) as readonly Counts[])[5];
  return [
    ...songs.flatMap(({ plays, listeners }) => [whole(plays), whole(listeners)]),
    ...(minute === undefined ? [] : [whole(minute.listeners), whole(minute.plays)]),
  ];
}

describePage({
  name: 'charts',
  open: () => openPageWorld('charts', '--rate', '40'),
  still: ['--rate', '0'],
  expected,
  produce({ produce }) {
    // Somebody hears the same song, of a genre that the page shows, again and again.
    const playedAt = new Date().toISOString();
    const play = { songId: 's1', userId: 'u1', playedAt, msPlayed: 240_000 };
    produce(
      'plays',
      Array.from({ length: 500 }, () => ({ key: 's1', value: play })),
    );
  },
  also: {
    'shows the song at the top that was played most': async ({ watched: { page } }) => {
      await expect.poll(() => page.locator('.songs strong').first().textContent()).toBe('Tidelines');
    },
    'shows another genre': async ({ watched: { page, all } }) => {
      const answers = all('TopFive').length;
      await page.getByRole('radio', { name: 'Jazz' }).check({ force: true });
      await expect.poll(() => page.locator('.chart h2').textContent()).toBe('Jazz, top five');
      await expect.poll(() => all('TopFive').length).toBe(answers + 1);
      await expect.poll(() => page.locator('.songs li').count()).toBe(5);
    },
  },
});

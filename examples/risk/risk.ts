import { fileURLToPath } from 'node:url';
import type { Play } from '../support/play.ts';
import { createMarket, positionKey, riskTopics, seedRecords } from './market.ts';

const historyTicks = 2_000;
const historyMs = 20 * 60_000;

const opening = `# What each portfolio stands to lose, live:
# press play, and every quote moves it. To ask
# once, change "subscription" to "query".

subscription {
  portfolioExposures(
    orderBy: [{ exposure: DESC }]
  ) {
    portfolioId
    positions
    exposure
    profit
  }
}
`;

/** Assets and portfolios, twenty minutes of quotes and trades, and a market that goes on. */
export const risk: Play = {
  schema: fileURLToPath(new URL('./schema', import.meta.url)),
  opening,
  topics: riskTopics,
  counted: 'quotes',
  history(seed, now) {
    const start = now - historyMs;
    const market = createMarket(seed);
    const ticks = Array.from({ length: historyTicks }, (_, index) =>
      market.tick(Math.round(start + (index / historyTicks) * historyMs)),
    );
    return [...seedRecords(start), ...ticks.flat()];
  },
  async resume(seed, ask) {
    const { quotes, positions } = await ask<{
      quotes: readonly { id: string; mid: string }[];
      positions: readonly { portfolioId: string; assetId: string; quantity: string }[];
    }>('{ quotes { id mid } positions(limit: 1000) { portfolioId assetId quantity } }');
    const market = createMarket(seed, {
      prices: new Map(quotes.map(({ id, mid }) => [id, Number(mid) * 100])),
      held: new Map(positions.map((held) => [positionKey(held.portfolioId, held.assetId), Number(held.quantity)])),
    });
    return (now) => market.tick(now);
  },
};

import { createRandom } from '../support/random.ts';
import type { ExampleRecord } from '../support/publisher.ts';

export const riskTopics = { assets: 1, portfolios: 1, quotes: 3, trades: 3 } as const;

type AssetLine = readonly [id: string, name: string, sector: string, price: number];

/** Invented companies; the first price is in cents. */
const assets: readonly AssetLine[] = [
  ['ALBX', 'Albatross Shipping', 'INDUSTRY', 4_210],
  ['BRNT', 'Brant Offshore', 'ENERGY', 7_855],
  ['CORM', 'Cormorant Systems', 'TECHNOLOGY', 18_730],
  ['DUNL', 'Dunlin Pharma', 'HEALTH', 9_640],
  ['EIDR', 'Eider & Sons Bank', 'FINANCE', 5_125],
  ['FULM', 'Fulmar Wind', 'UTILITIES', 2_980],
  ['GANN', 'Gannet Robotics', 'TECHNOLOGY', 31_250],
  ['HERN', 'Heron Water', 'UTILITIES', 6_405],
  ['KITE', 'Kite Semiconductors', 'TECHNOLOGY', 44_890],
  ['LAPW', 'Lapwing Insurance', 'FINANCE', 8_170],
  ['PLVR', 'Plover Diagnostics', 'HEALTH', 12_315],
  ['TERN', 'Tern Gas', 'ENERGY', 3_560],
];

const portfolios: readonly (readonly [id: string, name: string, manager: string])[] = [
  ['growth', 'Global Growth', 'Ines Carvalho'],
  ['income', 'Steady Income', 'Martin Okafor'],
  ['pension', 'Pension Fund North', 'Aino Laine'],
  ['macro', 'Macro Long/Short', 'Dev Chatterjee'],
  ['family', 'Harrow Family Office', 'Beatrix Harrow'],
];

const hedgeFund = 'macro';

/** What there is to trade and who trades, once. */
export function seedRecords(now: number): ExampleRecord[] {
  return [
    ...assets.map(([id, name, sector]) => ({ topic: 'assets', key: id, value: { name, sector }, timestamp: now })),
    ...portfolios.map(([id, name, manager]) => ({
      topic: 'portfolios',
      key: id,
      value: { name, manager },
      timestamp: now,
    })),
  ];
}

export interface Market {
  /** One asset has a new quote at this time, and somebody may trade it. */
  tick(now: number): ExampleRecord[];
}

/** What a market has to know to go on. */
export interface MarketState {
  /** By asset, in cents. */
  readonly prices: ReadonlyMap<string, number>;
  /** Pieces by portfolio and asset, as `positionKey` says. */
  readonly held: ReadonlyMap<string, number>;
}

export const positionKey = (portfolioId: string, assetId: string): string => `${portfolioId} ${assetId}`;

/** Prices that wander, and portfolios that buy and sell. The same seed and state give the same ticks. */
export function createMarket(seed: number, state: MarketState = { prices: new Map(), held: new Map() }): Market {
  const random = createRandom(seed);
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[Math.floor(random() * from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  };
  const prices = new Map(assets.map(([id, , , price]) => [id, state.prices.get(id) ?? price]));
  const held = new Map(state.held);

  /** Pieces to buy, or to sell where negative; 0: no trade. */
  function order(portfolioId: string, assetId: string): number {
    const before = held.get(positionKey(portfolioId, assetId)) ?? 0;
    // Who has much rather sells. Only the hedge fund sells what it does not have.
    const mayOwe = portfolioId === hedgeFund;
    const buys = random() < 0.5 + ((mayOwe ? 0 : 800) - before) / 2_000;
    const pieces = 10 * (1 + Math.floor(random() * 50));
    const quantity = buys ? pieces : -(mayOwe ? pieces : Math.min(pieces, before));
    held.set(positionKey(portfolioId, assetId), before + quantity);
    return quantity;
  }

  return {
    tick(now) {
      const [id, , , first] = pick(assets);
      const before = prices.get(id) ?? first;
      // A step of up to half a percent, drawn gently back to where it began so that no price runs away.
      const middle = Math.max(100, before * (1 + (random() - 0.5) * 0.01) + (first - before) * 0.002);
      prices.set(id, middle);
      const half = Math.max(1, middle * 0.000_4 * (0.5 + random()));
      const bid = cents(middle - half);
      const ask = cents(middle + half);
      const at = new Date(now).toISOString();
      const records: ExampleRecord[] = [{ topic: 'quotes', key: id, value: { bid, ask, at }, timestamp: now }];
      if (random() > 0.3) return records;
      const [portfolioId] = pick(portfolios);
      const quantity = order(portfolioId, id);
      if (quantity !== 0) {
        const buys = quantity > 0;
        const trade = {
          portfolioId,
          assetId: id,
          side: buys ? 'BUY' : 'SELL',
          quantity: Math.abs(quantity),
          price: buys ? ask : bid,
          tradedAt: at,
        };
        // Keyed by portfolio, so that its trades stay in order.
        records.push({ topic: 'trades', key: portfolioId, value: trade, timestamp: now });
      }
      return records;
    },
  };
}

/** Text, so that no digit is lost on the way. */
function cents(price: number): string {
  return (Math.round(price) / 100).toFixed(2);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the examples' aggregations must hold, computed plainly from the lines of their logs: nothing of Headgate is used. */
type Values = Readonly<Record<string, string>>;

interface Line<Value> {
  readonly key: string;
  readonly value: Value;
}

function readLog<Value>(directory: string, topic: string): readonly Line<Value>[] {
  const lines = readFileSync(join(directory, 'log', `${topic}.ndjson`), 'utf8')
    .split('\n')
    .slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line<Value>);
}

/** The value of the last line of each key. */
function readTable<Value>(directory: string, topic: string): ReadonlyMap<string, Value> {
  return new Map(readLog<Value>(directory, topic).map(({ key, value }) => [key, value]));
}

interface Trade {
  readonly portfolioId: string;
  readonly assetId: string;
  readonly side: string;
  readonly quantity: number;
  readonly price: string;
}

/** Exposure and profit by portfolio: pieces at the middle of the newest quote. */
export function plainExposures(directory: string): ReadonlyMap<string, Values> {
  const quotes = readTable<{ bid: string; ask: string }>(directory, 'quotes');
  const held = new Map<string, { portfolio: string; asset: string; quantity: bigint; cost: bigint }>();
  for (const { value: trade } of readLog<Trade>(directory, 'trades')) {
    const key = `${trade.portfolioId} ${trade.assetId}`;
    const before = held.get(key) ?? { quantity: 0n, cost: 0n };
    const signed = BigInt(trade.side === 'BUY' ? trade.quantity : -trade.quantity);
    held.set(key, {
      portfolio: trade.portfolioId,
      asset: trade.assetId,
      quantity: before.quantity + signed,
      cost: before.cost + signed * cents(trade.price),
    });
  }
  const sums = new Map<string, { exposure: bigint; profit: bigint }>();
  for (const { portfolio, asset, quantity, cost } of held.values()) {
    if (quantity === 0n) continue;
    const { bid = '', ask = '' } = quotes.get(asset) ?? {};
    // In half cents: the middle of two prices may end in one.
    const value = quantity * (cents(bid) + cents(ask));
    const before = sums.get(portfolio) ?? { exposure: 0n, profit: 0n };
    sums.set(portfolio, {
      exposure: before.exposure + (value < 0n ? -value : value),
      profit: before.profit + value - cost * 2n,
    });
  }
  return new Map(
    [...sums].map(([id, { exposure, profit }]) => [
      id,
      { exposure: decimal(exposure * 5n), profit: decimal(profit * 5n) },
    ]),
  );
}

interface Order {
  readonly customerId: string;
  readonly productId: string;
  readonly quantity: number;
  readonly status: string;
  readonly invoicedPrice?: string;
}

/** Revenue by product: orders that are not cancelled at their price, or that of today, less the customer's discount. */
export function plainRevenues(directory: string): ReadonlyMap<string, string> {
  const products = readTable<{ price: string }>(directory, 'products');
  const customers = readTable<{ discount?: number }>(directory, 'customers');
  const revenues = new Map<string, bigint>();
  for (const order of readTable<Order>(directory, 'orders').values()) {
    if (order.status === 'CANCELLED') continue;
    const price = cents(order.invoicedPrice ?? products.get(order.productId)?.price ?? '');
    const percent = BigInt(100 - (customers.get(order.customerId)?.discount ?? 0));
    // In hundredths of a cent, and halves of a cent up.
    const total = (BigInt(order.quantity) * price * percent + 50n) / 100n;
    revenues.set(order.productId, (revenues.get(order.productId) ?? 0n) + total);
  }
  return new Map([...revenues].map(([id, revenue]) => [id, decimal(revenue * 10n)]));
}

function cents(price: string): bigint {
  return BigInt(price.replace('.', ''));
}

/** Thousandths, as Headgate writes a Decimal: without zeros at the end. */
function decimal(thousandths: bigint): string {
  const sign = thousandths < 0n ? '-' : '';
  const digits = String(thousandths < 0n ? -thousandths : thousandths).padStart(4, '0');
  return `${sign}${digits.slice(0, -3)}.${digits.slice(-3)}`.replace(/\.?0+$/, '');
}

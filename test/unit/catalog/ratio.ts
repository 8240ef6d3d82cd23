/** Numbers as fractions of integers, by the schoolbook: what exact arithmetic is checked against. */
export interface Ratio {
  readonly over: bigint;
  /** Positive. */
  readonly under: bigint;
}

export function fromDecimal(text: string): Ratio {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text);
  if (match === null) throw new Error(`no number: ${text}`);
  const [, minus, int = '', fraction = '', power = '0'] = match;
  const over = BigInt(`${minus ?? ''}${int}${fraction}`);
  const exponent = Number(power) - fraction.length;
  return exponent < 0 ? { over, under: 10n ** BigInt(-exponent) } : { over: over * 10n ** BigInt(exponent), under: 1n };
}

/** A double is a whole number once it has been doubled often enough. */
export function fromDouble(value: number): Ratio {
  let [whole, under] = [value, 1n];
  // Doubling is exact, and so is halving what is as large.
  while (!Number.isInteger(whole)) [whole, under] = [whole * 2, under * 2n];
  return { over: BigInt(whole), under };
}

export function add(a: Ratio, b: Ratio): Ratio {
  return { over: a.over * b.under + b.over * a.under, under: a.under * b.under };
}

export function negate({ over, under }: Ratio): Ratio {
  return { over: -over, under };
}

export function subtract(a: Ratio, b: Ratio): Ratio {
  return add(a, negate(b));
}

export function multiply(a: Ratio, b: Ratio): Ratio {
  return { over: a.over * b.over, under: a.under * b.under };
}

export function divide(a: Ratio, b: Ratio): Ratio {
  const sign = b.over < 0n ? -1n : 1n;
  return { over: a.over * b.under * sign, under: a.under * b.over * sign };
}

/** The division of bigints cuts off towards zero. */
export function remainder(a: Ratio, b: Ratio): Ratio {
  const { over, under } = divide(a, b);
  return subtract(a, multiply({ over: over / under, under: 1n }, b));
}

export function compare(a: Ratio, b: Ratio): number {
  const { over } = subtract(a, b);
  return over < 0n ? -1 : over > 0n ? 1 : 0;
}

export function same(a: Ratio, b: Ratio): boolean {
  return compare(a, b) === 0;
}

/** To so many significant digits, halves to the even neighbour. */
export function rounded({ over, under }: Ratio, digits: number): Ratio {
  if (over === 0n) return { over, under };
  const magnitude = over < 0n ? -over : over;
  let unit: Ratio = { over: 1n, under: 1n };
  const limit = 10n ** BigInt(digits);
  const inUnits = (): Ratio => divide({ over: magnitude, under }, unit);
  while (inUnits().over >= inUnits().under * limit) unit = multiply(unit, { over: 10n, under: 1n });
  while (inUnits().over * 10n < inUnits().under * limit) unit = divide(unit, { over: 10n, under: 1n });
  const units = inUnits();
  let count = units.over / units.under;
  const rest = (units.over - count * units.under) * 2n;
  if (rest > units.under || (rest === units.under && count % 2n === 1n)) count += 1n;
  const result = multiply({ over: count, under: 1n }, unit);
  return over < 0n ? negate(result) : result;
}

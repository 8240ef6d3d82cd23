import { assert } from '../common/errors.ts';
import { exactFromDecimal } from '../model/exact.ts';
import type { ColumnType, Value } from '../model/value.ts';
import type { ByteReader, ByteWriter } from '../store/key-bytes.ts';
import { readCount, readInteger, writeCount, writeInteger } from './state-bytes.ts';

/**
 * A number without error, in the base that its kind is finite and short in: a double is an integer over a power of two, a
 * Decimal one over a power of ten.
 */
export interface Scaled {
  readonly mantissa: bigint;
  /** The number is mantissa / base^scale; below zero for multiples of the base. */
  readonly scale: number;
}

export type Base = 2 | 10;

export interface Quotient {
  readonly numerator: bigint;
  /** Above zero. */
  readonly denominator: bigint;
}

/** The base of a numeric type. */
export function baseOf(type: ColumnType): Base {
  return type.kind === 'scalar' && type.scalar === 'Float' ? 2 : 10;
}

/** A value of a numeric type, not null. */
export function scaledOf(type: ColumnType, value: Value): Scaled {
  assert(type.kind === 'scalar', 'only numbers are summed');
  switch (type.scalar) {
    case 'Int':
      return { mantissa: BigInt(value as number), scale: 0 };
    case 'BigInt':
      return { mantissa: value as bigint, scale: 0 };
    case 'Float':
      return scaledDouble(value as number);
    case 'Decimal': {
      const { mantissa, exponent } = exactFromDecimal(value as string);
      return { mantissa, scale: -exponent };
    }
    default:
      throw new Error(`bug in Headgate: ${type.scalar} is not summed`);
  }
}

export function squareOf({ mantissa, scale }: Scaled): Scaled {
  return { mantissa: mantissa * mantissa, scale: scale * 2 };
}

/**
 * A sum that is exact at every moment, so that what is taken out leaves nothing behind. It has as many digits as it needs: of
 * doubles at most some 2,100 bits (1e308 beside 5e-324), usually under 100.
 */
export class ExactSum {
  readonly #base: Base;
  #mantissa: bigint;
  #scale: number;

  constructor(base: Base, state: ByteReader | undefined) {
    this.#base = base;
    this.#scale = state === undefined ? 0 : readCount(state);
    this.#mantissa = state === undefined ? 0n : readInteger(state);
  }

  add({ mantissa, scale }: Scaled): void {
    const difference = scale - this.#scale;
    if (difference > 0) {
      this.#mantissa = times(this.#base, this.#mantissa, difference) + mantissa;
      this.#scale = scale;
    } else {
      this.#mantissa += difference === 0 ? mantissa : times(this.#base, mantissa, -difference);
    }
  }

  subtract({ mantissa, scale }: Scaled): void {
    this.add({ mantissa: -mantissa, scale });
  }

  /** The scale is not negative. */
  get scaled(): Scaled {
    return { mantissa: this.#mantissa, scale: this.#scale };
  }

  get quotient(): Quotient {
    return { numerator: this.#mantissa, denominator: times(this.#base, 1n, this.#scale) };
  }

  /** With the least scale that it has without becoming negative: one number has one text. */
  write(writer: ByteWriter): void {
    this.#shorten();
    writeCount(writer, this.#scale);
    writeInteger(writer, this.#mantissa);
  }

  #shorten(): void {
    if (this.#scale === 0) return;
    if (this.#mantissa === 0n) {
      this.#scale = 0;
      return;
    }
    const surplus = Math.min(this.#scale, this.#base === 2 ? zeroBits(this.#mantissa) : zeroDigits(this.#mantissa));
    if (surplus === 0) return;
    this.#mantissa = this.#base === 2 ? this.#mantissa >> BigInt(surplus) : this.#mantissa / 10n ** BigInt(surplus);
    this.#scale -= surplus;
  }
}

function times(base: Base, mantissa: bigint, power: number): bigint {
  return base === 2 ? mantissa << BigInt(power) : mantissa * 10n ** BigInt(power);
}

const view = new DataView(new ArrayBuffer(8));

function scaledDouble(value: number): Scaled {
  if (Number.isSafeInteger(value)) return { mantissa: BigInt(value), scale: 0 };
  assert(Number.isFinite(value), 'a Float is finite');
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const power = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const magnitude = power === 0 ? fraction : fraction | 0x10_0000_0000_0000n;
  return { mantissa: value < 0 ? -magnitude : magnitude, scale: 1_075 - Math.max(power, 1) };
}

/** How many of the lowest bits are zero. Not of zero. */
function zeroBits(value: bigint): number {
  let count = 0;
  let rest = value;
  for (; BigInt.asUintN(64, rest) === 0n; rest >>= 64n) count += 64;
  for (let low = BigInt.asUintN(64, rest); (low & 1n) === 0n; low >>= 1n) count += 1;
  return count;
}

function zeroDigits(value: bigint): number {
  const text = String(value);
  let end = text.length;
  while (text.charCodeAt(end - 1) === zero) end -= 1;
  return text.length - end;
}

const zero = 48;

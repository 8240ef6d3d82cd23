import { jsonBool, jsonList, jsonNull, jsonNumber, jsonObject, jsonText, type Json } from './json.ts';
import type { TypeSpec } from './spec.ts';

/**
 * A value as the oracle holds it; what it means depends on its type. DateTime: µs as bigint. BigInt: bigint. Int and
 * Float: number. Decimal and all kinds of text: string. JSON: its tree. Lists and objects: arrays and maps.
 */
export type NaiveValue = null | string | number | bigint | boolean | NaiveJson | readonly NaiveValue[] | NaiveObject;
export interface NaiveJson {
  readonly json: Json;
}
export type NaiveObject = ReadonlyMap<string, NaiveValue>;

/** Non-null values of one type: negative, zero or positive. Lists and objects have no order. */
export function compare(type: TypeSpec, a: NaiveValue, b: NaiveValue): number {
  if (type.kind === 'enum') return type.values.indexOf(a as string) - type.values.indexOf(b as string);
  if (type.kind !== 'scalar') throw new Error('no order');
  switch (type.scalar) {
    case 'Int':
    case 'Float':
      return (a as number) - (b as number);
    case 'BigInt':
    case 'DateTime':
      return (a as bigint) < (b as bigint) ? -1 : (a as bigint) > (b as bigint) ? 1 : 0;
    case 'Boolean':
      return Number(a) - Number(b);
    case 'Decimal':
      return compareDecimal(a as string, b as string);
    case 'JSON':
      throw new Error('no order');
    case 'Bytes':
      return Buffer.compare(Buffer.from(a as string, 'base64'), Buffer.from(b as string, 'base64'));
    case 'ID':
    case 'String':
    case 'Date':
    case 'UUID':
    case 'Duration':
      return compareText(a as string, b as string);
  }
}

/** By code points, which is the order of the UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  // Where the second halves of two pairs differ, their order is that of the pairs.
  return at === length ? a.length - b.length : (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0);
}

export function same(type: TypeSpec, a: NaiveValue, b: NaiveValue): boolean {
  if (a === null || b === null) return a === b;
  return compare(type, a, b) === 0;
}

/** Whether a response shows the same: decimals of equal value but other digits differ. */
export function sameShown(type: TypeSpec, a: NaiveValue, b: NaiveValue): boolean {
  return JSON.stringify(toJson(type, a)) === JSON.stringify(toJson(type, b));
}

interface Scaled {
  readonly digits: bigint;
  readonly scale: number;
}

function scaled(text: string): Scaled {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) throw new Error(`not a decimal: ${text}`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = BigInt(`${whole}${fraction}` || '0');
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length - Number(exponent) };
}

export function compareDecimal(a: string, b: string): number {
  const x = scaled(a);
  const y = scaled(b);
  const scale = Math.max(x.scale, y.scale);
  const left = x.digits * 10n ** BigInt(scale - x.scale);
  const right = y.digits * 10n ** BigInt(scale - y.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** One text for all ways to write a value. */
export function canonicalDecimal(text: string): string {
  let { digits, scale } = scaled(text);
  while (digits !== 0n && digits % 10n === 0n) {
    digits /= 10n;
    scale -= 1;
  }
  return digits === 0n ? '0' : `${digits}e${-scale}`;
}

/** A column's value from a record's JSON, or why it is not one. */
export function fromRecord(type: TypeSpec, json: Json): NaiveValue | { readonly bad: string } {
  if (json.t === 'null') return null;
  if (type.kind === 'enum') {
    if (json.t !== 'str') return { bad: 'TYPE' };
    return type.values.includes(json.value) ? json.value : { bad: 'ENUM' };
  }
  if (type.kind === 'list') {
    if (json.t !== 'arr') return { bad: 'TYPE' };
    const items: NaiveValue[] = [];
    for (const item of json.items) {
      const value = fromRecord(type.element, item);
      if (isBad(value)) return value;
      if (value === null && type.elementRequired) return { bad: 'REQUIRED_MISSING' };
      items.push(value);
    }
    return items;
  }
  if (type.kind === 'object') {
    if (json.t !== 'obj') return { bad: 'TYPE' };
    const fields = new Map<string, NaiveValue>();
    for (const field of type.fields) {
      const found = json.entries.findLast(([name]) => name === field.name)?.[1] ?? jsonNull;
      const value = fromRecord(field.type, found);
      if (isBad(value)) return value;
      if (value === null && field.required) return { bad: 'REQUIRED_MISSING' };
      fields.set(field.name, value);
    }
    return fields;
  }
  switch (type.scalar) {
    case 'ID':
      if (json.t === 'str') return isWellFormed(json.value) ? json.value : { bad: 'UTF8' };
      return json.t === 'num' ? String(whole(json.text) ?? '') || { bad: 'TYPE' } : { bad: 'TYPE' };
    case 'String':
      if (json.t !== 'str') return { bad: 'TYPE' };
      return isWellFormed(json.value) ? json.value : { bad: 'UTF8' };
    case 'Boolean':
      return json.t === 'bool' ? json.value : { bad: 'TYPE' };
    case 'Int': {
      if (json.t !== 'num') return { bad: 'TYPE' };
      const number = Number(json.text) + 0;
      if (!Number.isInteger(number)) return { bad: 'TYPE' };
      return number >= -(2 ** 31) && number < 2 ** 31 ? number : { bad: 'RANGE' };
    }
    case 'Float': {
      if (json.t !== 'num') return { bad: 'TYPE' };
      const number = Number(json.text) + 0;
      return Number.isFinite(number) ? number : { bad: 'RANGE' };
    }
    case 'BigInt': {
      const value =
        json.t === 'num'
          ? whole(json.text)
          : json.t === 'str' && /^-?\d+$/.test(json.value)
            ? BigInt(json.value)
            : undefined;
      if (value === undefined) return { bad: 'TYPE' };
      return String(value).length > 1000 ? { bad: 'RANGE' } : value;
    }
    case 'Decimal': {
      const text = json.t === 'num' ? json.text : json.t === 'str' ? json.value : '';
      return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? text : { bad: 'TYPE' };
    }
    case 'DateTime':
      if (json.t === 'num') {
        const ms = whole(json.text);
        return ms === undefined ? { bad: 'TYPE' } : instantInRange(ms * 1000n);
      }
      return json.t === 'str' ? (parseInstant(json.value) ?? { bad: 'TYPE' }) : { bad: 'TYPE' };
    case 'Date':
      return json.t === 'str' && isDay(json.value) ? json.value : { bad: 'TYPE' };
    case 'UUID':
      return json.t === 'str' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(json.value)
        ? json.value
        : { bad: 'TYPE' };
    case 'Duration':
      return json.t === 'str' && /^(?!.*[PT]$)P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$/.test(json.value)
        ? json.value
        : { bad: 'TYPE' };
    case 'Bytes':
      return json.t === 'str' ? (base64(json.value) ?? { bad: 'TYPE' }) : { bad: 'TYPE' };
    case 'JSON':
      return { json };
  }
}

export function isBad(value: NaiveValue | { readonly bad: string }): value is { readonly bad: string } {
  return typeof value === 'object' && value !== null && 'bad' in value;
}

/** The whole number that a JSON number denotes, however it is written. */
function whole(text: string): bigint | undefined {
  const { digits, scale } = scaled(text);
  if (scale <= 0) return digits * 10n ** BigInt(-scale);
  return digits % 10n ** BigInt(scale) === 0n ? digits / 10n ** BigInt(scale) : undefined;
}

/** The years 0 to 9999. */
function instantInRange(us: bigint): bigint | { readonly bad: string } {
  return us < -62_167_219_200_000_000n || us > 253_402_300_799_999_999n ? { bad: 'RANGE' } : us;
}

/** Either alphabet, with or without padding; in the usual form. */
function base64(text: string): string | undefined {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1) return undefined;
  return Buffer.from(plain, 'base64').toString('base64');
}

/** No half of a surrogate pair, which UTF-8 cannot hold. */
function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** µs since 1970; only the forms that the generators write: full date and time, any fraction, `Z` or ±hh:mm. */
export function parseInstant(text: string): bigint | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null || !isDay(text.slice(0, 10))) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const whole = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const offset =
    zone === 'Z' ? 0 : Number(`${zone.slice(0, 1)}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)));
  return BigInt(whole - offset * 60_000) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

/** ISO 8601 in UTC, with µs only where there are any. */
export function printInstant(us: bigint): string {
  let rest = us % 1000n;
  if (rest < 0n) rest += 1000n;
  const text = new Date(Number((us - rest) / 1000n)).toISOString();
  return rest === 0n ? text : `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

/** How a response shows the value. */
export function toJson(type: TypeSpec, value: NaiveValue): Json {
  if (value === null) return jsonNull;
  if (type.kind === 'enum') return jsonText(value as string);
  if (type.kind === 'list') return jsonList((value as readonly NaiveValue[]).map((item) => toJson(type.element, item)));
  if (type.kind === 'object') {
    const fields = value as NaiveObject;
    return jsonObject(type.fields.map((f) => [f.name, toJson(f.type, fields.get(f.name) ?? null)]));
  }
  switch (type.scalar) {
    case 'Int':
    case 'Float':
      return jsonNumber(JSON.stringify(value));
    case 'Boolean':
      return jsonBool(value as boolean);
    case 'BigInt':
      return jsonText(String(value));
    case 'DateTime':
      return jsonText(printInstant(value as bigint));
    case 'JSON':
      return (value as NaiveJson).json;
    case 'Decimal':
    case 'ID':
    case 'String':
    case 'Date':
    case 'UUID':
    case 'Duration':
    case 'Bytes':
      return jsonText(value as string);
  }
}

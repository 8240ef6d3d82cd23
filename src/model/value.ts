import { unreachable } from '../common/errors.ts';
import { compareDecimals } from './decimal.ts';
import { jsonElements, jsonMembers, stringFromJson } from './json-text.ts';
import { formatDateTime, parseDateTime } from './time.ts';

/**
 * Values of columns: how they look in memory, how they compare, how they are written as JSON.
 *
 * | type                                | in memory                                      | stored and sent as (JSON fragment)         |
 * |-------------------------------------|------------------------------------------------|--------------------------------------------|
 * | ID String UUID Date Duration enum   | string                                         | string                                     |
 * | Int Float                           | number (finite; -0 is 0)                       | number                                     |
 * | Boolean                             | boolean                                        | true / false                               |
 * | BigInt                              | bigint                                         | string of digits                           |
 * | Decimal                             | string, as written                             | string, as written                         |
 * | DateTime                            | bigint, µs since 1970 UTC                      | ISO 8601 in UTC, 3 or 6 fraction digits    |
 * | Bytes                               | string, base64 (standard alphabet, padded)     | string, base64                             |
 * | JSON                                | `JsonText`: the minified text, digits untouched | the text                                   |
 * | embedded object                     | record of field → Value                        | object with every declared field, in order |
 * | list                                | array                                          | array                                      |
 *
 * Absent and null are one: `null`.
 */
export type ScalarName =
  | 'ID'
  | 'String'
  | 'Int'
  | 'Float'
  | 'Boolean'
  | 'BigInt'
  | 'Decimal'
  | 'DateTime'
  | 'Date'
  | 'UUID'
  | 'Duration'
  | 'Bytes'
  | 'JSON';

export type ColumnType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarName }
  /** `values` in order of declaration, which is also their order in indexes and `orderBy`. */
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: 'object'; readonly name: string; readonly fields: readonly ObjectField[] }
  | { readonly kind: 'list'; readonly element: ColumnType; readonly elementRequired: boolean };

/** What a list is of; any other type itself. */
export function elementOf(type: ColumnType): ColumnType {
  return type.kind === 'list' ? type.element : type;
}

/** A field of an embedded object type. */
export interface ObjectField {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
  readonly description?: string | undefined;
  readonly deprecationReason?: string | undefined;
}

/** The text of a JSON value whose digits must survive; never parsed on its way through. */
export class JsonText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Value =
  null | string | number | bigint | boolean | JsonText | readonly Value[] | { readonly [field: string]: Value };

/**
 * Total order of two values of a type, neither of them null: the order of key bytes (`store/keys.ts`), of `orderBy` and
 * of gt and lt. Strings by code point (the order of their UTF-8 bytes), enums by declaration, Decimals by value, Bytes
 * by the bytes they stand for, false before true, lists element by element, objects field by field; nulls inside lists
 * and objects last. Durations and JSON compare as text: an order, but not one that means anything.
 */
export function compareValues(type: ColumnType, a: Value, b: Value): number {
  if (a === b) return 0;
  switch (type.kind) {
    case 'scalar':
      return compareScalars(type.scalar, a, b);
    case 'enum':
      return compare(type.values.indexOf(a as string), type.values.indexOf(b as string));
    case 'list': {
      const left = a as readonly Value[];
      const right = b as readonly Value[];
      for (let i = 0; i < left.length && i < right.length; i += 1) {
        const order = compareNullsLast(type.element, left[i] ?? null, right[i] ?? null);
        if (order !== 0) return order;
      }
      return compare(left.length, right.length);
    }
    case 'object': {
      for (const field of type.fields) {
        const order = compareNullsLast(field.type, memberOf(a, field.name), memberOf(b, field.name));
        if (order !== 0) return order;
      }
      return 0;
    }
    default:
      return unreachable(type);
  }
}

/** The same value; null equals null alone. For values that are not null: whether `compareValues` gives 0. */
export function equalValues(type: ColumnType, a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  return compareValues(type, a, b) === 0;
}

/** The JSON fragment that is stored and sent. Deterministic: equal text for one value written one way. */
export function valueToJson(type: ColumnType, value: Value): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'scalar':
      return scalarToJson(type.scalar, value);
    case 'enum':
      return `"${value as string}"`;
    case 'list':
      return `[${(value as readonly Value[]).map((element) => valueToJson(type.element, element)).join(',')}]`;
    case 'object': {
      const members = type.fields.map(
        (field) => `"${field.name}":${valueToJson(field.type, memberOf(value, field.name))}`,
      );
      return `{${members.join(',')}}`;
    }
    default:
      return unreachable(type);
  }
}

/** Reads what `valueToJson` wrote for the same type; on other text the result means nothing. */
export function valueFromJson(type: ColumnType, text: string): Value {
  if (text === 'null') return null;
  switch (type.kind) {
    case 'scalar':
      return scalarFromJson(type.scalar, text);
    case 'enum':
      return text.slice(1, -1);
    case 'list':
      return (jsonElements(text) ?? []).map((element) => valueFromJson(type.element, element));
    case 'object': {
      const members = jsonMembers(text);
      return makeObject(type.fields, (field) => valueFromJson(field.type, members?.get(field.name) ?? 'null'));
    }
    default:
      return unreachable(type);
  }
}

/** An embedded object with every declared field, in order. The first undefined that `valueOf` gives ends it. */
export function makeObject(
  fields: readonly ObjectField[],
  valueOf: (field: ObjectField) => Value,
): { readonly [field: string]: Value };
export function makeObject(
  fields: readonly ObjectField[],
  valueOf: (field: ObjectField) => Value | undefined,
): { readonly [field: string]: Value } | undefined;
export function makeObject(
  fields: readonly ObjectField[],
  valueOf: (field: ObjectField) => Value | undefined,
): { readonly [field: string]: Value } | undefined {
  // Without a prototype a field may have any name, and an absent one is undefined.
  const object = Object.create(null) as { [field: string]: Value };
  for (const field of fields) {
    const value = valueOf(field);
    if (value === undefined) return undefined;
    object[field.name] = value;
  }
  return object;
}

/** A field of an embedded object; null where it has none. */
export function memberOf(object: Value, field: string): Value {
  return (object as { readonly [field: string]: Value })[field] ?? null;
}

/** Order of Unicode code points, which is that of UTF-8 bytes; `<` on JS strings puts 😀 before \uffff. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return compare(rank(left), rank(right));
  }
  return compare(a.length, b.length);
}

/** Moves surrogates above the rest of the UTF-16 units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function compareScalars(scalar: ScalarName, a: Value, b: Value): number {
  switch (scalar) {
    case 'ID':
    case 'String':
    case 'UUID':
    case 'Date':
    case 'Duration':
      return compareStrings(a as string, b as string);
    case 'Int':
    case 'Float':
    case 'BigInt':
    case 'DateTime':
      return compare(a as number | bigint, b as number | bigint);
    case 'Boolean':
      return compare(Number(a), Number(b));
    case 'Decimal':
      return compareDecimals(a as string, b as string);
    case 'Bytes':
      return Buffer.compare(Buffer.from(a as string, 'base64'), Buffer.from(b as string, 'base64'));
    case 'JSON':
      return compareStrings((a as JsonText).text, (b as JsonText).text);
    default:
      return unreachable(scalar);
  }
}

function compare(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareNullsLast(type: ColumnType, a: Value, b: Value): number {
  if (a === null || b === null) return compare(a === null ? 1 : 0, b === null ? 1 : 0);
  return compareValues(type, a, b);
}

function scalarToJson(scalar: ScalarName, value: Value): string {
  switch (scalar) {
    case 'ID':
    case 'String':
      return JSON.stringify(value);
    // None of these has a character that JSON would escape.
    case 'UUID':
    case 'Date':
    case 'Duration':
    case 'Bytes':
    case 'Decimal':
    case 'BigInt':
      return `"${value as string | bigint}"`;
    case 'Int':
    case 'Float':
    case 'Boolean':
      return String(value as number | boolean);
    case 'DateTime':
      return `"${formatDateTime(value as bigint)}"`;
    case 'JSON':
      return (value as JsonText).text;
    default:
      return unreachable(scalar);
  }
}

function scalarFromJson(scalar: ScalarName, text: string): Value {
  switch (scalar) {
    case 'ID':
    case 'String':
      return stringFromJson(text);
    case 'UUID':
    case 'Date':
    case 'Duration':
    case 'Bytes':
    case 'Decimal':
      return text.slice(1, -1);
    case 'BigInt':
      return BigInt(text.slice(1, -1));
    case 'Int':
    case 'Float':
      return Number(text);
    case 'Boolean':
      return text === 'true';
    case 'DateTime':
      return parseDateTime(text.slice(1, -1)) ?? null;
    case 'JSON':
      return new JsonText(text);
    default:
      return unreachable(scalar);
  }
}

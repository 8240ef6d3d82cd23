import { unreachable } from '../common/errors.ts';
import { checkDecimal, decimalToBigInt, maxDecimalDigits } from './decimal.ts';
import { dateTimeFromMs, isDate, isDuration, maxDateTime, minDateTime, parseDateTime } from './time.ts';
import { JsonText, makeObject } from './value.ts';
import type { ColumnType, ObjectField, ScalarName, Value } from './value.ts';

/** What a client or a schema wrote is not a value of the type. The message says what was expected and what came. */
export class CoercionError extends Error {
  override readonly name = 'CoercionError';
}

/**
 * A client's argument or a schema's literal, as a plain JS value, to a Value of the type. A Value comes back as it is.
 * Undefined is null. Throws CoercionError. (Records are not read here: `decode` is stricter, and keeps every digit.)
 */
export function coerceInput(type: ColumnType, input: unknown): Value {
  if (input === null || input === undefined) return null;
  switch (type.kind) {
    case 'scalar':
      return coerceScalar(type.scalar, input);
    case 'enum':
      if (typeof input === 'string' && type.values.includes(input)) return input;
      throw mismatch(`one of ${type.values.join(', ')}`, input);
    case 'list':
      if (!Array.isArray(input)) throw mismatch('a list', input);
      return input.map((element: unknown, i) => at(`[${i}]`, () => coerceElement(type, element)));
    case 'object':
      return coerceObject(type.name, type.fields, input);
    default:
      return unreachable(type);
  }
}

function coerceElement(type: Extract<ColumnType, { kind: 'list' }>, element: unknown): Value {
  const value = coerceInput(type.element, element);
  if (value === null && type.elementRequired) throw new CoercionError('Null is not allowed in this list.');
  return value;
}

function coerceObject(name: string, fields: readonly ObjectField[], input: unknown): Value {
  if (typeof input !== 'object' || Array.isArray(input) || input instanceof JsonText)
    throw mismatch(`an object (${name})`, input);
  const members = new Map(Object.entries(input as object));
  for (const member of members.keys()) {
    if (fields.some((field) => field.name === member)) continue;
    const known = fields.map((field) => field.name).join(', ');
    throw new CoercionError(`${name} has no field "${member}"; it has ${known}.`);
  }
  return makeObject(fields, (field) => {
    const value = at(field.name, () => coerceInput(field.type, members.get(field.name)));
    if (value === null && field.required) throw new CoercionError(`${name} needs a value for "${field.name}".`);
    return value;
  });
}

function coerceScalar(scalar: ScalarName, input: unknown): Value {
  switch (scalar) {
    case 'ID':
      if (typeof input === 'bigint') return String(input);
      return typeof input === 'number' ? String(safeInteger(input, 'an ID')) : wellFormed(input, 'an ID');
    case 'String':
      return wellFormed(input, 'a String');
    case 'Int':
      if (typeof input === 'number' && Number.isInteger(input) && Math.abs(input + 0.5) < 2 ** 31) return input + 0;
      throw mismatch('an Int (a whole number of 32 bits)', input);
    case 'Float':
      if (typeof input === 'number' && Number.isFinite(input)) return input + 0;
      throw mismatch('a Float (a finite number)', input);
    case 'Boolean':
      if (typeof input === 'boolean') return input;
      throw mismatch('a Boolean (true or false)', input);
    case 'BigInt':
      return coerceBigInt(input);
    case 'Decimal':
      return coerceDecimal(input);
    case 'DateTime':
      return coerceDateTime(input);
    case 'Date':
      if (typeof input === 'string' && isDate(input)) return input;
      throw mismatch('a Date (a day that exists, like "2026-11-21")', input);
    case 'UUID': {
      const uuid = typeof input === 'string' ? canonicalUuid(input) : undefined;
      if (uuid === undefined) throw mismatch('a UUID (like "f81d4fae-7dec-11d0-a765-00a0c91e6bf6")', input);
      return uuid;
    }
    case 'Duration':
      if (typeof input === 'string' && isDuration(input)) return input;
      throw mismatch('a Duration (ISO 8601, like "PT1H30M")', input);
    case 'Bytes': {
      const base64 = typeof input === 'string' ? canonicalBase64(input) : undefined;
      if (base64 === undefined) throw mismatch('Bytes (text in base64)', input);
      return base64;
    }
    case 'JSON':
      return input instanceof JsonText ? input : new JsonText(printJson(input, 0));
    default:
      return unreachable(scalar);
  }
}

function coerceBigInt(input: unknown): bigint {
  if (typeof input === 'bigint') return input;
  if (typeof input === 'number') return BigInt(safeInteger(input, 'a BigInt'));
  const value = typeof input === 'string' ? bigIntFromText(input) : undefined;
  if (value === undefined) throw mismatch(`a BigInt (a whole number of up to ${maxDecimalDigits} digits)`, input);
  return value;
}

function coerceDecimal(input: unknown): string {
  if (typeof input === 'number') {
    if (!Number.isFinite(input)) throw mismatch('a Decimal', input);
    if (Math.abs(input) > Number.MAX_SAFE_INTEGER) throw tooLargeForNumber(input, 'a Decimal');
    return String(input);
  }
  const text = typeof input === 'bigint' ? String(input) : input;
  if (typeof text !== 'string') throw mismatch('a Decimal', input);
  const check = checkDecimal(text);
  if (check === 'ok') return text;
  if (check === 'syntax') throw mismatch('a Decimal (like "12.50")', input);
  throw new CoercionError(
    `This Decimal is out of range: at most ${maxDecimalDigits} digits, between 1e-1000 and 1e1001.`,
  );
}

function coerceDateTime(input: unknown): bigint {
  if (typeof input === 'bigint' && input >= minDateTime && input <= maxDateTime) return input;
  const expected =
    'a DateTime (ISO 8601 with Z or an offset, like "2026-11-21T10:00:00Z", or whole milliseconds since 1970)';
  let value: bigint | undefined;
  if (typeof input === 'string') value = parseDateTime(input);
  if (typeof input === 'number') value = dateTimeFromMs(input);
  if (value === undefined) throw mismatch(expected, input);
  return value;
}

/** A whole number in decimal digits (`12`, `-12`, not `1e3`); undefined for other text and beyond 1,000 digits. */
export function bigIntFromText(text: string): bigint | undefined {
  return wholeNumber.test(text) && text.length <= maxDecimalDigits ? BigInt(text) : undefined;
}

/** The whole number that a JSON number denotes (`12`, `12.0`, `1.2e1`), exactly; undefined where it has a fraction. */
export function bigIntFromJsonNumber(text: string): bigint | undefined {
  if (wholeNumber.test(text)) return bigIntFromText(text);
  return checkDecimal(text) === 'ok' ? decimalToBigInt(text) : undefined;
}

/** In lower case; undefined where it is no UUID in the usual grouping. */
export function canonicalUuid(text: string): string | undefined {
  return text.length === 36 && uuid.test(text) ? text.toLowerCase() : undefined;
}

/** Standard alphabet and padding, from base64 or base64url, padded or not; undefined for other text. */
export function canonicalBase64(text: string): string | undefined {
  if (!base64.test(text)) return undefined;
  const data = text.replace(/=+$/, '');
  if (data.length % 4 === 1 || (text.length !== data.length && text.length % 4 !== 0)) return undefined;
  return Buffer.from(data, 'base64').toString('base64');
}

/** False where the text has half of a surrogate pair: it has no UTF-8, and could be neither stored nor sent as it is. */
export function isWellFormed(text: string): boolean {
  // Node 20 has it; the ES2023 types do not.
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

const wholeNumber = /^-?\d+$/;
const uuid = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
/** As deep as the JSON of a record may be. */
const maxJsonDepth = 64;

function safeInteger(input: number, expected: string): number {
  if (Number.isSafeInteger(input)) return input;
  if (Number.isInteger(input)) throw tooLargeForNumber(input, expected);
  throw mismatch(`${expected} (a whole number or a string)`, input);
}

function wellFormed(input: unknown, expected: string): string {
  if (typeof input !== 'string') throw mismatch(expected, input);
  if (!isWellFormed(input)) throw new CoercionError(`Expected ${expected}, got text with half of a surrogate pair.`);
  return input;
}

function printJson(input: unknown, depth: number): string {
  if (depth > maxJsonDepth) throw new CoercionError(`JSON may be nested at most ${maxJsonDepth} deep.`);
  if (input === null || typeof input === 'string' || typeof input === 'boolean') return JSON.stringify(input);
  if (typeof input === 'bigint') return String(input);
  if (input instanceof JsonText) return input.text;
  if (typeof input === 'number') {
    if (Number.isFinite(input)) return JSON.stringify(input);
    throw mismatch('JSON', input);
  }
  if (Array.isArray(input))
    return `[${input.map((element: unknown) => printJson(element ?? null, depth + 1)).join(',')}]`;
  if (typeof input !== 'object') throw mismatch('JSON', input);
  const members = Object.entries(input).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${printJson(member, depth + 1)}`).join(',')}}`;
}

/** Puts the place inside a list or object before the message. */
function at(place: string, coerce: () => Value): Value {
  try {
    return coerce();
  } catch (error) {
    if (error instanceof CoercionError) throw new CoercionError(`${place}: ${error.message}`);
    throw error;
  }
}

function mismatch(expected: string, input: unknown): CoercionError {
  return new CoercionError(`Expected ${expected}, got ${describe(input)}.`);
}

function tooLargeForNumber(input: number, expected: string): CoercionError {
  return new CoercionError(
    `${describe(input)} is too large to be exact as a number. Write ${expected} of this size as a string.`,
  );
}

function describe(input: unknown): string {
  if (typeof input === 'string') return JSON.stringify(input.length > 60 ? `${input.slice(0, 60)}…` : input);
  if (typeof input === 'number' || typeof input === 'boolean' || typeof input === 'bigint') return String(input);
  return Array.isArray(input) ? 'a list' : `a value of type ${typeof input}`;
}

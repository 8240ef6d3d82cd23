import { unreachable } from '../common/errors.ts';
import { bigIntFromJsonNumber, bigIntFromText, canonicalBase64, canonicalUuid, isWellFormed } from '../model/coerce.ts';
import { checkDecimal, decimalParts, maxDecimalDigits } from '../model/decimal.ts';
import { jsonElements, jsonMembers } from '../model/json-text.ts';
import { dateTimeFromMs, isDate, isDuration, parseDateTime } from '../model/time.ts';
import { JsonText, makeObject } from '../model/value.ts';
import type { ColumnType, ScalarName, Value } from '../model/value.ts';
import { isJsonObject, ownMember } from './json.ts';
import type { Problem } from './problem.ts';

/** JSON.parse may have lost digits of it: the value must be made from its text. */
export const inexact = Symbol('inexact');

/**
 * Makes values of one type from JSON. `fromJson` takes what JSON.parse made, which is all that most records need; where it
 * answers `inexact`, `fromText` makes the value from the minified JSON text of the same thing. Null never comes here.
 * Undefined: `problem` says what is wrong.
 *
 * A number is taken from JSON.parse where it came out as an integer below 2^53; what such a number's text says beyond the
 * 16th digit of a fraction is not seen.
 */
export interface Coercer {
  readonly fromJson: (value: unknown) => Value | typeof inexact | undefined;
  readonly fromText: (text: string) => Value | undefined;
}

export function compileCoercer(type: ColumnType, problem: Problem): Coercer {
  switch (type.kind) {
    case 'scalar':
      return compileScalar(type.scalar, problem);
    case 'enum':
      return compileEnum(type.name, type.values, problem);
    case 'list':
      return compileList(type, problem);
    case 'object':
      return compileObject(type, problem);
    default:
      return unreachable(type);
  }
}

/** For types whose values JSON.parse cannot damage. */
function exactly(fromJson: (value: unknown) => Value | undefined): Coercer {
  return { fromJson, fromText: (text) => fromJson(JSON.parse(text)) };
}

function compileScalar(scalar: ScalarName, problem: Problem): Coercer {
  switch (scalar) {
    case 'ID':
      return {
        fromJson(value) {
          if (typeof value === 'string') return checkText(value, problem);
          if (typeof value !== 'number') return problem.failType('ID', value);
          return Number.isSafeInteger(value) ? String(value) : inexact;
        },
        fromText: (text) => wholeNumber(text, 'ID', problem)?.toString(),
      };
    case 'String':
      return exactly((value) =>
        typeof value === 'string' ? checkText(value, problem) : problem.failType('String', value),
      );
    case 'Int':
      return exactly((value) => {
        if (typeof value !== 'number') return problem.failType('Int', value);
        const int = value | 0;
        if (int === value) return int;
        if (Number.isInteger(value) || !Number.isFinite(value))
          return problem.fail('RANGE', 'beyond the 32 bits of Int');
        return problem.failType('Int', value);
      });
    case 'Float':
      return exactly((value) => {
        if (typeof value !== 'number') return problem.failType('Float', value);
        return Number.isFinite(value) ? value + 0 : problem.fail('RANGE', 'beyond the range of Float');
      });
    case 'Boolean':
      return exactly((value) => (typeof value === 'boolean' ? value : problem.failType('Boolean', value)));
    case 'BigInt':
      return {
        fromJson(value) {
          if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : inexact;
          return typeof value === 'string' ? bigIntOf(value, problem) : problem.failType('BigInt', value);
        },
        fromText: (text) => wholeNumber(text, 'BigInt', problem),
      };
    case 'Decimal':
      return {
        fromJson(value) {
          if (typeof value === 'number') return inexact;
          return typeof value === 'string' ? decimalOf(value, problem) : problem.failType('Decimal', value);
        },
        fromText: (text) => decimalOf(text, problem),
      };
    case 'DateTime':
      return exactly((value) => {
        if (typeof value === 'string') return dateTimeOf(value, problem);
        return typeof value === 'number' ? instantOf(value, problem) : problem.failType('DateTime', value);
      });
    case 'Date':
    case 'UUID':
    case 'Duration':
    case 'Bytes': {
      const read = textReaders[scalar];
      return exactly((value) => (typeof value === 'string' ? read(value, problem) : problem.failType(scalar, value)));
    }
    case 'JSON':
      return {
        fromJson: (value) => (typeof value === 'boolean' ? new JsonText(String(value)) : inexact),
        fromText: (text) => new JsonText(text),
      };
    default:
      return unreachable(scalar);
  }
}

function compileEnum(name: string, values: readonly string[], problem: Problem): Coercer {
  const known = new Set(values);
  return exactly((value) => {
    if (typeof value !== 'string') return problem.failType(name, value);
    return known.has(value) ? value : problem.failEnum(name, value);
  });
}

function compileList(type: Extract<ColumnType, { kind: 'list' }>, problem: Problem): Coercer {
  const element = compileCoercer(type.element, problem);
  const missing = (): null | undefined =>
    type.elementRequired ? problem.fail('REQUIRED_MISSING', 'null is not allowed in this list') : null;
  return {
    fromJson(value) {
      if (!Array.isArray(value)) return problem.failType('a list', value);
      const list: Value[] = [];
      for (let i = 0; i < value.length; i += 1) {
        const item: unknown = value[i];
        const coerced = item === null ? missing() : element.fromJson(item);
        if (coerced === inexact) return inexact;
        if (coerced === undefined) return problem.inside(`[${i}]`);
        list.push(coerced);
      }
      return list;
    },
    fromText(text) {
      const list: Value[] = [];
      for (const item of jsonElements(text) ?? []) {
        const coerced = item === 'null' ? missing() : coerceText(element, item);
        if (coerced === undefined) return problem.inside(`[${list.length}]`);
        list.push(coerced);
      }
      return list;
    },
  };
}

function compileObject(type: Extract<ColumnType, { kind: 'object' }>, problem: Problem): Coercer {
  const coercers = new Map(type.fields.map((field) => [field, compileCoercer(field.type, problem)]));
  const missing = (required: boolean): null | undefined =>
    required ? problem.fail('REQUIRED_MISSING', 'a value is required, and there is none') : null;
  return {
    fromJson(value) {
      if (!isJsonObject(value)) return problem.failType(type.name, value);
      let lost = false;
      const object = makeObject(type.fields, (field) => {
        const member = ownMember(value, field.name);
        const coerced =
          member === undefined || member === null ? missing(field.required) : coercers.get(field)?.fromJson(member);
        lost ||= coerced === inexact;
        if (coerced === inexact) return undefined;
        return coerced === undefined ? problem.inside(`.${field.name}`) : coerced;
      });
      return lost ? inexact : object;
    },
    fromText(text) {
      const members = jsonMembers(text);
      return makeObject(type.fields, (field) => {
        const member = members?.get(field.name) ?? 'null';
        const coercer = coercers.get(field);
        const coerced =
          member === 'null' || coercer === undefined ? missing(field.required) : coerceText(coercer, member);
        return coerced === undefined ? problem.inside(`.${field.name}`) : coerced;
      });
    },
  };
}

/** A value from valid, minified JSON text that is not `null`. */
function coerceText(coercer: Coercer, text: string): Value | undefined {
  const value = coercer.fromJson(JSON.parse(text));
  return value === inexact ? coercer.fromText(text) : value;
}

function checkText(text: string, problem: Problem): string | undefined {
  return isWellFormed(text) ? text : problem.fail('UTF8', 'half of a surrogate pair');
}

function wholeNumber(text: string, expected: string, problem: Problem): bigint | undefined {
  const value = bigIntFromJsonNumber(text);
  if (value !== undefined) return value;
  if (checkDecimal(text) === 'ok') {
    const { digits, exponent } = decimalParts(text);
    if (digits.length > exponent) return problem.fail('TYPE', `expected ${expected}, got a number with a fraction`);
  }
  return problem.fail('RANGE', `more than ${maxDecimalDigits} digits`);
}

function bigIntOf(text: string, problem: Problem): bigint | undefined {
  const value = bigIntFromText(text);
  if (value !== undefined) return value;
  return /^-?\d+$/.test(text)
    ? problem.fail('RANGE', `more than ${maxDecimalDigits} digits`)
    : problem.fail('TYPE', 'expected BigInt, got text that is no whole number');
}

function decimalOf(text: string, problem: Problem): string | undefined {
  const check = checkDecimal(text);
  if (check === 'ok') return text;
  return check === 'range'
    ? problem.fail('RANGE', `a Decimal has at most ${maxDecimalDigits} digits and lies between 1e-1000 and 1e1001`)
    : problem.fail('TYPE', 'expected Decimal, got text that is no decimal number');
}

function dateTimeOf(text: string, problem: Problem): bigint | undefined {
  return (
    parseDateTime(text) ??
    problem.fail('TYPE', 'expected DateTime, got text that is not ISO 8601 with Z or an offset, in the years 0 to 9999')
  );
}

function instantOf(ms: number, problem: Problem): bigint | undefined {
  const value = dateTimeFromMs(ms);
  if (value !== undefined) return value;
  return Number.isInteger(ms) || !Number.isFinite(ms)
    ? problem.fail('RANGE', 'milliseconds since 1970 beyond the years 0 to 9999')
    : problem.fail('TYPE', 'expected DateTime as whole milliseconds, got a number with a fraction');
}

/** Scalars that are text in JSON too. */
const textReaders = {
  Date: (text: string, problem: Problem) =>
    isDate(text) ? text : problem.fail('TYPE', 'expected Date, got text that is no day as yyyy-mm-dd'),
  UUID: (text: string, problem: Problem) =>
    canonicalUuid(text) ?? problem.fail('TYPE', 'expected UUID, got text that is none'),
  Duration: (text: string, problem: Problem) =>
    isDuration(text) ? text : problem.fail('TYPE', 'expected Duration, got text that is no ISO 8601 duration'),
  Bytes: (text: string, problem: Problem) =>
    canonicalBase64(text) ?? problem.fail('TYPE', 'expected Bytes, got text that is not base64'),
};

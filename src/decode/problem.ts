import type { BadRecordCode } from '../store/store.ts';

/**
 * Why the last decoding step failed. One per decoder, filled instead of thrown: a topic full of bad records must not
 * cost a stack trace each. A step that fails returns undefined, which no Value is.
 */
export class Problem {
  code: BadRecordCode = 'TYPE';
  /** Set by `accept` alone: the column that it could not read. */
  column = '';
  /** Inside the column: `.city`, `[2].name`; empty for the column itself. */
  place = '';
  /** What was expected and what kind of thing came; never contents. */
  reason = '';
  /** The name that an enum does not have, where that is the problem of the column itself. */
  unknownName: string | undefined = undefined;

  fail(code: BadRecordCode, reason: string): undefined {
    this.code = code;
    this.place = '';
    this.reason = reason;
    this.unknownName = undefined;
    return undefined;
  }

  failEnum(enumName: string, value: string): undefined {
    this.fail('ENUM', `expected a value of ${enumName}, got a name that it does not have`);
    this.unknownName = value;
    return undefined;
  }

  failType(expected: string, value: unknown): undefined {
    return this.fail('TYPE', `expected ${expected}, got ${kindOf(value)}`);
  }

  /** Called on the way out of a field or an element. */
  inside(place: string): undefined {
    this.place = place + this.place;
    this.unknownName = undefined;
    return undefined;
  }
}

/** What kind of JSON a value is, for reasons. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'a string';
    case 'number':
      return Number.isInteger(value) ? 'a number' : 'a number with a fraction';
    case 'boolean':
      return 'a boolean';
    default:
      return 'an object';
  }
}

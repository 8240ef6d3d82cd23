import { minifyJson } from '../model/json-text.ts';
import type { ColumnType, Value } from '../model/value.ts';
import { compileCoercer, inexact } from './coercer.ts';
import { parseJsonText } from './json.ts';
import type { Problem } from './problem.ts';

/**
 * Makes values of one type from bare text: a record's key, a header, the digits of a number. Text and enum types take it as
 * it is, numbers and booleans as JSON would write them, DateTime also as milliseconds, JSON, objects and lists as JSON.
 */
export function compileTextCoercer(type: ColumnType, problem: Problem): (text: string) => Value | undefined {
  const { fromJson, fromText } = compileCoercer(type, problem);
  const fromString = (text: string): Value | undefined => {
    const value = fromJson(text);
    return value === inexact ? fromText(text) : value;
  };
  const fromJsonText = (text: string): Value | undefined => {
    const parsed = parseJsonText(text, 'the text', problem);
    if (parsed === undefined) return undefined;
    if (parsed.value === null) return null;
    const value = fromJson(parsed.value);
    return value === inexact ? fromText(minifyJson(text)) : value;
  };
  if (type.kind === 'list' || type.kind === 'object') return fromJsonText;
  if (type.kind === 'enum') return fromString;
  switch (type.scalar) {
    case 'JSON':
      return fromJsonText;
    case 'Int':
    case 'Float':
      return (text) =>
        number.test(text) ? (fromJson(Number(text)) as Value | undefined) : failText(type.scalar, problem);
    case 'Boolean':
      return (text) => (text === 'true' || text === 'false' ? text === 'true' : failText('Boolean', problem));
    case 'DateTime':
      return (text) => (digits.test(text) ? (fromJson(Number(text)) as Value | undefined) : fromString(text));
    default:
      return fromString;
  }
}

const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const digits = /^-?\d{1,16}$/;

function failText(expected: string, problem: Problem): undefined {
  return problem.fail('TYPE', `expected ${expected}, got text that is none`);
}

import { ExpressionError } from '../model/expression.ts';
import { formatDateTime, minDateTime, parseDateTime, parseDurationMs } from '../model/time.ts';
import { must } from '../common/errors.ts';
import type { Value } from '../model/value.ts';
import { ExpressionMistake } from './expression-mistake.ts';
import type { Place } from './expression-parse.ts';
import { isScalar, scalarType, strictTerm, wrongType } from './expression-term.ts';
import type { Term } from './expression-term.ts';

/** Where the part stands in the text of a date or an instant. */
const parts = { year: [0, 4], month: [5, 7], day: [8, 10], hour: [11, 13] } as const;

/** In UTC; an Int. A Date has no hour. */
export function datePartTerm(place: Place, date: Term, part: keyof typeof parts): Term {
  const [from, to] = parts[part];
  const isInstant = isScalar(date.type, 'DateTime');
  if (!isInstant && (part === 'hour' || !isScalar(date.type, 'Date'))) {
    throw wrongType(place, date, part === 'hour' ? 'a DateTime is needed here' : dateNeeded);
  }
  return strictTerm(place, scalarType('Int'), [date], (value) => Number(textOf(value).slice(from, to)));
}

/** Milliseconds since 1970, cut off towards the past; a BigInt. Of a Date: its first. */
export function millisTerm(place: Place, date: Term): Term {
  if (!isScalar(date.type, 'DateTime') && !isScalar(date.type, 'Date')) throw wrongType(place, date, dateNeeded);
  return strictTerm(place, scalarType('BigInt'), [date], (value) => floorTo(instantOf(value), 1_000n) / 1_000n);
}

/** The start of the span of that length that the instant is in; spans are counted from 1970-01-01T00:00Z. */
export function truncateTerm(place: Place, date: Term, length: Term): Term {
  if (!isScalar(date.type, 'DateTime')) throw wrongType(place, date, 'a DateTime is needed here');
  const ms = typeof length.literal === 'string' ? parseDurationMs(length.literal) : undefined;
  if (ms === undefined || ms === 0) {
    throw new ExpressionMistake(
      `${place.text}: write the length as a text like "15m", "1h" or "1d"`,
      length.place.start,
    );
  }
  const us = BigInt(ms) * 1_000n;
  return strictTerm(place, scalarType('DateTime'), [date], (value) => {
    const start = floorTo(instantOf(value), us);
    if (start < minDateTime) throw new ExpressionError(`${place.text}: the result is before the year 0`);
    return start;
  });
}

const dateNeeded = 'a DateTime or a Date is needed here';

function textOf(value: Value): string {
  return typeof value === 'bigint' ? formatDateTime(value) : (value as string);
}

function instantOf(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  return must(parseDateTime(`${value as string}T00:00:00Z`), 'a Date is a day');
}

function floorTo(value: bigint, unit: bigint): bigint {
  const rest = value % unit;
  return value - (rest < 0n ? rest + unit : rest);
}

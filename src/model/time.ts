/**
 * Instants are bigint µs since 1970 UTC, from 0000-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z; what lies outside
 * is refused where it comes in, so that everything inside has four digits of year.
 */
export const minDateTime = -62_167_219_200_000_000n;
export const maxDateTime = 253_402_300_799_999_999n;

/**
 * ISO 8601 as RFC 3339 profiles it: `2026-11-21T10:00:00.123456Z`, with `Z` or an offset (`+01:00`, `+0100`, `+01`); a blank
 * for the T, and seconds left out, are taken too. Undefined for anything else: no offset (whose clock would it be?), no
 * such day, outside the years 0 to 9999. Digits below the microsecond are cut off, towards the past. A leap second
 * (23:59:60 UTC) is the first instant of the next day, as in POSIX time.
 */
export function parseDateTime(text: string): bigint | undefined {
  const days = parseDays(text);
  const separator = text.charCodeAt(10);
  if (days === undefined || !(separator === 84 || separator === 116 || separator === 32)) return undefined;
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  if (!(hour <= 23 && minute <= 59) || text.charCodeAt(13) !== colon) return undefined;
  let at = 16;
  let second = 0;
  let micros = 0;
  if (text.charCodeAt(at) === colon) {
    second = digits(text, at + 1, 2);
    if (!(second <= 60)) return undefined;
    at += 3;
    const mark = text.charCodeAt(at);
    if (mark === 46 || mark === 44) {
      const start = at + 1;
      let unit = 100_000;
      for (at = start; isDigit(text.charCodeAt(at)); at += 1) {
        micros += (text.charCodeAt(at) - 48) * unit;
        unit = unit === 1 || unit === 0 ? 0 : unit / 10;
      }
      if (at === start) return undefined;
    }
  }
  const offset = parseOffset(text, at);
  if (offset === undefined) return undefined;
  const seconds = days * 86_400 + hour * 3_600 + (minute - offset) * 60 + second;
  if (second === 60 && modulo(seconds, 86_400) !== 0) return undefined;
  return inRange(toMicros(seconds, micros));
}

/** Milliseconds since 1970 as µs; undefined for a fraction, or outside the years 0 to 9999. */
export function dateTimeFromMs(ms: number): bigint | undefined {
  if (!Number.isSafeInteger(ms)) return undefined;
  return inRange(Math.abs(ms) < 9_000_000_000_000 ? BigInt(ms * 1_000) : BigInt(ms) * 1_000n);
}

/** UTC, `YYYY-MM-DDTHH:mm:ss.sssZ`; with six digits of fraction where three would lose something. */
export function formatDateTime(us: bigint): string {
  // Numbers are several times cheaper than bigints, and exact for the years 1685 to 2254.
  let seconds: number;
  let micros: number;
  if (us > -9_000_000_000_000_000n && us < 9_000_000_000_000_000n) {
    const all = Number(us);
    micros = modulo(all, 1_000_000);
    seconds = (all - micros) / 1_000_000;
  } else {
    micros = modulo(Number(us % 1_000_000n), 1_000_000);
    seconds = Number((us - BigInt(micros)) / 1_000_000n);
  }
  const ofDay = modulo(seconds, 86_400);
  const hour = Math.floor(ofDay / 3_600);
  const minute = Math.floor(ofDay / 60) % 60;
  const date = formatDays((seconds - ofDay) / 86_400);
  const ms = Math.floor(micros / 1_000);
  const fraction = micros === ms * 1_000 ? pad(ms, 3) : pad(micros, 6);
  return `${date}T${two[hour]}:${two[minute]}:${two[ofDay % 60]}.${fraction}Z`;
}

/** `yyyy-mm-dd`, a day that exists, years 0000 to 9999. */
export function isDate(text: string): boolean {
  return text.length === 10 && parseDays(text) !== undefined;
}

/** A duration as text: ISO 8601 (`P7D`, `PT1H30M`, `P1Y2M`, `-PT0.5S`; also with a sign per part, as Java prints them). */
export function isDuration(text: string): boolean {
  return text.length <= 100 && isoDuration.test(text) && !/[PT]$/.test(text);
}

const isoDuration =
  /^[+-]?P(?:[+-]?\d+Y)?(?:[+-]?\d+M)?(?:[+-]?\d+W)?(?:[+-]?\d+D)?(?:T(?:[+-]?\d+H)?(?:[+-]?\d+M)?(?:[+-]?\d+(?:[.,]\d+)?S)?)?$/;

/**
 * The length of a setting's duration in ms: ISO 8601 of fixed length (`P7D`, `P2W`, `PT10M`, `P1DT12H`) or short (`500ms`,
 * `30s`, `10m`, `1h`, `7d`, `2w`). Undefined for anything else: years and months have no fixed length.
 */
export function parseDurationMs(text: string): number | undefined {
  const short = /^(\d{1,15})(ms|s|m|h|d|w)$/.exec(text);
  if (short !== null) return whole(Number(short[1]) * (unitMs[short[2] ?? ''] ?? NaN));
  const iso =
    /^P(?:(\d{1,15})W)?(?:(\d{1,15})D)?(?:T(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,15}(?:\.\d{1,3})?)S)?)?$/.exec(
      text,
    );
  if (iso === null || /[PT]$/.test(text)) return undefined;
  const [weeks, days, hours, minutes, seconds] = iso.slice(1).map((part) => Number(part ?? 0));
  return whole(
    ((((weeks ?? 0) * 7 + (days ?? 0)) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 +
      Math.round((seconds ?? 0) * 1_000),
  );
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

function whole(ms: number): number | undefined {
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** Days since 1970 of the `yyyy-mm-dd` that the text begins with. */
function parseDays(text: string): number | undefined {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1)) return undefined;
  if (text.charCodeAt(4) !== minus || text.charCodeAt(7) !== minus) return undefined;
  if (day > 28 && day > daysOfMonth(year, month)) return undefined;
  return daysFromCivil(year, month, day);
}

/** Minutes east of UTC, where the offset is all that is left of the text. */
function parseOffset(text: string, at: number): number | undefined {
  const mark = text.charCodeAt(at);
  if (mark === 90 || mark === 122) return text.length === at + 1 ? 0 : undefined;
  if (mark !== 43 && mark !== minus) return undefined;
  const hours = digits(text, at + 1, 2);
  const rest = at + 3;
  let minutes = 0;
  if (text.length > rest) {
    const from = text.charCodeAt(rest) === colon ? rest + 1 : rest;
    if (text.length !== from + 2) return undefined;
    minutes = digits(text, from, 2);
  }
  if (!(hours <= 23 && minutes <= 59)) return undefined;
  return (mark === minus ? -1 : 1) * (hours * 60 + minutes);
}

function toMicros(seconds: number, micros: number): bigint {
  if (Math.abs(seconds) < 9_000_000_000) return BigInt(seconds * 1_000_000 + micros);
  return BigInt(seconds) * 1_000_000n + BigInt(micros);
}

function inRange(us: bigint): bigint | undefined {
  return us >= minDateTime && us <= maxDateTime ? us : undefined;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

// Days and dates of the proleptic Gregorian calendar, in eras of 400 years that begin on 1 March.
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function formatDays(days: number): string {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${two[month]}-${two[day]}`;
}

const two = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));
const colon = 58;
const minus = 45;

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

function modulo(value: number, divisor: number): number {
  const rest = value % divisor;
  return rest < 0 ? rest + divisor : rest + 0;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** NaN where one of them is no digit; every comparison with it is false. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  isBlank,
  openBrace,
  openBracket,
  quote,
} from './json-bytes.ts';

/**
 * Finds where JSON values begin and end, in bytes, without building them: digits, key order and invalid UTF-8 inside
 * strings pass untouched. Strict about the grammar of RFC 8259; says nothing about UTF-8.
 *
 * Functions return the index after what they skipped, or `~index` (negative) of the byte that cannot stand there.
 */

/** Deeper nesting counts as not JSON: it protects whoever parses the value recursively. */
export const maxJsonDepth = 1_000;

/** Index of the first byte at or after `at` that is not JSON whitespace. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  while (isBlank(bytes[at])) at++;
  return at;
}

/** Skips one JSON value that starts at `at` (whitespace before it allowed). */
export function skipJson(bytes: Uint8Array, at: number): number {
  at = skipSpace(bytes, at);
  if (bytes[at] !== openBrace && bytes[at] !== openBracket) return skipScalar(bytes, at);
  const open: number[] = [];
  for (;;) {
    at = skipSpace(bytes, at);
    const byte = bytes[at];
    if (byte === openBrace || byte === openBracket) {
      const inside = skipSpace(bytes, at + 1);
      const closing = byte === openBrace ? closeBrace : closeBracket;
      if (bytes[inside] === closing) {
        at = inside + 1;
      } else {
        if (open.length >= maxJsonDepth) return ~at;
        open.push(closing);
        at = byte === openBrace ? skipName(bytes, inside) : inside;
        if (at < 0) return at;
        continue;
      }
    } else {
      at = skipScalar(bytes, at);
      if (at < 0) return at;
    }
    // A value has ended: close what ends with it, then go on behind a comma.
    for (;;) {
      const closing = open.at(-1);
      if (closing === undefined) return at;
      at = skipSpace(bytes, at);
      if (bytes[at] === closing) {
        open.pop();
        at++;
        continue;
      }
      if (bytes[at] !== comma) return ~at;
      at++;
      if (closing === closeBrace) {
        at = skipName(bytes, skipSpace(bytes, at));
        if (at < 0) return at;
      }
      break;
    }
  }
}

/** Called with the positions of a member: its name with quotes, and its value. */
export type VisitMember = (nameStart: number, nameEnd: number, valueStart: number, valueEnd: number) => void;

/** Visits the members of the one object that `bytes` is (whitespace around it allowed), in order, repeats included. */
export function scanObject(bytes: Uint8Array, visit: VisitMember): number {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== openBrace) return ~at;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === closeBrace) {
    at++;
  } else {
    for (;;) {
      const nameStart = at;
      if (bytes[at] !== quote) return ~at;
      const nameEnd = skipString(bytes, at);
      if (nameEnd < 0) return nameEnd;
      at = skipSpace(bytes, nameEnd);
      if (bytes[at] !== colon) return ~at;
      const valueStart = skipSpace(bytes, at + 1);
      const valueEnd = skipJson(bytes, valueStart);
      if (valueEnd < 0) return valueEnd;
      visit(nameStart, nameEnd, valueStart, valueEnd);
      at = skipSpace(bytes, valueEnd);
      if (bytes[at] === closeBrace) {
        at++;
        break;
      }
      if (bytes[at] !== comma) return ~at;
      at = skipSpace(bytes, at + 1);
    }
  }
  const end = skipSpace(bytes, at);
  return end === bytes.length ? end : ~end;
}

/** `"name" :` */
function skipName(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== quote) return ~at;
  at = skipString(bytes, at);
  if (at < 0) return at;
  at = skipSpace(bytes, at);
  return bytes[at] === colon ? at + 1 : ~at;
}

function skipScalar(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case quote:
      return skipString(bytes, at);
    case 0x74:
      return skipWord(bytes, at, 'true');
    case 0x66:
      return skipWord(bytes, at, 'false');
    case 0x6e:
      return skipWord(bytes, at, 'null');
    default:
      return skipNumber(bytes, at);
  }
}

function skipString(bytes: Uint8Array, at: number): number {
  for (at++; ; at++) {
    const byte = bytes[at];
    if (byte === undefined || byte < 0x20) return ~at;
    if (byte === quote) return at + 1;
    if (byte !== backslash) continue;
    at++;
    const escaped = bytes[at];
    if (escaped === 0x75) {
      for (let digit = 1; digit <= 4; digit++) if (!isHex(bytes[at + digit])) return ~(at + digit);
      at += 4;
    } else if (escaped === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(escaped))) {
      return ~at;
    }
  }
}

function skipWord(bytes: Uint8Array, at: number, word: string): number {
  for (let index = 0; index < word.length; index++) {
    if (bytes[at + index] !== word.charCodeAt(index)) return ~(at + index);
  }
  return at + word.length;
}

function skipNumber(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 0x2d) at++;
  if (bytes[at] === 0x30) {
    at++;
  } else {
    at = skipDigits(bytes, at);
    if (at < 0) return at;
  }
  if (bytes[at] === 0x2e) {
    at = skipDigits(bytes, at + 1);
    if (at < 0) return at;
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    at++;
    if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
    at = skipDigits(bytes, at);
  }
  return at;
}

/** At least one. */
function skipDigits(bytes: Uint8Array, at: number): number {
  if (!isDigit(bytes[at])) return ~at;
  while (isDigit(bytes[at])) at++;
  return at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHex(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

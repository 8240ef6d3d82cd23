import {
  backslash,
  closeBrace,
  closeBracket,
  comma,
  isBlank,
  openBrace,
  openBracket,
  quote,
} from '../common/json-bytes.ts';

/**
 * Cuts JSON text into the texts of its members and elements, so that digits which a JS number cannot hold stay as they
 * were written. Every function here expects text that JSON.parse accepts; on other text the result means nothing.
 */

/** The same JSON without blanks between tokens. Strings and numbers stay as they are written. */
export function minifyJson(text: string): string {
  if (!blank.test(text)) return text;
  let out = '';
  let from = 0;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = skipString(text, at);
    } else if (isBlank(code)) {
      out += text.slice(from, at);
      at = skipBlanks(text, at);
      from = at;
    } else {
      at += 1;
    }
  }
  return out + text.slice(from);
}

/** The members of an object, minified; the last of a name wins, as in JSON.parse. Undefined where it is no object. */
export function jsonMembers(text: string): ReadonlyMap<string, string> | undefined {
  let at = skipBlanks(text, 0);
  if (text.charCodeAt(at) !== openBrace) return undefined;
  const members = new Map<string, string>();
  at = skipBlanks(text, at + 1);
  while (text.charCodeAt(at) === quote) {
    const nameEnd = skipString(text, at);
    const name = stringFromJson(text.slice(at, nameEnd));
    const start = skipBlanks(text, skipBlanks(text, nameEnd) + 1);
    const end = skipValue(text, start);
    members.set(name, minifyJson(text.slice(start, end)));
    at = skipBlanks(text, end);
    if (text.charCodeAt(at) === comma) at = skipBlanks(text, at + 1);
  }
  return members;
}

/** The elements of an array, minified. Undefined where it is no array. */
export function jsonElements(text: string): readonly string[] | undefined {
  let at = skipBlanks(text, 0);
  if (text.charCodeAt(at) !== openBracket) return undefined;
  const elements: string[] = [];
  at = skipBlanks(text, at + 1);
  while (at < text.length && text.charCodeAt(at) !== closeBracket) {
    const end = skipValue(text, at);
    elements.push(minifyJson(text.slice(at, end)));
    at = skipBlanks(text, end);
    if (text.charCodeAt(at) === comma) at = skipBlanks(text, at + 1);
  }
  return elements;
}

/** The string that a JSON string literal denotes. */
export function stringFromJson(text: string): string {
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}

/** True where arrays and objects are nested more than `limit` deep. Text may be any. */
export function isDeeperThan(text: string, limit: number): boolean {
  // A flat record has fewer brackets than that altogether: two native searches, and done.
  if (text.length <= 2 * limit || countUpTo(text, limit) <= limit) return false;
  let depth = 0;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = skipString(text, at);
      continue;
    }
    if (code === openBrace || code === openBracket) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === closeBrace || code === closeBracket) {
      depth -= 1;
    }
    at += 1;
  }
  return false;
}

function countUpTo(text: string, limit: number): number {
  let count = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1 && count <= limit; at = text.indexOf(bracket, at + 1)) count += 1;
  }
  return count;
}

function skipValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return skipString(text, start);
  let at = start;
  if (first !== openBrace && first !== openBracket) {
    while (at < text.length && !endsScalar(text.charCodeAt(at))) at += 1;
    return at;
  }
  let depth = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = skipString(text, at);
      continue;
    }
    at += 1;
    if (code === openBrace || code === openBracket) depth += 1;
    else if ((code === closeBrace || code === closeBracket) && (depth -= 1) === 0) return at;
  }
  return at;
}

/** The index after the closing quote. */
function skipString(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at !== -1) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return at + 1;
    at = text.indexOf('"', at + 1);
  }
  return text.length;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function endsScalar(code: number): boolean {
  return code === comma || code === closeBrace || code === closeBracket || isBlank(code);
}

const blank = /[ \t\n\r]/;

import { skipJson, skipSpace } from '../common/json-scan.ts';
import { isDeeperThan, jsonMembers, minifyJson } from '../model/json-text.ts';
import type { Problem } from './problem.ts';

/** Arrays and objects of a record's key or value may be nested this deep. */
const maxDepth = 64;

/** JSON as parsed, and its text, from which digits are taken where parsing has lost them. */
export interface ParsedJson {
  readonly text: string;
  readonly value: unknown;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for bytes that are not UTF-8: replacing them would make different records equal. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Strict JSON from bytes: UTF-8 without a byte order mark, nested at most `maxDepth` deep. `what` is for the reason. */
export function parseJsonBytes(bytes: Uint8Array, what: string, problem: Problem): ParsedJson | undefined {
  const text = decodeUtf8(bytes);
  if (text === undefined) return problem.fail('UTF8', `${what} is not valid UTF-8`);
  return parseJsonText(text, what, problem);
}

export function parseJsonText(text: string, what: string, problem: Problem): ParsedJson | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return problem.fail('JSON', `${what} is not JSON${whereWrong(text)}`);
  }
  if (isDeeperThan(text, maxDepth)) return problem.fail('DEPTH', `${what} is nested more than ${maxDepth} deep`);
  return { text, value };
}

/** The engine's message quotes the text, which may be personal data: only where it went wrong may be told. */
function whereWrong(text: string): string {
  if (text === '') return ': it is empty';
  if (text.startsWith('\uFEFF')) return ': it begins with a byte order mark';
  const bytes = Buffer.from(text);
  const end = skipJson(bytes, 0);
  return ` (byte ${end < 0 ? ~end : skipSpace(bytes, end)})`;
}

export function isJsonObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that the object itself has: a record may say `constructor`, and then means its own. */
export function ownMember(object: { readonly [name: string]: unknown }, name: string): unknown {
  const value = object[name];
  return value === undefined || (name in Object.prototype && !Object.hasOwn(object, name)) ? undefined : value;
}

/** What a path leads to; null where something on the way is absent or null, undefined where it is no object. */
export function memberAt(root: unknown, path: readonly string[], problem: Problem): unknown {
  let value = root;
  for (const name of path) {
    if (value === null) return null;
    if (!isJsonObject(value)) return problem.failType(`an object with a field \`${name}\``, value);
    value = ownMember(value, name) ?? null;
  }
  return value;
}

/** The minified JSON text of what a path leads to, where `memberAt` finds something. */
export function textAt(text: string, path: readonly string[]): string {
  return path.reduce((outer, name) => jsonMembers(outer)?.get(name) ?? 'null', minifyJson(text));
}

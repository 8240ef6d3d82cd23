import { isUtf8 } from 'node:buffer';
import type { SourceRecord } from './source.ts';

/**
 * A record as a line for people to read: of the form that `headgate produce` and the embedded log take, with `valueText` for a value
 * that is no JSON, `valueBase64` for one that is no text, and what is no record at all as it stands. Nothing in it steers a terminal.
 */
export function showRecord({ key, value, timestampMs, headers, unreadable, unreadableBytes }: SourceRecord): string {
  if (unreadable !== undefined) return visible(Buffer.from(unreadableBytes ?? []).toString());
  const members = [
    ...(key === null ? [] : [memberOf('key', key, false)]),
    ...(value === undefined ? [] : [memberOf('value', value, true)]),
    ...(timestampMs > 0 ? [`"timestamp":${timestampMs}`] : []),
    ...(headers.size === 0 ? [] : [`"headers":{${[...headers].map(headerOf).join(',')}}`]),
  ];
  return visible(`{${members.join(',')}}`);
}

function headerOf([name, bytes]: readonly [string, Uint8Array | null]): string {
  return `${JSON.stringify(name)}:${bytes === null ? 'null' : JSON.stringify(Buffer.from(bytes).toString())}`;
}

function memberOf(name: string, bytes: Uint8Array | null, mayBeJson: boolean): string {
  if (bytes === null) return `"${name}":null`;
  if (!isUtf8(bytes)) return `"${name}Base64":"${Buffer.from(bytes).toString('base64')}"`;
  const text = Buffer.from(bytes).toString();
  if (!mayBeJson) return `"${name}":${JSON.stringify(text)}`;
  // Its own text, digit for digit. Line ends stand between its parts only.
  return isJson(text)
    ? `"${name}":${text.trim().replaceAll(/[\r\n]+/g, ' ')}`
    : `"${name}Text":${JSON.stringify(text)}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function visible(line: string): string {
  return line.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (found) =>
    found === '\t' ? ' ' : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

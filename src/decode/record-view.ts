import { jsonMembers, minifyJson } from '../model/json-text.ts';
import type { SourceRecord } from '../source/source.ts';
import { decodeUtf8, isJsonObject, parseJsonBytes, textAt } from './json.ts';
import type { ParsedJson } from './json.ts';
import type { Problem } from './problem.ts';

const noRecord: SourceRecord = {
  topic: '',
  partition: 0,
  offset: 0,
  timestampMs: 0,
  key: null,
  value: undefined,
  headers: new Map(),
};
const noMembers: { readonly [name: string]: unknown } = Object.freeze({});

/**
 * The record at hand, each part parsed at most once and only if a column asks for it. One per decoder, filled anew for
 * every record.
 */
export class RecordView {
  record = noRecord;
  /** The value as JSON.parse made it; null for a tombstone, and before `parseValue`. */
  value: unknown = null;
  /** `value` where it is an object. */
  members = noMembers;
  #text = '';
  #memberTexts: ReadonlyMap<string, string> | undefined = undefined;
  #keyJson: ParsedJson | undefined = undefined;

  load(record: SourceRecord): void {
    this.record = record;
    this.value = null;
    this.members = noMembers;
    this.#text = '';
    this.#memberTexts = undefined;
    this.#keyJson = undefined;
  }

  /** False where the bytes are no JSON that Headgate reads. */
  parseValue(bytes: Uint8Array, problem: Problem): boolean {
    const parsed = parseJsonBytes(bytes, 'the value', problem);
    if (parsed === undefined) return false;
    this.value = parsed.value;
    this.#text = parsed.text;
    if (isJsonObject(parsed.value)) this.members = parsed.value;
    return true;
  }

  /** The minified JSON text at a path of the value, every digit as it was written. */
  textAt(path: readonly string[]): string {
    const [name, ...rest] = path;
    if (name === undefined) return minifyJson(this.#text);
    this.#memberTexts ??= jsonMembers(this.#text);
    const text = this.#memberTexts?.get(name) ?? 'null';
    return rest.length === 0 ? text : textAt(text, rest);
  }

  /** The key as text. The record must have a key. */
  keyText(problem: Problem): string | undefined {
    return decodeUtf8(this.#key()) ?? problem.fail('UTF8', 'the record key is not valid UTF-8');
  }

  /** The key as JSON. The record must have a key. */
  keyJson(problem: Problem): ParsedJson | undefined {
    return (this.#keyJson ??= parseJsonBytes(this.#key(), 'the record key', problem));
  }

  /** The key as the digits of a big-endian int64. The record must have a key. */
  keyLong(problem: Problem): string | undefined {
    const key = this.#key();
    if (key.length !== 8) return problem.fail('KEY_FORMAT', `the record key has ${key.length} bytes; a LONG has 8`);
    return String(new DataView(key.buffer, key.byteOffset, 8).getBigInt64(0));
  }

  #key(): Uint8Array {
    return this.record.key ?? noBytes;
  }
}

const noBytes = new Uint8Array(0);

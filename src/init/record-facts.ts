import { isJsonObject, ownMember } from '../decode/json.ts';
import type { RecordLine } from '../source/record-lines.ts';
import { makeShape, see } from './shape.ts';
import type { Shape } from './shape.ts';

/** What the sample records of a topic are, as far as a schema is made of it. */
export interface RecordFacts {
  readonly topic: string;
  readonly records: readonly ParsedRecord[];
  /** Members of the values, where these are objects. */
  readonly shape: Shape;
  /** Where in the value a row's members are: `after` of a change of Debezium, `payload` of Kafka Connect with schemas. */
  readonly envelope: Envelope | undefined;
  /** Objects that the shape was made of. */
  readonly objects: number;
  readonly tombstones: number;
}

export interface Envelope {
  readonly kind: 'debezium' | 'connect';
  readonly path: readonly string[];
}

export interface ParsedRecord {
  readonly line: RecordLine;
  readonly key: ParsedKey;
  /** The object in the envelope; undefined for a tombstone, and for what is no object. */
  readonly row: Readonly<Record<string, unknown>> | undefined;
}

export type ParsedKey =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly long: string | undefined }
  /** `json`: what the text is as JSON, where it is a text in quotes or an object. */
  | { readonly kind: 'text'; readonly text: string; readonly json: unknown };

export function factsOf(topic: string, lines: readonly RecordLine[]): RecordFacts {
  const values = lines.map(({ value }) => parseValue(value));
  const envelope = envelopeOf(values.flatMap((value) => (value === undefined ? [] : [value])));
  const shape = makeShape();
  let objects = 0;
  const records = lines.map((line, i): ParsedRecord => {
    const row = memberAt(values[i], envelope?.path ?? []);
    if (!isJsonObject(row)) return { line, key: parseKey(line.key), row: undefined };
    objects += 1;
    see(shape, row);
    return { line, key: parseKey(line.key), row };
  });
  return { topic, records, shape, envelope, objects, tombstones: lines.filter(({ value }) => value === null).length };
}

function parseValue(bytes: Uint8Array | null): Readonly<Record<string, unknown>> | undefined {
  if (bytes === null) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** All values have it, or none has. */
function envelopeOf(values: readonly Readonly<Record<string, unknown>>[]): Envelope | undefined {
  if (values.length === 0) return undefined;
  const isConnect = values.every((value) => Object.keys(value).toSorted().join(' ') === 'payload schema');
  const payloads = isConnect ? values.map(({ payload }) => payload) : values;
  const outer = isConnect ? ['payload'] : [];
  const isDebezium = payloads.every(
    (value) => isJsonObject(value) && 'after' in value && typeof value['op'] === 'string' && 'source' in value,
  );
  if (isDebezium) return { kind: 'debezium', path: [...outer, 'after'] };
  return isConnect && payloads.every(isJsonObject) ? { kind: 'connect', path: outer } : undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseKey(bytes: Uint8Array | null): ParsedKey {
  if (bytes === null) return { kind: 'none' };
  // A long of Kafka's LongSerializer begins with zeros, and no text does.
  if (bytes.length === 8 && bytes[0] === 0) {
    return { kind: 'bytes', long: Buffer.from(bytes).readBigInt64BE().toString() };
  }
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { kind: 'bytes', long: undefined };
  }
  return { kind: 'text', text, json: /^\s*["{]/.test(text) ? parsed(text) : undefined };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A value as a key would say it: text as it is, anything else as JSON. */
export function keyTextOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a path leads to; undefined where something on the way is no object. */
export function memberAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, step) => (isJsonObject(at) ? ownMember(at, step) : undefined), value);
}

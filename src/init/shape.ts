import { isDate, isDuration, parseDateTime } from '../model/time.ts';

/** What JSON a value may be; an integer is a number without a fraction. */
export type Kind = 'string' | 'integer' | 'fraction' | 'boolean' | 'list' | 'object';

/** What every text seen so far could be read as. */
export type TextFormat = 'uuid' | 'dateTime' | 'date' | 'decimal' | 'duration';

/** What has been seen at one place of the records: the same whatever their order, and bounded however many they are. */
export interface Shape {
  /** How often something stood there, null included. */
  count: number;
  nulls: number;
  readonly kinds: Set<Kind>;
  least: number;
  greatest: number;
  readonly formats: Set<TextFormat>;
  /** Texts with how often each was seen; undefined once they are too many. */
  texts: Map<string, number> | undefined;
  readonly members: Map<string, Shape>;
  /** Members beyond the limit were seen: the object is a map, not a type. */
  isMap: boolean;
  element: Shape | undefined;
}

const maxTexts = 50;
const maxTextLength = 100;
const maxMembers = 200;
/** Deeper values are JSON to everybody. */
const maxDepth = 6;
const maxElements = 100;

export function makeShape(): Shape {
  return {
    count: 0,
    nulls: 0,
    kinds: new Set(),
    least: Infinity,
    greatest: -Infinity,
    formats: new Set(['uuid', 'dateTime', 'date', 'decimal', 'duration']),
    texts: new Map(),
    members: new Map(),
    isMap: false,
    element: undefined,
  };
}

/** Adds what JSON.parse made of a value. */
export function see(shape: Shape, value: unknown, depth = 0): void {
  shape.count += 1;
  if (value === null || value === undefined) {
    shape.nulls += 1;
  } else if (typeof value === 'string') {
    seeText(shape, value);
  } else if (typeof value === 'number') {
    shape.kinds.add(Number.isInteger(value) ? 'integer' : 'fraction');
    shape.least = Math.min(shape.least, value);
    shape.greatest = Math.max(shape.greatest, value);
  } else if (typeof value === 'boolean') {
    shape.kinds.add('boolean');
  } else if (Array.isArray(value)) {
    shape.kinds.add('list');
    shape.element ??= makeShape();
    if (depth < maxDepth) for (const element of value.slice(0, maxElements)) see(shape.element, element, depth + 1);
  } else {
    seeObject(shape, value, depth);
  }
}

function seeObject(shape: Shape, object: object, depth: number): void {
  shape.kinds.add('object');
  if (depth >= maxDepth) {
    shape.isMap = true;
    return;
  }
  for (const [name, member] of Object.entries(object)) {
    let known = shape.members.get(name);
    if (known === undefined && shape.members.size >= maxMembers) {
      shape.isMap = true;
      continue;
    }
    known ??= makeShape();
    shape.members.set(name, known);
    see(known, member, depth + 1);
  }
}

function seeText(shape: Shape, text: string): void {
  shape.kinds.add('string');
  for (const format of shape.formats) if (!isFormat[format](text)) shape.formats.delete(format);
  if (shape.texts === undefined) return;
  shape.texts.set(text, (shape.texts.get(text) ?? 0) + 1);
  if (shape.texts.size > maxTexts || text.length > maxTextLength) shape.texts = undefined;
}

const isFormat: Readonly<Record<TextFormat, (text: string) => boolean>> = {
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
  dateTime: (text) => parseDateTime(text) !== undefined,
  date: isDate,
  // A number as people write amounts: `007` and `1e5` are texts.
  decimal: (text) => /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text),
  duration: isDuration,
};

/** How many of the objects that have been seen had a value there. */
export function valuesOf(shape: Shape): number {
  return shape.count - shape.nulls;
}

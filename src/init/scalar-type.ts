import type { ScalarName } from '../model/value.ts';
import { valuesOf } from './shape.ts';
import type { Shape } from './shape.ts';

/** The scalar of a column, as a person would choose it, and what they should know of it. */
export interface ScalarChoice {
  readonly scalar: ScalarName;
  readonly note?: string | undefined;
}

/** What numbers of today may be tomorrow: above this an Int is not chosen. */
const roomyInt = 1_000_000_000;
/** Milliseconds of the years 2000 to 2100. */
const firstInstantMs = 946_684_800_000;
const lastInstantMs = 4_102_444_800_000;

/** Of values that are no lists and no objects; undefined where these are mixed with others. */
export function scalarOf(name: string, shape: Shape): ScalarChoice | undefined {
  const { kinds } = shape;
  if (valuesOf(shape) === 0) return { scalar: 'JSON', note: 'null in every record seen' };
  if (kinds.has('list') || kinds.has('object')) return undefined;
  const isText = kinds.has('string');
  const isNumber = kinds.has('integer') || kinds.has('fraction');
  if (kinds.has('boolean')) return isText || isNumber ? mixed : { scalar: 'Boolean' };
  if (isIdName(name) && !kinds.has('fraction')) return { scalar: 'ID' };
  if (isText && isNumber) {
    // A DateTime takes either.
    if (shape.formats.has('dateTime') && !kinds.has('fraction') && areInstants(shape)) return { scalar: 'DateTime' };
    return shape.formats.has('decimal') ? { scalar: 'Decimal' } : mixed;
  }
  return isText ? textOf(name, shape) : numberOf(name, shape);
}

const mixed: ScalarChoice = { scalar: 'JSON', note: 'texts and other values in the records seen' };

function textOf(name: string, shape: Shape): ScalarChoice {
  const { formats } = shape;
  if (formats.has('uuid')) return { scalar: 'UUID' };
  if (formats.has('dateTime')) return { scalar: 'DateTime' };
  if (formats.has('date')) return { scalar: 'Date' };
  if (formats.has('duration')) return { scalar: 'Duration' };
  const texts = [...(shape.texts ?? [])].map(([text]) => text);
  // `12.50` is an amount; `1.2` may be a version, and a whole number as text is a code, unless they are called otherwise.
  const isCalled = moneyName.test(words(name)) || measureName.test(words(name));
  const isAmount = isCalled || shape.texts === undefined || texts.some((text) => /\.\d\d/.test(text));
  if (formats.has('decimal') && !versionName.test(words(name)) && isAmount) return { scalar: 'Decimal' };
  const isLocal =
    texts.length > 0 && texts.every((text) => /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text));
  if (isLocal) return { scalar: 'String', note: 'a time without Z or an offset; with one it can be a DateTime' };
  return { scalar: 'String', note: fewWords(shape) };
}

function numberOf(name: string, { kinds, least, greatest }: Shape): ScalarChoice {
  const named = words(name);
  if (moneyName.test(named)) return { scalar: 'Decimal' };
  if (kinds.has('fraction') || measureName.test(named)) return { scalar: 'Float' };
  const isTime = timeName.test(named);
  if (isTime && areInstants({ least, greatest })) return { scalar: 'DateTime' };
  if (isTime && least >= firstInstantMs / 1_000 && greatest <= lastInstantMs / 1_000) {
    return { scalar: 'BigInt', note: 'seconds since 1970? A DateTime takes milliseconds, or ISO 8601' };
  }
  return { scalar: Math.max(-least, greatest) > roomyInt ? 'BigInt' : 'Int' };
}

/** Whether numbers may be milliseconds since 1970. */
function areInstants({ least, greatest }: Pick<Shape, 'least' | 'greatest'>): boolean {
  return least >= firstInstantMs && greatest <= lastInstantMs;
}

/** Few words again and again are an enum to people; a word that it does not have would be a bad record. */
function fewWords({ texts, count }: Shape): string | undefined {
  if (texts === undefined || texts.size < 2 || texts.size > 8 || count < 4 * texts.size) return undefined;
  const names = [...texts.keys()].toSorted();
  if (names.some((text) => !/^[\p{L}\d _-]{1,20}$/u.test(text))) return undefined;
  return `${names.join(', ')} so far; an enum would refuse others`;
}

/** `artist_id`, `artistId`, `ISRC` as words in small letters: `artist id`. */
export function words(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[^\p{L}\d]+/gu, ' ')
    .trim()
    .toLowerCase();
}

/** Whether a member is called as what other rows are known by. */
export function isIdName(name: string): boolean {
  return /(^| )(id|guid)$/.test(words(name)) || /[a-z]ID$/.test(name);
}

/** Whether a member is called as the time of something. */
export function isTimeName(name: string): boolean {
  return timeName.test(words(name));
}

const moneyName =
  /(^| )(price|amount|total|subtotal|cost|fee|balance|tax|discount|revenue|salary|payment|budget|money)$/;
const measureName =
  /(^| )(temperature|temp|rating|score|ratio|rate|lat|latitude|lon|lng|longitude|percent|percentage|weight|height|width|length|depth|distance|speed|average|avg|mean|magnitude|humidity|pressure|voltage)$/;
const timeName =
  /(^| )(at|on|time|timestamp|date|datetime|ts|since|until|created|updated|modified|expires|expiry|time ms|ts ms|timestamp ms)$/;
const versionName = /(^| )(version|ver|release|build|firmware|fw)$/;

import { isJsonObject, ownMember } from '../decode/json.ts';
import { keyTextOf } from './record-facts.ts';
import type { ParsedRecord, RecordFacts } from './record-facts.ts';
import { isIdName, isTimeName, words } from './scalar-type.ts';
import { valuesOf } from './shape.ts';

/** What tells the rows of a topic apart, and why. */
export type KeyChoice = {
  readonly mode: 'UPSERT' | 'APPEND';
  /** For people: `the record key is "id"`. */
  readonly reason: string;
} & (
  | {
      /** A member of the value, which the record key repeats; without one (`NONE`, APPEND) it is read from the value. */
      readonly kind: 'member';
      readonly member: string;
      readonly keyFormat: 'JSON' | 'LONG' | 'NONE' | undefined;
    }
  /** The record key itself, which the value does not have. */
  | { readonly kind: 'key'; readonly keyFormat: 'JSON' | 'LONG' | undefined }
  /** The members of a JSON key. */
  | { readonly kind: 'members'; readonly path: readonly string[]; readonly members: readonly string[] }
  /** The record's place. */
  | { readonly kind: 'coordinates'; readonly keepKey: boolean }
);

export interface KeyInput {
  readonly facts: RecordFacts;
  readonly type: string;
  /** The records come from a file and are written into a log: those without keys get one. */
  readonly writesKeys: boolean;
  /** No column can hold the keys. */
  readonly byPlace: boolean;
}

export function chooseKey(input: KeyInput): KeyChoice {
  const { records } = input.facts;
  if (input.byPlace) return coordinates('the record keys fit no column', false);
  const keys = records.map(({ key }) => key);
  if (keys.some(({ kind }) => kind === 'none')) return withoutKeys(input);
  if (keys.every((key) => key.kind === 'bytes' && key.long !== undefined)) return withTexts(input, 'LONG');
  if (keys.some(({ kind }) => kind === 'bytes')) {
    return coordinates('the record keys are no text (Avro, Protobuf?)', false);
  }
  const jsons = keys.map((key) => (key.kind === 'text' ? key.json : undefined));
  if (jsons.every(isJsonObject)) return withObjects(jsons);
  return withTexts(input, jsons.every((json) => typeof json === 'string') ? 'JSON' : undefined);
}

function withoutKeys(input: KeyInput): KeyChoice {
  const { facts, writesKeys } = input;
  const member = ownMembers(input)[0] ?? knownCode(input);
  if (member === undefined) return coordinates('the records have no key', false);
  const chosen = { kind: 'member', member } as const;
  if (isUnique(facts, member) && (!writesKeys || happens(facts))) {
    const reason = `the records have no key, and "${member}" is another in each`;
    return { ...chosen, mode: 'APPEND', keyFormat: undefined, reason };
  }
  if (!writesKeys)
    return { ...chosen, mode: 'UPSERT', keyFormat: 'NONE', reason: `the records have no key but "${member}"` };
  return { ...chosen, mode: 'UPSERT', keyFormat: undefined, reason: `the records had no key; "${member}" is it now` };
}

function withTexts(input: KeyInput, keyFormat: 'JSON' | 'LONG' | undefined): KeyChoice {
  const { facts } = input;
  const own = ownMembers(input);
  const matching = matchingMembers(facts);
  const member = matching.find((name) => own.includes(name)) ?? matching.find((name) => !isIdName(name)) ?? matching[0];
  // Keyed by what it happened to: a row for each time, not one for each whom it happened to.
  const isAnother = member === undefined || (isIdName(member) && !own.includes(member));
  if (isAnother && facts.tombstones === 0 && happens(facts)) {
    const event = own.find((name) => isUnique(facts, name));
    const reason = `records of "${facts.topic}" are things that happened`;
    if (event === undefined) return coordinates(reason, member === undefined);
    return {
      kind: 'member',
      member: event,
      mode: 'APPEND',
      keyFormat: undefined,
      reason: `${reason}, each with its "${event}"`,
    };
  }
  if (member === undefined) {
    return { kind: 'key', mode: 'UPSERT', keyFormat, reason: 'the record key, which is no field of the value' };
  }
  return { kind: 'member', member, mode: 'UPSERT', keyFormat, reason: `the record key is "${member}"` };
}

function withObjects(keys: readonly Readonly<Record<string, unknown>>[]): KeyChoice {
  const isConnect = keys.every((key) => Object.keys(key).toSorted().join(' ') === 'payload schema');
  const inner = isConnect ? keys.map(({ payload }) => payload) : keys;
  const members = Object.keys(isJsonObject(inner[0]) ? inner[0] : {});
  const isPlain = (value: unknown) =>
    typeof value === 'string' || typeof value === 'boolean' || Number.isInteger(value);
  const same = inner.every((key) => isJsonObject(key) && members.every((member) => isPlain(ownMember(key, member))));
  if (!same || members.length === 0 || members.includes('')) {
    return coordinates('the record keys are JSON of several kinds', false);
  }
  const reason = `the record key is JSON with ${members.map((member) => `"${member}"`).join(' and ')}`;
  return { kind: 'members', path: isConnect ? ['payload'] : [], members, mode: 'UPSERT', reason };
}

function coordinates(reason: string, keepKey: boolean): KeyChoice {
  return { kind: 'coordinates', mode: 'APPEND', keepKey, reason };
}

/** Members with a text or whole number in every record. */
function plainMembers({ shape, objects }: RecordFacts): readonly string[] {
  return [...shape.members].flatMap(([name, { kinds, count, nulls }]) => {
    const [kind] = kinds;
    return name !== '' && kinds.size === 1 && (kind === 'string' || kind === 'integer') && count - nulls === objects
      ? [name]
      : [];
  });
}

/** Members that are called as what a row of this type is known by: `id`, and for a Song `songId`. */
function ownMembers({ facts, type }: KeyInput): readonly string[] {
  const own = words(type);
  const last = own.split(' ').at(-1) ?? own;
  const names = ['id', `${own} id`, `${last} id`, 'uuid', 'guid', `${own} uuid`];
  const found = plainMembers(facts).filter((name) => names.includes(words(name)));
  return found.toSorted((a, b) => names.indexOf(words(a)) - names.indexOf(words(b)));
}

/** A code that things of the world are known by, where no two records share one. */
function knownCode({ facts }: KeyInput): string | undefined {
  if (facts.objects < 2) return undefined;
  const codes = ['sku', 'isrc', 'isbn', 'ean', 'gtin', 'slug', 'code', 'symbol', 'ticker', 'iata', 'icao', 'email'];
  return plainMembers(facts).find((name) => codes.includes(words(name)) && isUnique(facts, name));
}

/** Members that say the same as the record key, in every record. */
function matchingMembers(facts: RecordFacts): readonly string[] {
  const withRow = facts.records.filter(({ row }) => row !== undefined);
  if (withRow.length === 0) return [];
  const matches = (name: string) => withRow.every((record) => keyTextOf(record.row?.[name]) === keyText(record));
  return plainMembers(facts).filter(matches);
}

function keyText({ key }: ParsedRecord): string | undefined {
  if (key.kind === 'bytes') return key.long;
  if (key.kind === 'none') return undefined;
  return typeof key.json === 'string' ? key.json : key.text;
}

function isUnique({ records, objects }: RecordFacts, member: string): boolean {
  return new Set(records.flatMap(({ row }) => (row === undefined ? [] : [keyTextOf(row[member])]))).size === objects;
}

/** Whether the records tell of things that happened, rather than of things: by the topic's name, and a time of each. */
function happens({ topic, shape, objects }: RecordFacts): boolean {
  const hasTime = [...shape.members].some(([name, member]) => {
    return valuesOf(member) === objects && (isTimeName(name) || member.formats.has('dateTime'));
  });
  return hasTime && eventName.test(words(topic.replace(/[._-]v?\d+$/i, '')));
}

const eventName =
  /(^| )(events?|plays?|listens?|clicks?|views?|pageviews?|visits?|hits?|impressions?|logs?|readings?|measurements?|samples?|ticks?|logins?|activity|activities|audits?|requests?|streams?|scans?|swipes?|pings?|checkins?)$/;

import type { RecordLine } from '../source/record-lines.ts';
import { draftTable } from './draft-table.ts';
import type { TableDraft } from './draft.ts';
import { typeNameOf, unused } from './names.ts';
import { factsOf, keyTextOf } from './record-facts.ts';
import { relate } from './relations.ts';
import { relax } from './relax.ts';
import type { Refusal } from './relax.ts';
import { tryTables } from './try-records.ts';
import type { TryRecord } from './try-records.ts';

/** A topic and records of it. */
export interface TopicSamples {
  readonly topic: string;
  readonly records: readonly RecordLine[];
  /** They come from a file and are written into a log: those without keys get one. */
  readonly writesKeys: boolean;
}

export interface Inference {
  /** In the order of the topics. */
  readonly drafts: readonly TableDraft[];
  /** What was made wider than first guessed, by type. */
  readonly relaxed: ReadonlyMap<string, readonly string[]>;
  /** Records that are bad whatever the types. */
  readonly refused: ReadonlyMap<string, readonly Refusal[]>;
  /** What a further record is to the table of this type. */
  readonly tryRecord: ReadonlyMap<string, TryRecord>;
}

/**
 * The tables that a person would declare for these topics: the schema has no mistakes, and each record is a row of it, or a
 * deletion, or told in `refused`.
 */
export function inferTables(topics: readonly TopicSamples[]): Inference {
  const byPlace = new Set<string>();
  for (;;) {
    const inference = inferWith(topics, byPlace);
    // A key that no column can hold tells no rows apart: every record is one.
    const hopeless = inference.drafts.filter(
      ({ type, key, topic }) =>
        !byPlace.has(topic) &&
        inference.refused.get(type)?.some(({ column }) => column !== undefined && key.includes(column)),
    );
    if (hopeless.length === 0) return inference;
    for (const { topic } of hopeless) byPlace.add(topic);
  }
}

/** `byPlace` names topics whose records are told apart by nothing but their place. */
function inferWith(topics: readonly TopicSamples[], byPlace: ReadonlySet<string>): Inference {
  const types = new Set<string>();
  const names = typeNames(topics.map(({ topic }) => topic));
  for (const name of names) types.add(name);
  const guesses = topics.map(({ topic, records, writesKeys }, i) => {
    const facts = factsOf(topic, records);
    return {
      facts,
      draft: draftTable({ facts, type: names[i] ?? topic, writesKeys, byPlace: byPlace.has(topic), types }),
    };
  });
  const relaxed = new Map<string, string[]>();
  let drafts = relate(guesses);
  for (;;) {
    const tryRecord = tryTables(drafts);
    const refused = new Map<string, Refusal[]>();
    let changed = false;
    drafts = drafts.map((draft, i) => {
      const attempt = tryRecord.get(draft.type);
      const refusals = (topics[i]?.records ?? []).flatMap((record) => attempt?.(withKey(draft, record)) ?? []);
      if (refusals.length > 0) refused.set(draft.type, refusals);
      const better = relaxAll(draft, refusals, relaxed);
      changed ||= better !== draft;
      return better;
    });
    if (!changed) return { drafts, relaxed, refused, tryRecord };
  }
}

/** Each column once: what it is then is tried before it is made wider still. */
function relaxAll(draft: TableDraft, refusals: readonly Refusal[], relaxed: Map<string, string[]>): TableDraft {
  const done = new Set<string | undefined>();
  return refusals.reduce((now, refusal) => {
    if (done.has(refusal.column)) return now;
    done.add(refusal.column);
    const better = relax(now, refusal);
    if (better === undefined) return now;
    relaxed.set(draft.type, [...(relaxed.get(draft.type) ?? []), `${better.what}: ${refusal.reason}`]);
    return better.draft;
  }, draft);
}

/** The record as it is written: with the key that its table goes by. */
export function withKey({ recordKey }: TableDraft, record: RecordLine): RecordLine {
  if (recordKey === undefined || record.key !== null || record.value === null) return record;
  const value = (JSON.parse(Buffer.from(record.value).toString()) as Readonly<Record<string, unknown>>)[recordKey];
  return value === undefined || value === null ? record : { ...record, key: Buffer.from(keyTextOf(value)) };
}

/** By the last words of the topics' names; where two are the same, by more of them. */
function typeNames(topics: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return topics.map((topic) => {
    const isShared = (depth: number) =>
      topics.some((other) => other !== topic && typeNameOf(other, depth) === typeNameOf(topic, depth));
    const depth = [1, 2, 3, 4].find((each) => !isShared(each)) ?? 4;
    return unused(typeNameOf(topic, depth), taken);
  });
}

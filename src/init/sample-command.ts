import type { RecordLine } from '../source/record-lines.ts';
import type { TableDraft } from './draft.ts';
import { minifyJson } from '../model/json-text.ts';
import { keyTextOf } from './record-facts.ts';
import { isIdName } from './scalar-type.ts';

const maxText = 300;

/** A command that writes another row like this one, to be pasted into a shell of POSIX. */
export function sampleCommand(draft: TableDraft | undefined, record: RecordLine | undefined): string {
  if (draft === undefined) return 'npx headgate produce TOPIC';
  const produce = `npx headgate produce ${draft.topic}`;
  if (record === undefined || record.value === null) return produce;
  const text = minifyJson(Buffer.from(record.value).toString());
  const key = record.key === null ? undefined : Buffer.from(record.key).toString();
  const line = `{${key === undefined ? '' : `"key":${JSON.stringify(key)},`}"value":${text}}`;
  const another = draft.mode === 'APPEND' ? anotherRecord(line, draft) : anotherKey(line, key);
  if (another.length > maxText) return produce;
  // The echo of some shells reads what is behind a backslash.
  const write = another.includes('\\') ? String.raw`printf '%s\n'` : 'echo';
  return `${write} ${shellWord(another)} | ${produce}`;
}

/** As a shell of POSIX takes it for one word, and for nothing else. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** With another key, also where members repeat it: a row of its own. Where that is not plain, the same row again. */
function anotherKey(line: string, key: string | undefined): string {
  if (key === undefined || /^[{"]/.test(key)) return line;
  const { value } = JSON.parse(line) as { value: Readonly<Record<string, unknown>> };
  const repeats = Object.keys(value).filter((name) => isIdName(name) && keyTextOf(value[name]) === key);
  const keyed = line.replace(`"key":${JSON.stringify(key)}`, `"key":${JSON.stringify(longer(key))}`);
  return (
    repeats.reduce<string | undefined>((text, name) => text && withAnother(text, name, value[name]), keyed) ?? line
  );
}

/** Of records that are rows each: with another id, where they have one. */
function anotherRecord(line: string, { key, columns }: TableDraft): string {
  const origin = columns.find(({ name }) => name === key[0])?.from;
  const member = origin?.kind === 'value' ? origin.path.at(-1) : undefined;
  const { value } = JSON.parse(line) as { value: Readonly<Record<string, unknown>> };
  return (member !== undefined && withAnother(line, member, value[member])) || line;
}

/** Undefined where the member is not there, or stands in several places. */
function withAnother(line: string, name: string, value: unknown): string | undefined {
  const parts = line.split(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const text = longer(keyTextOf(value));
  return parts.length === 2
    ? parts.join(`${JSON.stringify(name)}:${typeof value === 'number' ? text : JSON.stringify(text)}`)
    : undefined;
}

function longer(key: string): string {
  return /^\d+$/.test(key) ? `${key}0` : `${key}-2`;
}

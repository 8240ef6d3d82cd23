import type { RecordLine } from '../source/record-lines.ts';
import { isJsonObject } from '../decode/json.ts';
import type { TableDraft } from './draft.ts';
import { jsonMembers, minifyJson } from '../model/json-text.ts';
import { keyTextOf } from './record-facts.ts';
import { isIdName } from './scalar-type.ts';

/** Of what is pasted, unless more is required. */
const maxText = 300;

/** A command that writes another row like this one, to be pasted into a shell of POSIX. */
export function sampleCommand(draft: TableDraft | undefined, record: RecordLine | undefined): string {
  if (draft === undefined) return 'npx headgate produce TOPIC';
  const produce = `npx headgate produce ${draft.topic.startsWith('-') ? '-- ' : ''}${draft.topic}`;
  const text = objectText(record?.value);
  if (record === undefined || text === undefined) return produce;
  const key = record.key === null ? undefined : Buffer.from(record.key).toString();
  const start = `{${key === undefined ? '' : `"key":${JSON.stringify(key)},`}"value":`;
  const line = `${start}${shortened(text, draft, maxText - start.length)}}`;
  const another = draft.mode === 'APPEND' ? anotherRecord(line, draft) : anotherKey(line, key);
  // The echo of some shells reads what is behind a backslash.
  const write = another.includes('\\') ? String.raw`printf '%s\n'` : 'echo';
  return `${write} ${shellWord(another)} | ${produce}`;
}

/** Undefined for what is no JSON object: Avro, say. */
function objectText(value: RecordLine['value'] | undefined): string | undefined {
  const text = Buffer.from(value ?? []).toString();
  try {
    return isJsonObject(JSON.parse(text)) ? minifyJson(text) : undefined;
  } catch {
    return undefined;
  }
}

/** The members that a row must have, and of the others what fits. All of them where `accept` goes by any. */
function shortened(text: string, { columns, key, accept }: TableDraft, maxLength: number): string {
  const members = jsonMembers(text);
  if (text.length <= maxLength || members === undefined || accept !== undefined) return text;
  const required = new Set(
    columns.flatMap(({ name, from, required: isRequired }) =>
      from.kind === 'value' && (isRequired || key.includes(name)) ? from.path.slice(0, 1) : [],
    ),
  );
  const lengthOf = (name: string, value: string) => JSON.stringify(name).length + value.length + 2;
  let left = maxLength;
  for (const name of required) left -= lengthOf(name, members.get(name) ?? '');
  const kept = [...members].filter(([name, value]) => {
    if (required.has(name)) return true;
    const fits = lengthOf(name, value) <= left;
    if (fits) left -= lengthOf(name, value);
    return fits;
  });
  return `{${kept.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
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
  // A function: in a text, `$&` would mean what was found.
  const keyed = line.replace(`"key":${JSON.stringify(key)}`, () => `"key":${JSON.stringify(longer(key))}`);
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

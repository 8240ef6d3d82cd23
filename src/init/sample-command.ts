import type { RecordLine } from '../source/record-lines.ts';
import type { TableDraft } from './draft.ts';
import { minifyJson } from '../model/json-text.ts';
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
  const another = key === undefined || /^[{"]/.test(key) ? line : withAnotherKey(line, key);
  return another.length > maxText ? produce : `echo '${another.replaceAll("'", "'\\''")}' | ${produce}`;
}

/** The key, and the members that repeat it, a little longer: a row of its own. Where that is not plain, the same row again. */
function withAnotherKey(line: string, key: string): string {
  const longer = JSON.stringify(/^\d+$/.test(key) ? `${key}0` : `${key}-2`);
  const { value } = JSON.parse(line) as { value: Readonly<Record<string, unknown>> };
  const repeats = Object.entries(value).filter(([name, each]) => String(each) === key && isIdName(name));
  let another = line.replace(`"key":${JSON.stringify(key)}`, `"key":${longer}`);
  for (const [name, each] of repeats) {
    const before = `${JSON.stringify(name)}:${JSON.stringify(each)}`;
    if (another.split(before).length !== 2) return line;
    another = another.replace(
      before,
      `${JSON.stringify(name)}:${typeof each === 'number' ? longer.slice(1, -1) : longer}`,
    );
  }
  return another;
}

import { didYouMean } from '../common/did-you-mean.ts';
import type { Mistake } from '../common/errors.ts';
import { optionNames } from './option-table.ts';
import type { Take } from './option-table.ts';

const known = optionNames.filter((name) => name !== 'config');
/** `kafka`, `jwt`: the names before the dots. */
const groups = new Set(known.flatMap((name) => (name.includes('.') ? [groupOf(name)] : [])));

/** Takes the settings of a configuration file. Reports keys that are none. */
export function readConfig(
  config: Readonly<Record<string, unknown>>,
  file: string,
  take: Take,
  mistakes: Mistake[],
): void {
  for (const [key, given] of Object.entries(config)) {
    if (given === undefined) continue;
    const name = known.find((each) => each === key && !each.includes('.'));
    const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
    if (groups.has(key) && isObject) readGroup(key, given, file, take, mistakes);
    // The brokers alone may stand for the group.
    else if (key === 'kafka') take('kafka.brokers', given, 'kafka', file);
    else if (name !== undefined) take(name, given, `"${key}"`, file);
    else if (groups.has(key)) {
      mistakes.push({ file, message: `"${key}" expects an object of settings: ${namesIn(key).join(', ')}.` });
    } else {
      mistakes.push({ file, message: `There is no setting "${key}".${didYouMean(key, new Set(known.map(groupOf)))}` });
    }
  }
}

function readGroup(group: string, given: object, file: string, take: Take, mistakes: Mistake[]): void {
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const name = known.find((each) => each === `${group}.${key}`);
    if (name !== undefined) take(name, value, `"${name}"`, file);
    else {
      const hint = didYouMean(key, namesIn(group));
      mistakes.push({ file, message: `There is no setting "${key}" in "${group}".${hint}` });
    }
  }
}

function namesIn(group: string): readonly string[] {
  return known.filter((name) => name.startsWith(`${group}.`)).map((name) => name.slice(group.length + 1));
}

function groupOf(name: string): string {
  return name.replace(/\..*$/, '');
}

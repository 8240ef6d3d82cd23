import { resolve } from 'node:path';
import { didYouMean } from '../common/did-you-mean.ts';
import type { Mistake } from '../common/errors.ts';
import { envOf, fileEnvOf, optionNames } from './option-table.ts';
import type { OptionName, Take } from './option-table.ts';
import { readText } from './read-text.ts';

const prefix = 'HEADGATE_';

/** No settings: what `tail` shows to a gateway. */
const ofCommands: ReadonlySet<string> = new Set(['HEADGATE_TOKEN', 'HEADGATE_API_KEY']);

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Takes the settings of the environment. A secret may also be in a file, whose name is in its variable with `_FILE`: that is how
 * containers are given theirs. Reports misspelt variables.
 */
export function readEnvironment(env: Environment, cwd: string, take: Take, mistakes: Mistake[]): void {
  const byVariable = new Map<string, OptionName>();
  const byFileVariable = new Map<string, OptionName>();
  for (const name of optionNames) {
    const variable = envOf(name);
    const fileVariable = fileEnvOf(name);
    if (variable !== undefined) byVariable.set(variable, name);
    if (fileVariable !== undefined) byFileVariable.set(fileVariable, name);
  }
  for (const [variable, given] of Object.entries(env)) {
    // An empty variable is how shells and compose files unset one.
    if (!variable.startsWith(prefix) || given === undefined || given === '' || isServiceLink(variable, given)) continue;
    const name = byVariable.get(variable);
    const secret = byFileVariable.get(variable);
    if (name !== undefined) take(name, given, variable, undefined);
    else if (secret !== undefined) readSecret(secret, given);
    else if (!ofCommands.has(variable)) reportMisspelt(variable);
  }

  function readSecret(name: OptionName, file: string): void {
    const variable = envOf(name) ?? '';
    if ((env[variable] ?? '') !== '') {
      mistakes.push({ message: `${variable} and ${variable}_FILE are both set. Set one of them.` });
      return;
    }
    const text = readText(resolve(cwd, file), file, mistakes);
    if (text !== undefined) take(name, text, `The file of ${variable}_FILE`, undefined);
  }

  function reportMisspelt(variable: string): void {
    // The environment is shared with others, who may begin their variables alike: only what looks misspelt is a mistake.
    const known = [...byVariable.keys(), ...byFileVariable.keys()];
    const hint = didYouMean(
      variable.slice(prefix.length),
      known.map((each) => each.slice(prefix.length)),
      Math.min(2, variable.length - prefix.length - 3),
    );
    if (hint === '') return;
    mistakes.push({ message: `There is no setting ${variable}.${hint.replaceAll(/"([^"]+)"/g, `"${prefix}$1"`)}` });
  }
}

/** Kubernetes tells every pod about a service called "headgate" in variables that look like settings. */
function isServiceLink(variable: string, given: string): boolean {
  return (
    /^HEADGATE_(?:SERVICE_(?:HOST|PORT)|PORT_\d+_(?:TCP|UDP))(?:_[A-Z0-9_]+)?$/.test(variable) ||
    (variable === 'HEADGATE_PORT' && /^(?:tcp|udp):\/\//.test(given))
  );
}

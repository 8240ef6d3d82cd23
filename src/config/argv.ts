import { parseArgs } from 'node:util';
import { didYouMean } from '../common/did-you-mean.ts';
import type { Mistake } from '../common/errors.ts';
import { envOf, fileEnvOf, flagOf, optionNames, optionSpec } from './option-table.ts';
import type { OptionName } from './option-table.ts';

/** A flag of one command that is no setting: `--where JSON` of `tail`. */
export interface CommandFlag {
  readonly help: string;
  /** Empty: without a value. */
  readonly placeholder: string;
  /** May be given several times: the texts are then joined by commas. */
  readonly list?: boolean;
}

export interface Argv {
  /** Text of each flag given, in order; `true` for one without a value. */
  readonly options: ReadonlyMap<OptionName, readonly (string | true)[]>;
  readonly flags: ReadonlyMap<string, string | true>;
  readonly positionals: readonly string[];
}

/** Reads a command line against the settings that the command takes and flags of its own. Reports unknown flags. */
export function parseArgv(
  argv: readonly string[],
  accepts: readonly OptionName[],
  own: Readonly<Record<string, CommandFlag>>,
  mistakes: Mistake[],
): Argv {
  const namesByFlag = new Map<string, OptionName>();
  for (const name of accepts) namesByFlag.set(flagOf(name) ?? '', name);
  namesByFlag.delete('');
  const takesValue = (flag: string): boolean => {
    const name = namesByFlag.get(flag);
    return (name === undefined ? own[flag]?.placeholder : optionSpec(name).kind.placeholder) !== '';
  };
  const known = [...namesByFlag.keys(), ...Object.keys(own), 'help'];
  const options = new Map<OptionName, (string | true)[]>();
  const flags = new Map<string, string | true>();
  const positionals: string[] = [];
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      known.map((flag) => [flag, { type: takesValue(flag) && flag !== 'help' ? 'string' : 'boolean' }] as const),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const name = namesByFlag.get(token.name);
    if (name === undefined && !Object.hasOwn(own, token.name)) {
      const message = unknownFlag(token.rawName, token.name, known, argv[token.index]);
      // Each letter behind a single dash is a token.
      if (!mistakes.some((mistake) => mistake.message === message)) mistakes.push({ message });
      continue;
    }
    // `--port --host x` has forgotten a value; `--where=--x` has not.
    const forgotten = token.value === undefined || (token.inlineValue === false && token.value.startsWith('--'));
    if (forgotten && takesValue(token.name)) {
      mistakes.push({ message: `${token.rawName} needs a value.` });
      continue;
    }
    const value = token.value ?? true;
    if (name !== undefined) options.set(name, [...(options.get(name) ?? []), value]);
    else if (flags.has(token.name) && own[token.name]?.list === true)
      flags.set(token.name, `${flags.get(token.name)},${value}`);
    else if (flags.has(token.name)) mistakes.push({ message: `${token.rawName} is given twice.` });
    else flags.set(token.name, value);
  }
  return { options, flags, positionals };
}

function unknownFlag(raw: string, flag: string, known: readonly string[], given = raw): string {
  const secret = optionNames.find((name) => optionSpec(name).secret === true && flagText(name) === flag);
  if (secret !== undefined) {
    return (
      `${raw} is not taken from the command line, which other users of the machine can read. ` +
      `Set ${envOf(secret)} or ${fileEnvOf(secret)}, or ${secret} in headgate.config.`
    );
  }
  if (!raw.startsWith('--')) {
    const name = `A name that begins with a dash comes last, behind two: -- ${given}`;
    return `There is no flag ${given}. Flags have two dashes, such as --${known[0]}. ${name}`;
  }
  return `There is no flag ${raw} here.${didYouMean(flag, known).replaceAll(/"([^"]+)"/g, '--$1')}`;
}

/** What the flag would be called. */
function flagText(name: OptionName): string | undefined {
  return envOf(name)?.replace('HEADGATE_', '').replaceAll('_', '-').toLowerCase();
}

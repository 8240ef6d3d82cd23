import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { didYouMean } from '../common/did-you-mean.ts';
import { SetupError } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import { parseArgv } from './argv.ts';
import type { CommandFlag } from './argv.ts';
import { readConfigFile } from './config-file.ts';
import { envOf, flagOf, limitTable, optionNames, optionSpec } from './option-table.ts';
import type { OptionName, OptionSpec, optionTable } from './option-table.ts';

type Table = typeof optionTable;
type ValueOf<Spec> = Spec extends {
  readonly kind: { read(given: unknown): infer T | undefined };
  readonly default: infer Default;
}
  ? T | Extract<Default, undefined>
  : never;
type Values = { readonly [Name in OptionName]: ValueOf<Table[Name]> };
type KafkaName = Extract<OptionName, `kafka.${string}`>;
type LimitName = keyof typeof limitTable;

/** Every setting with its value; limits in a record of their own, which satisfies those of query, live and server. */
export type Options = Omit<Values, KafkaName | LimitName | 'log'> & {
  readonly limits: { readonly [Name in LimitName]: Values[Name] };
  /** Kafka where brokers are named; else an embedded log, in `log` unless a folder is named. */
  readonly source:
    { readonly kind: 'kafka'; readonly kafka: KafkaSettings } | { readonly kind: 'log'; readonly directory: string };
};

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly ssl?: true | { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

/** The default export of `headgate.config`. */
export type Config = { readonly [Name in Exclude<OptionName, KafkaName | 'config'>]?: Values[Name] } & {
  readonly kafka?:
    | string
    | readonly string[]
    | { readonly [Name in KafkaName as Name extends `kafka.${infer Key}` ? Key : never]?: Values[Name] };
};

export interface ResolveInput {
  /** Without the names of node, the script and the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The settings whose flags are taken; default all. Environment and configuration may hold any. */
  readonly accepts?: readonly OptionName[] | undefined;
  /** Flags of the command that are no settings. */
  readonly flags?: Readonly<Record<string, CommandFlag>> | undefined;
}

export interface Resolved {
  readonly options: Options;
  /** The settings that were given somewhere, by name. */
  readonly given: ReadonlySet<OptionName>;
  readonly flags: ReadonlyMap<string, string | true>;
  readonly positionals: readonly string[];
}

/**
 * The settings, from strongest to weakest: command line, environment, configuration file, default. Throws SetupError with
 * every wrong value, unknown flag, misspelt variable and unknown key.
 */
export async function resolveOptions(input: ResolveInput): Promise<Resolved> {
  const mistakes: Mistake[] = [];
  const argv = parseArgv(input.argv, input.accepts ?? optionNames, input.flags ?? {}, mistakes);
  const values = new Map<OptionName, unknown>();
  const strengths = new Map<OptionName, number>();
  let strength = 3;
  for (const [name, given] of argv.options) {
    const { kind } = optionSpec(name);
    const label = `--${flagOf(name)}`;
    if (given.length > 1 && !kind.list) mistakes.push({ message: `${label} is given twice.` });
    else take(name, kind.list ? given.join(',') : given[0], label, undefined);
  }
  strength = 2;
  readEnvironment(input.env, take, mistakes);
  strength = 1;
  const config = await readConfigFile(values.get('config') as string | undefined, input.cwd);
  if (config !== undefined && 'message' in config) mistakes.push(config);
  else if (config !== undefined) readConfig(config.values, config.file, take, mistakes);

  function take(name: OptionName, given: unknown, label: string, file: string | undefined): void {
    if (values.has(name)) return;
    const { kind } = optionSpec(name);
    const value = kind.read(given);
    strengths.set(name, strength);
    if (value !== undefined) values.set(name, value);
    else mistakes.push({ file, message: `${label} expects ${kind.expected}, not ${shown(name, given)}.` });
  }

  // `--log` at hand outweighs the brokers in a configuration file, and the other way round.
  const source = (strengths.get('kafka.brokers') ?? 0) - (strengths.get('log') ?? 0);
  if (source === 0 && strengths.has('log')) {
    mistakes.push({ message: 'Records come from Kafka or from an embedded log: set either kafka or log, not both.' });
  }
  if (source !== 0) values.delete(source > 0 ? 'log' : 'kafka.brokers');
  const kafka = kafkaSettings((name) => values.get(name), input.cwd, mistakes);
  if (mistakes.length > 0) throw new SetupError(mistakes);
  return {
    options: toOptions(values, kafka),
    given: new Set(values.keys()),
    flags: argv.flags,
    positionals: argv.positionals,
  };
}

type Take = (name: OptionName, given: unknown, label: string, file: string | undefined) => void;

function readEnvironment(env: ResolveInput['env'], take: Take, mistakes: Mistake[]): void {
  const namesByVariable = new Map(optionNames.map((name) => [envOf(name), name]));
  for (const [variable, given] of Object.entries(env)) {
    // An empty variable is how shells and compose files unset one.
    if (!variable.startsWith(prefix) || given === undefined || given === '' || isServiceLink(variable, given)) continue;
    const name = namesByVariable.get(variable);
    if (name !== undefined) {
      take(name, given, variable, undefined);
      continue;
    }
    // The environment is shared with others, who may begin their variables alike: only what looks misspelt is a mistake.
    const hint = didYouMean(
      variable.slice(prefix.length),
      [...namesByVariable.keys()].map((each) => each.slice(prefix.length)),
      Math.min(2, variable.length - prefix.length - 3),
    );
    if (hint === '') continue;
    mistakes.push({ message: `There is no setting ${variable}.${hint.replaceAll(/"([^"]+)"/g, `"${prefix}$1"`)}` });
  }
}

const prefix = 'HEADGATE_';

/** Kubernetes tells every pod about a service called "headgate" in variables that look like settings. */
function isServiceLink(variable: string, given: string): boolean {
  return (
    /^HEADGATE_(?:SERVICE_(?:HOST|PORT)|PORT_\d+_(?:TCP|UDP))(?:_[A-Z0-9_]+)?$/.test(variable) ||
    (variable === 'HEADGATE_PORT' && /^(?:tcp|udp):\/\//.test(given))
  );
}

function readConfig(config: Readonly<Record<string, unknown>>, file: string, take: Take, mistakes: Mistake[]): void {
  const known = optionNames.filter((name) => name !== 'config');
  for (const [key, given] of Object.entries(config)) {
    if (given === undefined) continue;
    const name = known.find((each) => each === key);
    if (key === 'kafka' && typeof given === 'object' && given !== null && !Array.isArray(given)) {
      readKafka(given, file, take, mistakes);
    } else if (key === 'kafka') take('kafka.brokers', given, 'kafka', file);
    else if (name !== undefined && !name.includes('.')) take(name, given, `"${key}"`, file);
    else {
      const keys = new Set(known.map((each) => each.replace(/\..*$/, '')));
      mistakes.push({ file, message: `There is no setting "${key}".${didYouMean(key, keys)}` });
    }
  }
}

function readKafka(given: object, file: string, take: Take, mistakes: Mistake[]): void {
  const known = optionNames.filter((name) => name.startsWith('kafka.'));
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const name = known.find((each) => each === `kafka.${key}`);
    if (name !== undefined) take(name, value, `"${name}"`, file);
    else {
      const keys = known.map((each) => each.replace('kafka.', ''));
      mistakes.push({ file, message: `There is no setting "${key}" in "kafka".${didYouMean(key, keys)}` });
    }
  }
}

function kafkaSettings(
  value: (name: KafkaName) => unknown,
  cwd: string,
  mistakes: Mistake[],
): KafkaSettings | undefined {
  // Their kinds gave these types.
  const text = (name: KafkaName): string | undefined => value(name) as string | undefined;
  const brokers = value('kafka.brokers') as readonly string[] | undefined;
  const mechanism = value('kafka.saslMechanism') as NonNullable<KafkaSettings['sasl']>['mechanism'] | undefined;
  const username = text('kafka.saslUsername');
  const password = text('kafka.saslPassword');
  const given = [mechanism, username, password].filter((each) => each !== undefined).length;
  if (given === 1 || given === 2) {
    mistakes.push({ message: 'SASL needs kafka.saslMechanism, kafka.saslUsername and kafka.saslPassword, all three.' });
  }
  const files = { ca: text('kafka.sslCaFile'), cert: text('kafka.sslCertFile'), key: text('kafka.sslKeyFile') };
  if ((files.cert === undefined) !== (files.key === undefined)) {
    mistakes.push({
      message: 'A client certificate needs its key: set kafka.sslCertFile and kafka.sslKeyFile together.',
    });
  }
  const pems = Object.entries(files).flatMap(([name, file]) => {
    const pem = file === undefined ? undefined : readPem(resolve(cwd, file), file, mistakes);
    return pem === undefined ? [] : [[name, pem] as const];
  });
  if (pems.length > 0 && value('kafka.ssl') === false) {
    mistakes.push({ message: 'kafka.ssl is false, and files for TLS are given. Remove one or the other.' });
  }
  if (brokers === undefined) return undefined;
  return {
    brokers,
    ...(pems.length > 0
      ? { ssl: Object.fromEntries(pems) }
      : value('kafka.ssl') === true
        ? { ssl: true as const }
        : {}),
    ...(mechanism !== undefined && username !== undefined && password !== undefined
      ? { sasl: { mechanism, username, password } }
      : {}),
  };
}

function readPem(path: string, file: string, mistakes: Mistake[]): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    mistakes.push({
      file,
      message: `This file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    });
    return undefined;
  }
}

function toOptions(values: ReadonlyMap<OptionName, unknown>, kafka: KafkaSettings | undefined): Options {
  const directory = values.get('log') ?? 'log';
  const options: Record<string, unknown> = {
    source: kafka === undefined ? { kind: 'log', directory } : { kind: 'kafka', kafka },
  };
  const limits: Record<string, unknown> = {};
  for (const name of optionNames) {
    if (name.includes('.') || name === 'log') continue;
    const value = values.get(name) ?? optionSpec(name).default;
    (name in limitTable ? limits : options)[name] = value;
  }
  // Each value was read by the kind that gives its type.
  return { ...options, limits } as unknown as Options;
}

/** Never shows what may be a secret. */
function shown(name: OptionName, given: unknown): string {
  if (optionSpec(name).secret === true) return 'what is there';
  return typeof given === 'string' ? `"${given}"` : (JSON.stringify(given) ?? String(given));
}

/** Help on settings: a line each, with flag, default and environment variable. */
export function optionHelp(names: readonly OptionName[]): string {
  const rows = names.flatMap((name) => {
    const spec = optionSpec(name);
    const flag = flagOf(name);
    if (flag === undefined) return [];
    const usage = `--${flag}${spec.kind.placeholder === '' ? '' : ` ${spec.kind.placeholder}`}`;
    return [[usage, `${spec.help}${defaultText(spec)} [${envOf(name)}]`] as const];
  });
  return helpTable(rows);
}

/** Two columns; a long first one has a line of its own. */
export function helpTable(rows: readonly (readonly [string, string])[]): string {
  const width = 30;
  return rows
    .map(([left, right]) => `  ${left.length < width ? left.padEnd(width) : `${left}\n  ${' '.repeat(width)}`}${right}`)
    .join('\n');
}

function defaultText({ default: fallback }: OptionSpec<unknown>): string {
  if (fallback === undefined || fallback === false || (Array.isArray(fallback) && fallback.length === 0)) return '';
  return ` Default: ${Array.isArray(fallback) ? fallback.join(',') : String(fallback)}.`;
}

import { SetupError } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import { parseArgv } from './argv.ts';
import type { CommandFlag } from './argv.ts';
import { readConfigFile } from './config-file.ts';
import { readConfig } from './config-values.ts';
import { readEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { identitySettings } from './identity-options.ts';
import type { IdentitySettings } from './identity-settings.ts';
import { kafkaSettings } from './kafka-settings.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import { flagOf, limitTable, optionNames, optionSpec } from './option-table.ts';
import type { OptionName, Take, optionTable } from './option-table.ts';
import { tlsSettings } from './tls-settings.ts';
import type { TlsSettings } from './tls-settings.ts';

type Table = typeof optionTable;
type ValueOf<Spec> = Spec extends {
  readonly kind: { read(given: unknown): infer T | undefined };
  readonly default: infer Default;
}
  ? T | Extract<Default, undefined>
  : never;
type Values = { readonly [Name in OptionName]: ValueOf<Table[Name]> };
type Group = 'kafka' | 'jwt' | 'tls';
type NameIn<Prefix extends Group> = Extract<OptionName, `${Prefix}.${string}`>;
type LimitName = keyof typeof limitTable;
type IdentityName = NameIn<'jwt'> | 'apiKeysFile' | 'authenticate' | 'as';

/**
 * Every setting with its value; limits in a record of their own, which satisfies those of query, live and server; files that belong to
 * a setting are read.
 */
export type Options = Omit<Values, NameIn<Group> | IdentityName | LimitName | 'log'> & {
  readonly limits: { readonly [Name in LimitName]: Values[Name] };
  /** Kafka where brokers are named; else an embedded log, in `log` unless a folder is named. */
  readonly source:
    { readonly kind: 'kafka'; readonly kafka: KafkaSettings } | { readonly kind: 'log'; readonly directory: string };
  readonly identity: IdentitySettings | undefined;
  readonly tls: TlsSettings | undefined;
};

/** The default export of `headgate.config`. */
export type Config = { readonly [Name in Exclude<OptionName, NameIn<Group> | 'config'>]?: Values[Name] } & {
  readonly kafka?: string | readonly string[] | GroupValues<'kafka'>;
  readonly jwt?: GroupValues<'jwt'>;
  readonly tls?: GroupValues<'tls'>;
};

type GroupValues<Prefix extends Group> = {
  readonly [Name in NameIn<Prefix> as Name extends `${Prefix}.${infer Key}` ? Key : never]?: Values[Name];
};

export interface ResolveInput {
  /** Without the names of node, the script and the command. */
  readonly argv: readonly string[];
  readonly env: Environment;
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
  readEnvironment(input.env, input.cwd, take, mistakes);
  strength = 1;
  const config = await readConfigFile(values.get('config') as string | undefined, input.cwd);
  if (config !== undefined && 'message' in config) mistakes.push(config);
  else if (config !== undefined) readConfig(config.values, config.file, take, mistakes);

  function take(...[name, given, label, file]: Parameters<Take>): void {
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
  const identity = identitySettings(values, input.cwd, mistakes);
  const certFile = values.get('tls.certFile') as string | undefined;
  const keyFile = values.get('tls.keyFile') as string | undefined;
  const tls = tlsSettings(certFile, keyFile, input.cwd, mistakes);
  // Commands that serve nothing have it from the environment of those that do.
  const serves = input.accepts === undefined || input.accepts.includes('metricsPort');
  if (serves && values.has('adminKey') && !values.has('metricsPort')) {
    mistakes.push({ message: 'adminKey is for requests on the port of the metrics. Set metricsPort, too.' });
  }
  if (mistakes.length > 0) throw new SetupError(mistakes);
  return {
    options: toOptions(values, { kafka, identity, tls }),
    given: new Set(values.keys()),
    flags: argv.flags,
    positionals: argv.positionals,
  };
}

/** Settings that are read from several, or from files. */
interface Combined {
  readonly kafka: KafkaSettings | undefined;
  readonly identity: IdentitySettings | undefined;
  readonly tls: TlsSettings | undefined;
}

const combined: ReadonlySet<string> = new Set(['log', 'apiKeysFile', 'authenticate', 'as']);

function toOptions(values: ReadonlyMap<OptionName, unknown>, { kafka, identity, tls }: Combined): Options {
  const directory = values.get('log') ?? 'log';
  const options: Record<string, unknown> = {
    source: kafka === undefined ? { kind: 'log', directory } : { kind: 'kafka', kafka },
    identity,
    tls,
  };
  const limits: Record<string, unknown> = {};
  for (const name of optionNames) {
    if (name.includes('.') || combined.has(name)) continue;
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

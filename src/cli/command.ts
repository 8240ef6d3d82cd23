import type { Readable } from 'node:stream';
import type { CommandFlag } from '../config/argv.ts';
import type { Environment } from '../config/environment.ts';
import type { OwnHelp } from '../config/option-help.ts';
import type { OptionName } from '../config/option-table.ts';
import type { Resolved } from '../config/options.ts';

/** One word of the command line: `headgate check`. `run.ts` reads its arguments, then runs it. */
export interface Command {
  /** Without the name: `TOPIC [--file F]`. */
  readonly usage: string;
  /** What `--help` says below the usage. */
  readonly help: string;
  /** Names of its arguments, all of them required: `['TOPIC']`. */
  readonly positionals: readonly string[];
  /** Further ones, which may be left out. */
  readonly optionals?: readonly string[];
  /** The settings whose flags it takes, beside `config`. */
  readonly options: readonly OptionName[];
  /** What `--help` says of some of them, where a gateway takes them otherwise. */
  readonly optionHelp?: OwnHelp;
  /** Flags of its own. */
  readonly flags: Readonly<Record<string, CommandFlag>>;
  /** Resolves with the exit code. A SetupError, or any other error, is printed by the caller. */
  run(call: CommandCall): Promise<number>;
}

export interface CommandCall extends Resolved, Terminal {
  /** For what is no setting: settings are in `options`. */
  readonly env: Environment;
}

/** What a command sees of the process it runs in. */
export interface Terminal {
  readonly cwd: string;
  readonly input: Readable;
  /** What the command is asked for. Whole lines, with their newline. */
  out(text: string): void;
  /** What is told beside it. */
  err(text: string): void;
}

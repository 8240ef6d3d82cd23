import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import { didYouMean } from '../common/did-you-mean.ts';
import { SetupError, printMistake } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import { helpTable, optionHelp } from '../config/option-help.ts';
import { resolveOptions } from '../config/options.ts';
import { PrimaryLink } from '../workers/primary-link.ts';
import type { Command, Terminal } from './command.ts';

interface CommandEntry {
  readonly summary: string;
  /** Loaded when it is called: `check` need not load a server. */
  readonly load: () => Promise<Command>;
}

const commands: Readonly<Record<string, CommandEntry>> = {
  init: {
    summary: 'A new project: tables guessed from sample records, a configuration, a live page.',
    load: async () => (await import('./init.ts')).init,
  },
  dev: {
    summary: 'Serves for development: GraphiQL, readable logs, a new start when the schema changes.',
    load: async () => (await import('./dev.ts')).dev,
  },
  serve: {
    summary: 'Builds the tables and serves them.',
    load: async () => (await import('./serve.ts')).serve,
  },
  check: {
    summary: 'Every mistake of a schema, with file:line:column.',
    load: async () => (await import('./check.ts')).check,
  },
  'print-schema': {
    summary: 'The generated API as SDL.',
    load: async () => (await import('./print-schema.ts')).printSchemaCommand,
  },
  codegen: {
    summary: 'What a frontend needs of the API: types, documents, settings of its cache.',
    load: async () => (await import('./codegen.ts')).codegen,
  },
  produce: {
    summary: 'Writes records into a topic, one JSON object a line.',
    load: async () => (await import('./produce.ts')).produce,
  },
  tail: {
    summary: 'Changes of a table as they happen.',
    load: async () => (await import('./tail.ts')).tail,
  },
  explain: {
    summary: 'Which index or scan each field of an operation uses, and what a live version costs.',
    load: async () => (await import('./explain.ts')).explain,
  },
  status: {
    summary: 'Tables, rows, bytes, lag, dead letters.',
    load: async () => (await import('./status.ts')).status,
  },
  'dead-letters': {
    summary: 'Records that could not become rows: why, and what stands in them.',
    load: async () => (await import('./dead-letters.ts')).deadLetters,
  },
};

/** Runs a command line (without the names of node and script). Never rejects; resolves with the exit code. */
export async function runCli(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
): Promise<number> {
  const [name, ...rest] = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
  if (name === '--version' || name === '-v') {
    terminal.out(`${version()}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h') {
    (name === undefined ? terminal.err : terminal.out)(generalHelp());
    return name === undefined ? 1 : 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    terminal.err(`headgate has no command "${name}".${didYouMean(name, Object.keys(commands))} See headgate --help.\n`);
    return 1;
  }
  try {
    const command = await entry.load();
    // What stands behind -- is an argument, whatever it looks like.
    const end = rest.indexOf('--');
    if (rest.slice(0, end === -1 ? rest.length : end).some((each) => each === '--help' || each === '-h')) {
      terminal.out(commandHelp(name, command));
      return 0;
    }
    const accepts = ['config', ...command.options] as const;
    const resolved = await resolveOptions({ argv: rest, env, cwd: terminal.cwd, accepts, flags: command.flags });
    const mistake = checkPositionals(name, command, resolved.positionals);
    if (mistake !== undefined) throw new SetupError([mistake]);
    return await command.run({ ...resolved, ...terminal, env });
  } catch (error) {
    // Nothing would end the process, nor would the one that has started it know: it does the telling.
    if (cluster.isWorker) new PrimaryLink().fail(error);
    else terminal.err(errorText(error, env));
    return 1;
  }
}

function checkPositionals(name: string, command: Command, given: readonly string[]): Mistake | undefined {
  const usage = `Usage: headgate ${name} ${command.usage}`;
  const missing = command.positionals[given.length];
  if (missing !== undefined) return { message: `headgate ${name} needs ${missing}. ${usage}` };
  const extra = given[command.positionals.length + (command.optionals?.length ?? 0)];
  return extra === undefined ? undefined : { message: `headgate ${name} does not take "${extra}". ${usage}` };
}

function errorText(error: unknown, env: Readonly<Record<string, string | undefined>>): string {
  if (error instanceof SetupError) return error.mistakes.map((mistake) => `${printMistake(mistake)}\n`).join('');
  if (!(error instanceof Error)) return `headgate failed: ${String(error)}\n`;
  const stack = env['HEADGATE_LOG_LEVEL'] === 'debug' ? `${error.stack}\n` : '';
  return `headgate failed: ${error.message}\n${stack}`;
}

function generalHelp(): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  return `headgate: live GraphQL over Kafka topics.

Usage: headgate COMMAND [--flag value …]

${helpTable(rows)}

headgate COMMAND --help tells more. Every flag is also an environment variable and a key of headgate.config.
`;
}

function commandHelp(name: string, command: Command): string {
  const own = Object.entries(command.flags).map(([flag, { placeholder, help }]) => {
    return [`--${flag}${placeholder === '' ? '' : ` ${placeholder}`}`, help] as const;
  });
  return [
    `Usage: headgate ${name} ${command.usage}`.trimEnd(),
    command.help.trim(),
    [
      ...(own.length === 0 ? [] : [helpTable(own)]),
      optionHelp([...command.options, 'config'], command.optionHelp),
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

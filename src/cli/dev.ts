import { buildCatalog } from '../catalog/build.ts';
import { SetupError, printMistake } from '../common/errors.ts';
import { isIdentityConfigured } from '../config/identity-settings.ts';
import { loadSchemaFiles } from '../config/load.ts';
import { optionNames } from '../config/option-table.ts';
import type { Options } from '../config/options.ts';
import type { Gateway } from '../gateway.ts';
import { isInternal } from '../query/visible.ts';
import type { Log } from '../common/log.ts';
import type { Command, CommandCall } from './command.ts';
import { createLog } from './log.ts';
import { parentGone } from './parent-gone.ts';
import { describeSource, showFilling, startGateway, stopSignal } from './run-gateway.ts';
import { startBeside } from './start-beside.ts';
import type { Beside } from './start-beside.ts';
import { SchemaWatch } from './watch-schema.ts';

export const dev: Command = {
  usage: '[--schema GLOB] [--log DIR | --kafka HOST:PORT,…] [--as CLAIMS] [--start COMMAND]',
  help: `For development: a console at / (tables, topics, live queries), GraphiQL at /graphql, readable logs, the embedded log unless
Kafka is named. When a schema file changes, the gateway starts again with it; tables that no longer fit are read again from their
topics' start. Web pages that this machine serves may connect. --as '{"sub":"u1","roles":["admin"]}' tries out rules without
tokens: whoever comes without credentials has these claims. --start vite runs a command beside it, once it serves, and ends with
it; GATEWAY_URL tells that where it is.`,
  positionals: [],
  options: optionNames.filter((name) => name !== 'config' && name !== 'workers'),
  flags: {
    start: { placeholder: 'COMMAND', help: 'Runs this beside the gateway: the server of a page, such as vite.' },
  },
  async run(call) {
    const log = createLog(call.options.logLevel, true, call);
    const session = new DevSession(call, log);
    const signal = Promise.race([stopSignal(), parentGone()]);
    await session.reload();
    const ended = await Promise.race([signal, session.failed, session.besideEnded]);
    await session.close();
    if (ended instanceof SetupError) return 1;
    return typeof ended === 'number' ? ended : 0;
  },
};

/** The gateway of now, and the watch on its schema. One reload at a time; a change during one starts another. */
class DevSession {
  readonly #call: CommandCall;
  readonly #log: Log;
  #gateway: Gateway | undefined;
  /** Where it is, and stays; undefined until the settings have been good for a start. */
  #port: number | undefined;
  #filling: { stop(): void } | undefined;
  readonly #watch: SchemaWatch;
  #reloading: Promise<void> = Promise.resolve();
  #fail: (cause: SetupError) => void = () => {};
  #beside: Beside | undefined;
  #besideEnds: (exitCode: number) => void = () => {};
  readonly failed = new Promise<SetupError>((done) => (this.#fail = done));
  /** With the exit code of the command beside. */
  readonly besideEnded = new Promise<number>((done) => (this.#besideEnds = done));

  constructor(call: CommandCall, log: Log) {
    this.#call = call;
    this.#log = log;
    this.#watch = new SchemaWatch({
      patterns: call.options.schema,
      cwd: call.cwd,
      changed: () => {
        log.info('the schema changed, starting again');
        void this.reload();
      },
      unwatchable: (folder) => log.warn(`${folder} cannot be watched; start again when the schema has changed`),
    });
  }

  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#start());
    return this.#reloading;
  }

  async close(): Promise<void> {
    this.#watch.close();
    this.#beside?.stop();
    await this.#reloading;
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#filling?.stop();
    await this.#gateway?.close();
    this.#gateway = undefined;
  }

  async #start(): Promise<void> {
    const { options, out } = this.#call;
    await this.#watch.look();
    let isSchemaRight = false;
    try {
      // A schema with mistakes leaves the gateway that runs as it is.
      const rulesRequired = isIdentityConfigured(options.identity);
      buildCatalog(await loadSchemaFiles(options.schema, this.#call.cwd), { rulesRequired });
      isSchemaRight = true;
      await this.#end();
      this.#gateway = await startFitting({ ...options, port: this.#port ?? options.port }, this.#log);
      this.#port = this.#gateway.port;
    } catch (cause) {
      if (!(cause instanceof SetupError)) throw cause;
      out(cause.mistakes.map((mistake) => `✗ ${printMistake(mistake)}\n`).join(''));
      this.#gateway?.tellSchemaMistakes(cause.mistakes);
      // A port that is taken, say: no change of the schema mends that.
      if (isSchemaRight && this.#port === undefined) {
        this.#fail(cause);
        return;
      }
      const still = this.#gateway === undefined ? '' : ' The schema of before is still served.';
      out(`  Waiting for the schema to change.${still}\n`);
      return;
    }
    const gateway = this.#gateway;
    void gateway.failed.then((cause) => {
      for (const { message } of cause.mistakes) this.#log.error(message);
      this.#fail(cause);
    });
    out(banner(gateway, options));
    this.#filling = showFilling(gateway, (line) => out(`  ${line}\n`), { everyMs: 2_000, atStart: false });
    this.#startBeside(gateway.url);
  }

  /** Once: the gateway keeps its address when it starts again. */
  #startBeside(gatewayUrl: string): void {
    const command = this.#call.flags.get('start');
    if (typeof command !== 'string' || this.#beside !== undefined) return;
    this.#beside = startBeside(command, this.#call.cwd, gatewayUrl);
    void this.#beside.ended.then(({ exitCode, reason }) => {
      if (reason !== undefined) this.#log.error(`"${command}" cannot be started: ${reason}`);
      else if (exitCode !== 0) this.#log.error(`"${command}" ended with exit code ${exitCode}`);
      this.#besideEnds(exitCode);
    });
  }
}

/** Starts; where stored tables no longer fit the schema, starts again with these to be rebuilt, and says so. */
async function startFitting(options: Options, log: Log): Promise<Gateway> {
  try {
    return await startGateway(options, log, true);
  } catch (cause) {
    if (!(cause instanceof SetupError)) throw cause;
    const rebuild = cause.mistakes.flatMap(({ misfit }) => (misfit === undefined ? [] : [misfit]));
    if (rebuild.length < cause.mistakes.length) throw cause;
    for (const { message } of cause.mistakes) log.warn(message);
    log.warn(`dev does that now: reading ${rebuild.join(', ')} again`);
    return startGateway({ ...options, rebuild: [...options.rebuild, ...rebuild] }, log, true);
  }
}

/** A line on who callers are taken for; empty where they are nobody in particular. */
function describeAs({ identity }: Options): string {
  return identity?.as === undefined
    ? ''
    : `  Callers without credentials have the claims ${JSON.stringify(identity.as)}\n`;
}

function describeConsole({ url }: Gateway, { console: served = true }: Options): string {
  return served ? `  Console: ${new URL('/', url).href}\n` : '';
}

function banner(gateway: Gateway, options: Options): string {
  const names = gateway.catalog.tables
    .filter((table) => !isInternal(table))
    .map(({ name }) => name)
    .join(', ');
  return `
  Headgate is at ${gateway.url}  (GraphiQL in a browser)
${describeConsole(gateway, options)}  Tables: ${names}
  Records: ${describeSource(options)}
${describeAs(options)}
`;
}

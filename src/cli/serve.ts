import cluster from 'node:cluster';
import type { Catalog } from '../catalog/catalog.ts';
import { SetupError, reasonOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { isIdentityConfigured } from '../config/identity-settings.ts';
import { optionNames } from '../config/option-table.ts';
import type { Options } from '../config/options.ts';
import type { Gateway } from '../gateway.ts';
import { isInternal } from '../query/visible.ts';
import { startPrimary } from '../workers/primary.ts';
import type { Primary } from '../workers/primary.ts';
import { runWorker } from '../workers/worker.ts';
import type { Command } from './command.ts';
import { createLog } from './log.ts';
import { describeSource, gatewayOptions, showFilling, startGateway, stopSignal, untilStopped } from './run-gateway.ts';

export const serve: Command = {
  usage: '[--schema GLOB] [--kafka HOST:PORT,… | --log DIR] [--data DIR] [--host H] [--port N] [--config FILE]',
  help: `Builds the tables of the schema and serves them until it is told to stop (SIGTERM, Ctrl-C).

/graphql answers GraphQL over HTTP, graphql-ws and SSE; /healthz and /readyz answer probes. With --workers N as many processes serve on
the one port: one that ends is replaced, and SIGUSR2 has them replaced one after the other, with what the configuration says by then.
With --console, / is a page about tables, topics and live queries; where callers are identified, --console-roles says who is told of
others' live queries there.`,
  positionals: [],
  options: optionNames.filter((name) => name !== 'config' && name !== 'as'),
  flags: {},
  async run({ options, given, out }) {
    if (given.has('as')) throw new SetupError([{ message: asIsForDev }]);
    const readable = process.stdout.isTTY === true;
    const log = createLog(options.logLevel, readable, { out });
    if (cluster.isWorker) {
      await runWorker(gatewayOptions(options, log, false));
      return 0;
    }
    const signal = stopSignal();
    const gateway = await start(options, log, signal);
    if (gateway === undefined) {
      log.info(`${await signal}: closed before it served`);
      return 0;
    }
    const tables = gateway.catalog.tables.filter((table) => !isInternal(table));
    log.info(`Headgate serves ${tables.length} tables at ${gateway.url} from ${describeSource(options)}`);
    if (!given.has('kafka.brokers') && !given.has('log')) {
      log.warn('neither --kafka nor --log was given; without them records come from the embedded log in ./log');
    }
    if (options.console === true) log.info(`the console is at ${new URL('/', gateway.url).href}`);
    if (options.console === true && options.trustedDocuments !== undefined) log.warn(consoleIsUntrusted);
    if (!isIdentityConfigured(options.identity)) warnOfRules(gateway.catalog, log);
    else if (options.console === true && options.consoleRoles.length === 0) log.warn(nobodyIsOperator);
    const filling = readable
      ? showFilling(gateway, (line) => out(`  ${line}\n`), { everyMs: 2_000, atStart: false })
      : showFilling(gateway, (line) => log.info(line), { everyMs: 5_000, atStart: true });
    try {
      return await untilStopped(gateway, log, signal);
    } finally {
      filling.stop();
      await gateway.close();
    }
  },
};

/** In this process alone, or with others that serve; undefined where the signal came before these did. */
async function start(options: Options, log: Log, signal: Promise<string>): Promise<Primary | Gateway | undefined> {
  if (options.workers === 1) return startGateway(options, log, false);
  // What came while they were starting is followed then: some may have read the configuration before.
  let restart: (() => void) | undefined;
  let asked = false;
  process.on('SIGUSR2', () => {
    log.info('SIGUSR2: new serving processes are started for the old, one after the other');
    asked = true;
    restart?.();
  });
  const primary = await startPrimary({
    ...gatewayOptions(options, log, false),
    workers: options.workers,
    stopped: signal,
  });
  restart = () => {
    primary?.restart().then(
      () => log.info('the serving processes are new'),
      (error: unknown) =>
        log.error('a new serving process cannot serve; those of before go on', {
          reason: reasonOf(error),
        }),
    );
  };
  if (asked) restart();
  return primary;
}

const asIsForDev =
  'The setting as gives whoever comes without credentials the claims that it says, and is for headgate dev and explain. Remove ' +
  'HEADGATE_AS, and "as" from headgate.config.';

const nobodyIsOperator =
  'the console tells nobody of live queries and of the size of the store, because callers are identified and consoleRoles names no ' +
  'role. Name those of operators with --console-roles';

const consoleIsUntrusted =
  'the console is answered nothing that is not among the trusted documents, which holds for everybody: it shows little or nothing ' +
  'where trustedDocuments is set';

function warnOfRules({ tables }: Catalog, log: Log): void {
  const guarded = tables.filter((table) => !isInternal(table) && table.auth?.kind === 'rules').map(({ name }) => name);
  if (guarded.length === 0) return;
  log.warn(
    'nobody can say who they are, because neither jwt nor apiKeysFile nor authenticate is set: these tables answer UNAUTHENTICATED ' +
      `to everybody: ${guarded.join(', ')}`,
  );
}

import { optionNames } from '../config/option-table.ts';
import { isInternal } from '../query/visible.ts';
import type { Command } from './command.ts';
import { createLog } from './log.ts';
import { describeSource, showFilling, startGateway, stopSignal, untilStopped } from './run-gateway.ts';

export const serve: Command = {
  usage: '[--schema GLOB] [--kafka HOST:PORT,… | --log DIR] [--data DIR] [--host H] [--port N] [--config FILE]',
  help: `Builds the tables of the schema and serves them until it is told to stop (SIGTERM, Ctrl-C).

/graphql answers GraphQL over HTTP, graphql-ws and SSE; /healthz and /readyz answer probes.`,
  positionals: [],
  options: optionNames.filter((name) => name !== 'config'),
  flags: {},
  async run({ options, given, out }) {
    const readable = process.stdout.isTTY === true;
    const log = createLog(options.logLevel, readable, { out });
    const signal = stopSignal();
    const gateway = await startGateway(options, log, options.graphiql);
    const tables = gateway.catalog.tables.filter((table) => !isInternal(table));
    log.info(`Headgate serves ${tables.length} tables at ${gateway.url} from ${describeSource(options)}`);
    if (!given.has('kafka.brokers') && !given.has('log')) {
      log.warn('neither --kafka nor --log was given; without them records come from the embedded log in ./log');
    }
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

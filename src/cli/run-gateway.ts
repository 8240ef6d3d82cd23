import { SetupError } from '../common/errors.ts';
import type { Options } from '../config/options.ts';
import { createGateway } from '../gateway.ts';
import type { Gateway } from '../gateway.ts';
import type { Log } from '../common/log.ts';
import type { Terminal } from './command.ts';

/** Between lines about tables that are filling, ms. */
const progressEveryMs = 2_000;

/** Starts a gateway with the settings of the command line. `serve` and `dev` call it. */
export function startGateway(options: Options, log: Log, graphiql: boolean): Promise<Gateway> {
  return createGateway({ ...options, graphiql, log });
}

/** Where records come from, for people. */
export function describeSource({ source }: Options): string {
  return source.kind === 'kafka'
    ? `Kafka at ${source.kafka.brokers.join(', ')}`
    : `the embedded log in ${source.directory}`;
}

/** A line every now and then while tables fill: rows and time left. Stopped before the gateway is closed: it reads its store. */
export function showFilling(gateway: Gateway, { out }: Pick<Terminal, 'out'>): { stop(): void } {
  let before: { at: number; left: number } | undefined;
  let tables = 0;
  const timer = setInterval(() => {
    const snapshot = gateway.store.snapshot();
    try {
      const filling = gateway.catalog.tables.filter((table) => snapshot.state(table).phase === 'filling');
      if (filling.length === 0) {
        if (tables > 0) out(`  every table is filled\n`);
        return void clearInterval(timer);
      }
      tables = filling.length;
      const { ends, connected } = gateway.progress();
      let left = 0;
      for (const topic of new Set(filling.flatMap((table) => table.bases.map((base) => base.topic)))) {
        const reader = filling.find((table) => table.bases.some((base) => base.topic === topic));
        const next = reader === undefined ? undefined : snapshot.offsets(reader).get(topic);
        for (const [partition, end] of ends.get(topic) ?? []) left += Math.max(0, end - (next?.get(partition) ?? 0));
      }
      const at = Date.now();
      const rate = before === undefined ? 0 : Math.max(0, ((before.left - left) * 1_000) / (at - before.at));
      before = { at, left };
      const rows = filling.map((table) => `${table.name} ${snapshot.count(table)}`).join(', ');
      const remaining = rate > 0 ? `, about ${Math.ceil(left / rate)} s left` : '';
      out(connected ? `  filling: ${rows} rows${remaining}\n` : `  filling waits for the source: ${rows} rows\n`);
    } finally {
      snapshot.release();
    }
  }, progressEveryMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** Resolves with the exit code when the process is told to stop (0), or the gateway has failed for good (1). The caller closes it. */
export async function untilStopped(gateway: Gateway, log: Log, signal: Promise<string>): Promise<number> {
  const ended = await Promise.race([signal, gateway.failed]);
  if (ended instanceof SetupError) {
    for (const { message } of ended.mistakes) log.error(message);
    return 1;
  }
  log.info(`${ended}: finishing answers, telling subscribers to come back, closing`);
  return 0;
}

/** The first SIGTERM or SIGINT; a second one ends the process at once. */
export function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.once(name, () => {
        process.once(name, () => process.exit(130));
        resolve(name);
      });
    }
  });
}

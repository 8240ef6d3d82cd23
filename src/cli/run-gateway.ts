import { SetupError } from '../common/errors.ts';
import type { Options } from '../config/options.ts';
import { createGateway, gatewayDefaults } from '../gateway.ts';
import type { Gateway, GatewayOptions } from '../gateway.ts';
import type { Log } from '../common/log.ts';

/** Between two looks whether tables are still filling, ms. */
const lookEveryMs = 1_000;

/** Starts a gateway with the settings of the command line. `serve` calls it, and `dev`, for which more is open. */
export function startGateway(options: Options, log: Log, development: boolean): Promise<Gateway> {
  return createGateway(gatewayOptions(options, log, development));
}

export function gatewayOptions(options: Options, log: Log, development: boolean): GatewayOptions {
  return {
    ...gatewayDefaults,
    ...options,
    graphiql: development || options.graphiql,
    console: options.console ?? development,
    allowLoopbackOrigins: development,
    log,
  };
}

/** Where records come from, for people. */
export function describeSource({ source }: Options): string {
  return source.kind === 'kafka'
    ? `Kafka at ${source.kafka.brokers.join(', ')}`
    : `the embedded log in ${source.directory}`;
}

export interface FillingLines {
  /** Between two lines, ms, in whole seconds. */
  readonly everyMs: number;
  /** Whether the first is said at once. */
  readonly atStart: boolean;
}

/**
 * Says every now and then while tables fill: rows and time left; and when all are filled, if anything was said before. Stopped
 * before the gateway is closed: it reads its store.
 */
export function showFilling(
  { store, catalog, progress }: Pick<Gateway, 'store' | 'catalog' | 'progress'>,
  say: (line: string) => void,
  { everyMs, atStart }: FillingLines,
): { stop(): void } {
  let before: { at: number; left: number } | undefined;
  let nextMs = Date.now() + (atStart ? 0 : everyMs);
  let said = false;

  function look(): void {
    const snapshot = store.snapshot();
    try {
      const filling = catalog.topicTables.filter((table) => snapshot.state(table).phase === 'filling');
      if (filling.length === 0) {
        if (said) say('every table is filled');
        clearInterval(timer);
        return;
      }
      const at = Date.now();
      if (at < nextMs) return;
      nextMs = at + everyMs;
      said = true;
      const { ends, connected } = progress();
      let left = 0;
      for (const topic of new Set(filling.flatMap((table) => table.bases.map((base) => base.topic)))) {
        const reader = filling.find((table) => table.bases.some((base) => base.topic === topic));
        const next = reader === undefined ? undefined : snapshot.offsets(reader).get(topic);
        for (const [partition, end] of ends.get(topic) ?? []) left += Math.max(0, end - (next?.get(partition) ?? 0));
      }
      const rate = before === undefined ? 0 : Math.max(0, ((before.left - left) * 1_000) / (at - before.at));
      before = { at, left };
      const rows = filling.map((table) => `${table.name} ${snapshot.count(table)}`).join(', ');
      const remaining = rate > 0 ? `, about ${Math.ceil(left / rate)} s left` : '';
      say(connected ? `filling: ${rows} rows${remaining}` : `filling waits for the source: ${rows} rows`);
    } finally {
      snapshot.release();
    }
  }

  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  look();
  return { stop: () => clearInterval(timer) };
}

/** Resolves with the exit code when the process is told to stop (0), or the gateway has failed for good (1). The caller closes it. */
export async function untilStopped(
  gateway: Pick<Gateway, 'failed'>,
  log: Log,
  signal: Promise<string>,
): Promise<number> {
  const ended = await Promise.race([signal, gateway.failed]);
  if (ended instanceof SetupError) {
    for (const { message } of ended.mistakes) log.error(message);
    return 1;
  }
  log.info(`${ended}: finishing answers, telling subscribers to come back, closing`);
  return 0;
}

/**
 * The first SIGTERM or SIGINT. A second one ends the process at once, by the signal's own effect: `process.exit` would wait for the
 * writer's thread, which can wait for ever for the lock of the transaction that it was ended in.
 */
export function stopSignal(): Promise<string> {
  const names = ['SIGTERM', 'SIGINT'] as const;
  return new Promise((resolve) => {
    const stop = (name: string): void => {
      for (const each of names) process.removeListener(each, stop);
      resolve(name);
    };
    for (const name of names) process.once(name, stop);
  });
}

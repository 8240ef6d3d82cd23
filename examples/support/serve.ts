import { join } from 'node:path';
import type * as headgate from '../../src/index.ts';
import type { ExampleOptions } from './publisher.ts';

export interface ServeOptions extends ExampleOptions {
  /** The folder of the `.graphql` files. */
  readonly schema: string;
  /** What GraphiQL opens with. */
  readonly opening: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** Starts the gateway over what the example publishes, and waits until every table has read what is there. */
export async function serve({ schema, opening, port, kafka, directory }: ServeOptions): Promise<headgate.Gateway> {
  // In a project of yours: import { createGateway } from 'headgate'. The gateway writes in a thread of its own, which Node
  // starts from built JavaScript; `npm run build` makes it here.
  const built = new URL('../../dist/index.js', import.meta.url).href;
  const { createGateway, SetupError } = (await import(built)) as typeof headgate;
  const say = (message: string): void => console.error(`headgate: ${message}`);
  const options: Partial<headgate.GatewayOptions> = {
    schema: join(schema, '*.graphql'),
    source:
      kafka === undefined
        ? { kind: 'log', directory: join(directory, 'log') }
        : { kind: 'kafka', kafka: { brokers: kafka.split(',') } },
    // A store belongs to one source: offsets of a log mean nothing in Kafka.
    data: join(directory, kafka === undefined ? 'store' : 'store-kafka'),
    port,
    graphiql: opening,
    console: true,
    log: { info: () => {}, warn: say, error: say },
  };
  const gateway = await createGateway(options).catch((cause: unknown) => {
    // Somebody has edited the schema. The topics of an example hold all their records: what no longer fits is read again.
    const mistakes = cause instanceof SetupError ? cause.mistakes : [];
    const rebuild = mistakes.flatMap(({ misfit }) => misfit ?? []);
    if (rebuild.length === 0 || rebuild.length < mistakes.length) throw cause;
    say(`the schema has changed: ${[...new Set(rebuild)].join(', ')} will be read again`);
    return createGateway({ ...options, rebuild });
  });
  await gateway.filled();
  return gateway;
}

/** An example's main program: what goes wrong is said in a line, not as a stack. */
export async function run(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause);
    process.exitCode = 1;
  }
}

/** Runs until Ctrl-C, or until the gateway fails for good; then closes, last opened first. */
export async function untilStopped(gateway: headgate.Gateway, close: () => Promise<void>): Promise<void> {
  const stopped = new Promise<undefined>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(undefined));
  });
  const failure = await Promise.race([stopped, gateway.failed]);
  if (failure !== undefined) {
    console.error(failure.message);
    process.exitCode = 1;
  }
  await close();
}

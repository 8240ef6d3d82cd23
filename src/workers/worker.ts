import { openGateway } from '../gateway.ts';
import type { GatewayOptions, ServingProcess } from '../gateway.ts';
import { PrimaryLink } from './primary-link.ts';

/**
 * A serving process of `headgate serve --workers N`, from its start to its end: `cli/serve.ts` calls it in the processes that the primary
 * has started. Ends when the primary says so, or is gone; upon SIGTERM it asks to be relieved, and a second one ends it at once. Ctrl-C,
 * which all processes of a terminal get, is the primary's to follow. What is wrong with the settings is told to the primary.
 */
export async function runWorker(options: GatewayOptions): Promise<void> {
  const primary = new PrimaryLink();
  const ending = primary.toldToEnd();
  const opening = await primary.opening();
  const { schema, port } = opening;
  const writer = primary.writer();
  let serving: ServingProcess;
  try {
    // The primary has the port of the metrics, and its key.
    const own = { ...options, port, metricsPort: undefined, adminKey: undefined };
    serving = await openGateway(own, schema, () => writer);
  } catch (error) {
    return primary.fail(error);
  }
  primary.serve(serving, writer, opening);
  primary.send({ kind: 'serving', url: serving.url });
  await ((await ending) ? serving.leave() : serving.close());
  await primary.parted();
  primary.leave();
}

import { createServer } from 'node:net';
import { buildCatalog } from '../catalog/build.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { SetupError } from '../common/errors.ts';
import { createWork } from '../common/work.ts';
import { isIdentityConfigured } from '../config/identity-settings.ts';
import { loadSchemaFiles } from '../config/load.ts';
import type { GatewayOptions } from '../gateway.ts';
import type { SourceProgress } from '../ingest/bounds.ts';
import { startWriter } from '../ingest/start-writer.ts';
import { closeServer, listenOn } from '../server/listen.ts';
import { createPrimaryMetrics, mergeMetrics, metricsText } from '../server/metrics.ts';
import { createOperatorsServer } from '../server/operators-server.ts';
import { isFilled } from '../store/is-filled.ts';
import { openStore } from '../store/lmdb.ts';
import type { Store } from '../store/store.ts';
import { Crew } from './crew.ts';
import type { Revocation } from './messages.ts';

/** The process that writes, and that the serving ones belong to. */
export interface Primary {
  readonly url: string;
  readonly catalog: Catalog;
  readonly store: Store;
  progress(): SourceProgress;
  filled(): Promise<void>;
  /** Resolves with the reason when it has failed for good: the process should end. */
  readonly failed: Promise<SetupError>;
  /** New serving processes for the old, one after the other, with what the configuration says now. The schema stays. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Revocations that new processes are told of; of more, the oldest are forgotten. */
const maxRevocations = 10_000;

/**
 * Starts the writer's thread in this process and `workers` processes that serve. Called by `cli/serve.ts`, since a serving process is
 * this one's own command line once more. Throws SetupError with every mistake found; undefined where `stopped` comes first; nothing is
 * left running then.
 */
export async function startPrimary(
  options: GatewayOptions & { readonly workers: number; readonly stopped: Promise<unknown> },
): Promise<Primary | undefined> {
  const { data: directory, source, rebuild, maxCommitRows, log } = options;
  const schema = await loadSchemaFiles(options.schema);
  const catalog = buildCatalog(schema, { rulesRequired: isIdentityConfigured(options.identity) });
  const port = options.port === 0 ? await freePort(options.host) : options.port;
  const writer = startWriter({ schema, directory, source, rebuild, maxCommitRows }, log);
  let progress: SourceProgress = { connected: true, ends: new Map(), missingTopics: new Set(), records: new Map() };
  const revocations: Revocation[] = [];
  const opening = () => ({ kind: 'open', schema, port, progress, revocations }) as const;
  const crew = new Crew({ size: options.workers, opening, log });
  writer.onCommitted = () => crew.tell({ kind: 'committed' });
  writer.onProgress = (next) => {
    progress = next;
    crew.tell({ kind: 'progress', progress });
  };
  await writer.opened;
  const store = openStore({ directory, catalog, writable: false, work: createWork(), now: Date.now });

  async function dropSessions(claim: string, value: Revocation['value']): Promise<number> {
    const revocation = { claim, value, atMs: Date.now() };
    revocations.push(revocation);
    revocations.splice(0, revocations.length - maxRevocations);
    // Nobody may go on with what one that hangs would send when it comes to itself.
    const dropped = await crew.ask(
      (ask) => ({ kind: 'revoke', ask, revocation }),
      (member) => member.kill(),
    );
    return [...dropped.values()].reduce<number>((sum, count) => sum + Number(count), 0);
  }

  const own = createPrimaryMetrics(() => crew.serving, writer.work ?? createWork());
  const metrics = {
    contentType: own.contentType,
    async metrics() {
      const ofWorkers = await crew.ask((ask) => ({ kind: 'metrics', ask }));
      return mergeMetrics(await metricsText(own), ofWorkers as ReadonlyMap<number, string>);
    },
  };
  const operators =
    options.metricsPort === undefined
      ? undefined
      : createOperatorsServer(metrics, { adminKey: options.adminKey, dropSessions, log });

  async function closeAll(): Promise<void> {
    await crew.close();
    if (operators !== undefined) {
      operators.closeAllConnections();
      await closeServer(operators);
    }
    writer.stopLooking();
    await store.close();
    await writer.close();
  }

  let url: string | undefined;
  try {
    if (operators !== undefined) await listenOn(operators, options.host, options.metricsPort ?? 0, 'metricsPort');
    // A process that starts may take its time, and must not keep this one.
    url = await Promise.race([crew.start(), options.stopped.then(() => undefined)]);
  } catch (cause) {
    await closeAll();
    throw cause;
  }
  if (url === undefined) {
    await closeAll();
    return undefined;
  }
  let closed: Promise<void> | undefined;
  return {
    url,
    catalog,
    store,
    progress: () => progress,
    filled: () => writer.filled(() => isFilled(store, catalog)),
    failed: writer.failed,
    restart: () => crew.restart(),
    close: () => (closed ??= closeAll()),
  };
}

/** The processes must agree on one: each that asked for any would get another once the others are gone. */
async function freePort(host: string): Promise<number> {
  const server = createServer();
  const port = await listenOn(server, host, 0, 'port');
  await closeServer(server);
  return port;
}

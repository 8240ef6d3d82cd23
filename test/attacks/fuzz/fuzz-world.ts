import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import { onTestFinished } from 'vitest';
import { defaultLiveLimits, defaultServerLimits } from '../../../src/config/limits.ts';
import { createIdentity } from '../../../src/identity/create-identity.ts';
import { createHub } from '../../../src/live/hub.ts';
import type { Hub } from '../../../src/live/live.ts';
import type { OperationRequest } from '../../../src/query/query.ts';
import { noCallerLimits } from '../../../src/server/caller-limits.ts';
import { createCallers } from '../../../src/server/callers.ts';
import { limitRules } from '../../../src/server/limits.ts';
import { createOperations } from '../../../src/server/operation.ts';
import { createRefusals } from '../../../src/server/refusals.ts';
import { createSessions } from '../../../src/server/sessions.ts';
import { createSockets, type Sockets } from '../../../src/server/sockets.ts';
import { parseRequest } from '../../../src/server/parameters.ts';
import { resolveDocument } from '../../../src/server/trusted-documents.ts';
import { chartsSchema } from '../../support/charts.ts';
import { createQueryWorld, idleProgress } from '../../support/query-world.ts';

/** The charts, a few rows, and what of the server there is behind the network. */
export interface FuzzWorld {
  readonly hub: Hub;
  readonly sockets: Sockets;
  readonly sessions: { readonly size: number };
  /** What was logged as a mistake of ours. */
  readonly mistakes: readonly string[];
  /** Everything that a body is answered with, but for HTTP; undefined where it is no request. */
  answer(body: Buffer): string | undefined;
}

export const rows = {
  Artist: Array.from({ length: 3 }, (_, n) => ({ id: `a${n}`, name: `Artist ${n}`, country: 'GB' })),
  Song: Array.from({ length: 8 }, (_, n) => ({
    id: `s${n}`,
    title: `Song ${n}`,
    genre: n % 2 === 0 ? 'ROCK' : 'JAZZ',
    artistId: `a${n % 3}`,
    plays: String(n),
    price: `${n}.50`,
    tags: ['new'],
    updatedAt: 0,
  })),
};

export function createFuzzWorld(): FuzzWorld {
  const world = createQueryWorld(chartsSchema, {
    introspection: false,
    validationRules: limitRules(defaultServerLimits),
  });
  const { engine, store, catalog } = world;
  for (const [table, inputs] of Object.entries(rows)) world.write(table, inputs);
  const mistakes: string[] = [];
  const log = {
    info: () => {},
    warn: () => {},
    error: (message: string, context?: unknown) =>
      void mistakes.push(`${message}: ${String((context as { error?: unknown } | undefined)?.error)}`),
  };
  const progress = () => idleProgress;
  const hub = createHub({
    store,
    engine,
    tables: catalog.tables,
    progress,
    limits: { ...defaultLiveLimits, maxWaitMs: 20 },
    onFailure: (error) => mistakes.push(String(error)),
  });
  onTestFinished(() => hub.close());
  const identity = createIdentity({ settings: {}, log });
  const { requestTimeoutMs } = defaultServerLimits;
  const now = Date.now;
  const operations = createOperations({ engine, hub, store, identity, progress, requestTimeoutMs, now, log });
  const sessions = createSessions(now);
  const sockets = createSockets({
    operations,
    sessions,
    callers: createCallers(identity, 0, log),
    callerLimits: noCallerLimits,
    hub,
    schema: engine.schema,
    limits: defaultServerLimits,
    refusals: createRefusals(),
    now,
    log,
  });

  function answer(body: Buffer): string | undefined {
    const request = parseRequest({} as IncomingMessage, body);
    return request === undefined ? undefined : `${run(request)}${world.failures.length > 0 ? '"INTERNAL"' : ''}`;
  }

  function run(request: OperationRequest): string {
    const resolved = resolveDocument(request, undefined);
    const prepared = resolved instanceof GraphQLError ? [resolved] : engine.prepare(resolved);
    if (!('kind' in prepared)) return JSON.stringify(prepared);
    if (prepared.kind !== 'query') {
      let frames = '';
      hub.subscribe(prepared, { send: (frame) => void (frames += frame), complete: () => {} }).stop();
      return frames;
    }
    return world.read((snapshot) => {
      const { data, errors } = engine.execute(prepared, { snapshot, reader: snapshot, progress: idleProgress });
      return data + (errors ?? '');
    });
  }

  return { hub, sockets, sessions, mistakes, answer };
}

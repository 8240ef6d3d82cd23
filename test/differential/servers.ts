import { Agent, request as send } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import { defaultQueryLimits, defaultServerLimits } from '../../src/config/limits.ts';
import type { ServerLimits } from '../../src/config/limits.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { nobody } from '../../src/model/caller.ts';
import type { Caller } from '../../src/model/caller.ts';
import { createQueryEngine } from '../../src/query/engine.ts';
import type { QueryEngine, QueryLimits } from '../../src/query/query.ts';
import { limitRules } from '../../src/server/limits.ts';
import { createServer } from '../../src/server/server.ts';
import type { TrustedDocuments } from '../../src/server/trusted-documents.ts';
import type { TestGateway } from '../../src/testing.ts';
import { idle, liveLimits } from '../support/live-world.ts';

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | undefined;
}

export interface Received {
  readonly status: number | undefined;
  /** The first line and the headers without the date, letter by letter and in the order in which they came. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** Two servers over the data of one gateway: as it is, and with neither the short way nor anything compiled. */
export interface Servers {
  readonly engine: QueryEngine;
  ask(which: 'short' | 'long', sent: Sent): Promise<Received>;
  /** Whether what the short one was asked last took the short way. */
  tookShortWay(): boolean;
  close(): Promise<void>;
}

/** The origin whose pages may read answers. */
export const allowedOrigin = 'https://shop.example';

/** The header `x-caller` says by its place in the list who asks. */
export async function startServers(
  gateway: TestGateway,
  callers: readonly Caller[],
  limits: Partial<QueryLimits & ServerLimits>,
  trustedDocuments?: TrustedDocuments,
): Promise<Servers> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let calls = { known: 0, prepared: 0, executed: 0 };
  const counted = (engine: QueryEngine): QueryEngine => ({
    ...engine,
    knows(document) {
      const known = engine.knows(document);
      if (known) calls.known += 1;
      return known;
    },
    prepare(request, caller) {
      calls.prepared += 1;
      return engine.prepare(request, caller);
    },
    execute(prepared, context) {
      calls.executed += 1;
      return engine.execute(prepared, context);
    },
  });
  const start = async (isShort: boolean) => {
    const all = { ...defaultQueryLimits, ...defaultServerLimits, ...liveLimits, ...limits };
    const { catalog, hub, store, work } = gateway;
    const engine = createQueryEngine({
      catalog,
      work,
      limits: all,
      validationRules: limitRules(all),
      compiled: isShort,
      onError: (error) => {
        throw error;
      },
    });
    const server = createServer({
      engine: isShort ? counted(engine) : engine,
      hub,
      store,
      catalog,
      progress: () => idle,
      limits: all,
      identity: identityOf(callers),
      graphiql: false,
      allowedOrigins: [allowedOrigin],
      trustedDocuments,
      shortWay: isShort,
      log: silent,
    });
    const { url } = await server.listen('127.0.0.1', 0);
    return { engine, server, url };
  };
  const servers = { short: await start(true), long: await start(false) };
  return {
    engine: servers.short.engine,
    ask(which, sent) {
      if (which === 'short') calls = { known: 0, prepared: 0, executed: 0 };
      return ask(agent, servers[which].url, sent);
    },
    // What fails there is prepared once more by yoga.
    tookShortWay: () => calls.known === 1 && calls.prepared === 1 && calls.executed === 1,
    async close() {
      agent.destroy();
      await servers.short.server.close();
      await servers.long.server.close();
    },
  };
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };

function identityOf(callers: readonly Caller[]): Identity {
  return {
    configured: true,
    identify({ headers }) {
      const caller = callers[Number(headers['x-caller'])] ?? nobody;
      // As a hook may: an object of its own for each request.
      return headers['x-anew'] === undefined ? caller : { ...caller };
    },
    isGood: () => true,
    revoke: () => ({ isRevoked: () => false }) as never,
  };
}

function ask(agent: Agent, url: string, { method, path, headers, body }: Sent): Promise<Received> {
  return new Promise((resolve, reject) => {
    const sent = send(new URL(path, url), { agent, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { httpVersion, rawHeaders, statusCode: status, statusMessage } = response;
        const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []));
        const headers = [
          `HTTP/${httpVersion} ${status} ${statusMessage}`,
          ...lines.filter((line) => !line.startsWith('Date:')),
        ];
        resolve({ status, headers, body: Buffer.concat(chunks) });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

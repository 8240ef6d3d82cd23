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
  close(): Promise<void>;
}

/** The header `x-caller` says by its place in the list who asks. */
export async function startServers(
  gateway: TestGateway,
  callers: readonly Caller[],
  limits: Partial<QueryLimits & ServerLimits>,
): Promise<Servers> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
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
      engine,
      hub,
      store,
      catalog,
      progress: () => idle,
      limits: all,
      identity: identityOf(callers),
      graphiql: false,
      shortWay: isShort,
      log: silent,
    });
    const { url } = await server.listen('127.0.0.1', 0);
    return { engine, server, url };
  };
  const servers = { short: await start(true), long: await start(false) };
  return {
    engine: servers.short.engine,
    ask: (which, sent) => ask(agent, servers[which].url, sent),
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
    identify: ({ headers }) => callers[Number(headers['x-caller'])] ?? nobody,
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

import { Agent, request } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Benchmark } from './harness.ts';
import { customerId, orderId, ordersPerCustomer } from './orders.ts';
import { startServers } from './processes.ts';
import type { ServerProcess } from './processes.ts';

const orders = 200_000;
const connections = 16;
const fields = 'id customerId status total createdAt note';

interface Question {
  readonly name: string;
  readonly query: string;
  readonly requests: number;
  /** Of the n-th request. */
  readonly variables: (n: number) => Readonly<Record<string, string>>;
}

export const lookup = pullBenchmark({
  name: 'lookup',
  query: `query ($id: ID!) { order(id: $id) { ${fields} } }`,
  requests: 10_000,
  variables: (n) => ({ id: orderId((n * 7_919) % orders) }),
});

export const list = pullBenchmark({
  name: 'list',
  query: `query ($customerId: ID!) { orders(where: { customerId: { eq: $customerId } }, limit: 100) { ${fields} } }`,
  requests: 2_000,
  variables: (n) => ({ customerId: customerId((n * 7_919) % (orders / ordersPerCustomer)) }),
});

/** Processor time of the server per request; the load comes from this process, over connections that stay open. */
function pullBenchmark(question: Question): Benchmark {
  return {
    name: question.name,
    reference: 'a bare node:http server that reads the same rows from LMDB',
    unit: 'server µs per request',
    async open() {
      const { headgate, bare, close } = await startServers(orders);
      const agent = new Agent({ keepAlive: true, maxSockets: connections });
      try {
        for (const n of [0, 1, 2]) {
          const [ours, theirs] = [await ask(agent, headgate, question, n), await ask(agent, bare, question, n)];
          if (!isDeepStrictEqual(sorted(ours), sorted(theirs))) throw new Error(`answers differ:\n${ours}\n${theirs}`);
        }
      } catch (error) {
        await close();
        throw error;
      }
      return {
        headgate: () => load(agent, headgate, question),
        reference: () => load(agent, bare, question),
        async close() {
          agent.destroy();
          await close();
        },
      };
    },
  };
}

/** The data, lists by id: without `orderBy` the order is each side's own. */
function sorted(response: string): unknown {
  const { data } = JSON.parse(response) as { data: { orders?: { id: string }[] } };
  return data.orders?.toSorted((a, b) => (a.id < b.id ? -1 : 1)) ?? data;
}

async function load(agent: Agent, server: ServerProcess, question: Question): Promise<number> {
  const before = await server.cpuMs();
  let n = 0;
  const connection = async (): Promise<void> => {
    while (n < question.requests) await ask(agent, server, question, (n += 1));
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return (((await server.cpuMs()) - before) * 1_000) / n;
}

function ask(agent: Agent, server: ServerProcess, { query, variables }: Question, n: number): Promise<string> {
  const body = JSON.stringify({ query, variables: variables(n) });
  const headers = { 'content-type': 'application/json', accept: 'application/json', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const sent = request(server.url, { agent, method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${response.statusCode}: ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

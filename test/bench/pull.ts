import { Agent, request } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Benchmark } from './harness.ts';
import { temporaryDirectory } from './order-stores.ts';
import { coveringSchema, customerId, orderId, ordersPerCustomer } from './orders.ts';
import type { Order } from './orders.ts';
import { startPostGraphile } from './postgraphile.ts';
import { startServers } from './processes.ts';
import type { ServerProcess } from './processes.ts';

const orders = 200_000;
const connections = 16;
const fields = 'id customerId status total createdAt note';

interface Question {
  readonly query: string;
  readonly requests: number;
  /** Of the n-th request. */
  readonly variables: (n: number) => Readonly<Record<string, string>>;
}

const byId: Question = {
  query: `query ($id: ID!) { order(id: $id) { ${fields} } }`,
  requests: 10_000,
  variables: (n) => ({ id: orderId((n * 7_919) % orders) }),
};

const byCustomer: Question = {
  query: `query ($customerId: ID!) { orders(where: { customerId: { eq: $customerId } }, limit: 100) { ${fields} } }`,
  requests: 2_000,
  variables: (n) => ({ customerId: customerId((n * 7_919) % (orders / ordersPerCustomer)) }),
};

/** The same in the words of PostGraphile's API. */
const theirFields = fields.replace('id', 'id: rowId');
const byIdThere: Question = {
  ...byId,
  query: `query ($id: String!) { order: orderByRowId(rowId: $id) { ${theirFields} } }`,
};
const byCustomerThere: Question = {
  ...byCustomer,
  query: `query ($customerId: String!) { orders: allOrders(condition: { customerId: $customerId }, first: 100) { nodes { ${theirFields} } } }`,
};

const bare = 'a bare node:http server that decodes the same rows from LMDB and writes them by hand';
const postGraphile = 'PostGraphile 5 over PostgreSQL, its processes counted, with the same rows and load';

/** Processor time of the server per request; the load comes from this process, over connections that stay open. */
const unit = 'server µs per request';

export const pull: readonly Benchmark[] = [
  { name: 'lookup', reference: bare, aim: 0.8, unit, open: () => openBare(byId) },
  { name: 'list', reference: bare, aim: 1.5, unit, open: () => openBare(byCustomer) },
  { name: 'list-covering', reference: bare, unit, open: () => openBare(byCustomer, coveringSchema) },
  { name: 'lookup-peer', reference: postGraphile, aim: 8, unit, open: () => openPeer(byId, byIdThere) },
  { name: 'list-peer', reference: postGraphile, aim: 5, unit, open: () => openPeer(byCustomer, byCustomerThere) },
  {
    name: 'list-covering-peer',
    reference: postGraphile,
    unit,
    open: () => openPeer(byCustomer, byCustomerThere, coveringSchema),
  },
];

async function openBare(question: Question, sdl?: string): ReturnType<Benchmark['open']> {
  const { headgate, bare: reference, close } = await startServers(orders, sdl);
  return contest({ server: headgate, question }, { server: reference, question }, close);
}

async function openPeer(question: Question, theirs: Question, sdl?: string): ReturnType<Benchmark['open']> {
  const directory = await temporaryDirectory();
  try {
    const reference = await startPostGraphile(directory.path, orders);
    const { headgate, close } = await startServers(orders, sdl);
    return await contest({ server: headgate, question }, { server: reference, question: theirs }, async () => {
      await close();
      await reference.stop();
      await directory.remove();
    });
  } catch (error) {
    await directory.remove();
    throw error;
  }
}

interface Side {
  readonly server: ServerProcess;
  readonly question: Question;
}

async function contest(ours: Side, theirs: Side, close: () => Promise<void>): ReturnType<Benchmark['open']> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    for (const n of [0, 1, 2]) {
      const answers = [await ask(agent, ours, n), await ask(agent, theirs, n)].map(rowsIn);
      if (!isDeepStrictEqual(answers[0], answers[1])) throw new Error(`answers differ: ${JSON.stringify(answers)}`);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    headgate: () => load(agent, ours),
    reference: () => load(agent, theirs),
    async close() {
      agent.destroy();
      await close();
    },
  };
}

interface Answer {
  readonly order?: Order;
  readonly orders?: readonly Order[] | { readonly nodes: readonly Order[] };
}

/** By id, as without `orderBy` the order is each side's own; times as such, which PostgreSQL writes in another way. */
function rowsIn(response: string): readonly Order[] {
  const { order, orders: found = [] } = (JSON.parse(response) as { data: Answer }).data;
  const rows = order !== undefined ? [order] : 'nodes' in found ? found.nodes : found;
  return rows
    .map((row) => ({ ...row, createdAt: new Date(row.createdAt).toISOString() }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

async function load(agent: Agent, side: Side): Promise<number> {
  const { server, question } = side;
  const before = await server.cpuMs();
  let n = 0;
  const connection = async (): Promise<void> => {
    while (n < question.requests) await ask(agent, side, (n += 1));
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return (((await server.cpuMs()) - before) * 1_000) / n;
}

function ask(agent: Agent, { server, question: { query, variables } }: Side, n: number): Promise<string> {
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

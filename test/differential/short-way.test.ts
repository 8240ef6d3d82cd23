import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Caller } from '../../src/model/caller.ts';
import { encodePosition } from '../../src/model/position.ts';
import { createTestGateway } from '../../src/testing.ts';
import { generateKeys, HistoryGenerator } from '../canary/generate-history.ts';
import { generatePrincipals } from '../canary/generate-principals.ts';
import { generateRequest } from '../canary/generate-request.ts';
import { generateSchema } from '../canary/generate-schema.ts';
import { printSchema } from '../canary/print-schema.ts';
import { toRecords } from '../canary/records.ts';
import { cursorsIn } from '../canary/request.ts';
import type { Cursor } from '../canary/request.ts';
import { Mint } from '../canary/tokens.ts';
import { World } from '../canary/world.ts';
import { createRandom, seedFromEnvironment } from '../support/random.ts';
import type { Random } from '../support/random.ts';
import { reask, reshape, typeOf } from './reshape.ts';
import type { Asked } from './reshape.ts';
import { allowedOrigin, startServers } from './servers.ts';
import type { Sent } from './servers.ts';

/**
 * The short way and what is compiled, against yoga and graphql: random schemas with rules, data, callers and requests, and the same
 * bytes from both. A request is sent several times: a document takes the short way when it is known.
 *
 *   HEADGATE_SEED       the first round's seed (printed)
 *   HEADGATE_RUNS       number of rounds; then the budget does not count
 *   HEADGATE_BUDGET_S   how long to go on, in seconds
 */
const seed = seedFromEnvironment();
const runs = process.env['HEADGATE_RUNS'] === undefined ? undefined : Number(process.env['HEADGATE_RUNS']);
const budgetMs = 1000 * Number(process.env['HEADGATE_BUDGET_S'] ?? 6);

const commits = 2;
const requests = 15;

test('the short way answers as the long one does, byte for byte', { timeout: budgetMs + 60_000 }, async () => {
  const counts = { rounds: 0, answers: 0, short: 0, errors: 0, bytes: 0 };
  const deadline = Date.now() + budgetMs;
  for (let i = 0; runs === undefined ? Date.now() < deadline : i < runs; i += 1) {
    try {
      await runRound(createRandom((seed + i) >>> 0), counts);
    } catch (error) {
      if (error instanceof Error) error.message += `\n\nagain: HEADGATE_SEED=${(seed + i) >>> 0} HEADGATE_RUNS=1`;
      throw error;
    }
    counts.rounds += 1;
  }
  console.log(`short way: seed ${seed}, ${JSON.stringify(counts)}`);
  expect(counts.short).toBeGreaterThan(0);
});

interface Counts {
  answers: number;
  short: number;
  errors: number;
  bytes: number;
}

async function runRound(random: Random, counts: Counts): Promise<void> {
  const schema = generateSchema(random);
  const mint = new Mint(random);
  const keys = generateKeys(random, schema, mint);
  const history = new HistoryGenerator(random, schema, mint, keys);
  const principals = generatePrincipals(
    random,
    3,
    [...keys.values()].flat().map(([first]) => first),
  );
  const callers = principals.map(({ name, identity }): Caller => {
    const { claims = {}, roles = [] } = identity ?? {};
    return { identified: identity !== undefined, claims, roles: new Set(roles), id: name };
  });
  const gateway = await createTestGateway({ schema: printSchema(schema) });
  const named = random.int(3) > 0 ? new Map<string, string>() : undefined;
  const trusted = named && {
    byId: (id: string) => named.get(id),
    liveById: () => undefined,
    byText: (text: string) => text,
  };
  const servers = await startServers(gateway, callers, drawLimits(random), trusted);
  const topics = gateway.catalog.tables.flatMap((table) => table.bases.map(({ topic }) => topic));
  const position = (): string => {
    const snapshot = gateway.store.snapshot();
    try {
      return encodePosition(snapshot.position(gateway.catalog.tables));
    } finally {
      snapshot.release();
    }
  };
  const world = new World(schema, mint, 0);
  const cursors: Cursor[] = [];
  /** Of variables, by their types. */
  const values = new Map<string, unknown[]>();
  try {
    for (let i = 0; i < commits; i += 1) {
      const commit = i === 0 ? history.first() : history.commit(1 + random.int(6));
      await gateway.produce(toRecords(schema, commit, i));
      world.add(commit, i);
      for (let n = 0; n < requests; n += 1) {
        const as = random.int(principals.length);
        const principal = principals[as] ?? { name: 'nobody' };
        const operation = random.int(12) === 0 ? 'LIVE' : 'QUERY';
        const asking = world.asking(random, principal, operation);
        const request = generateRequest({ ...asking, operation, cursors, positions: [] });
        let asked: Asked = random.int(3) === 0 ? request : reshape(random, servers.engine.schema, request);
        for (const [name, value] of Object.entries(asked.variables)) {
          const type = typeOf(asked, name);
          values.set(type, [...(values.get(type) ?? []), value]);
        }
        // The first time it becomes known, and the third time it was prepared the short way before.
        for (let again = 0; again < 4; again += 1) {
          const id = createHash('sha256').update(asked.document).digest('hex');
          named?.set(id, asked.document);
          const sent = draw(random, asked, as, { id, isListed: named !== undefined, position: position(), topics });
          const short = await servers.ask('short', sent);
          const long = await servers.ask('long', sent);
          const shown = { ...sent, caller: principal };
          expect({ ...short, body: short.body.toString() }, JSON.stringify(shown)).toEqual({
            ...long,
            body: long.body.toString(),
          });
          expect(short.body.equals(long.body)).toBe(true);
          counts.answers += 1;
          if (servers.tookShortWay()) counts.short += 1;
          counts.bytes += short.body.length;
          if (short.body.includes('"errors":')) counts.errors += 1;
          else if (again === 0 && asked === request) cursors.push(...cursorsOf(request, short.body));
          asked = reask(random, asked, values);
        }
      }
    }
  } finally {
    await servers.close();
    await gateway.close();
  }
}

function cursorsOf(request: Parameters<typeof cursorsIn>[0], body: Buffer): readonly Cursor[] {
  try {
    return cursorsIn(request, (JSON.parse(body.toString()) as { data: unknown }).data);
  } catch {
    return [];
  }
}

/** Now and then so low that operations run into them. */
function drawLimits(random: Random) {
  const generous = {
    maxCost: 1e12,
    maxTokens: 10_000,
    maxDocumentLength: 100_000,
    maxAliases: 1_000,
    maxDirectives: 1_000,
    maxDepth: 100,
  };
  if (random.int(3) > 0) return generous;
  return {
    ...generous,
    scanLimit: random.pick([2, 10_000]),
    maxRowsRead: random.pick([10, 30, 200_000]),
    maxResponseBytes: random.pick([300, 1_000, 10_000_000]),
    maxConditions: random.pick([3, 1_000, 1_000]),
    maxCost: random.pick([100, 1e12, 1e12]),
  };
}

/** What the short way is told beside the document. */
interface Known {
  readonly id: string;
  /** Whether there is a list, which has it. */
  readonly isListed: boolean;
  /** The newest. */
  readonly position: string;
  readonly topics: readonly string[];
}

function draw(random: Random, { document, variables }: Asked, caller: number, known: Known): Sent {
  const headers = {
    'x-caller': String(caller),
    ...(random.int(2) === 0 && { 'x-anew': '1' }),
    ...(random.int(4) === 0 && { origin: random.pick([allowedOrigin, 'https://other.example', 'null']) }),
    ...accepting(random, !document.trimStart().startsWith('subscription')),
  };
  const parameters = { ...naming(random, document, known), variables, ...extras(random, known) };
  if (random.int(5) === 0) {
    const written = Object.entries(parameters).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    const query = new URLSearchParams(written);
    const path = `/graphql?${query}${random.pick(['', '', '', '', '&', '&query={a}', '#x', '&variables=', '&variables=x'])}`;
    const method = random.int(10) === 0 ? 'HEAD' : 'GET';
    const preflight = random.pick([{ 'x-headgate-preflight': '1' }, { 'content-type': 'application/json' }, {}]);
    return { method, path, headers: { ...headers, ...preflight }, body: undefined };
  }
  const text = JSON.stringify(parameters);
  const body =
    random.int(30) === 0 ? random.pick([text.slice(1), '[]', 'null', `[${text}]`, `\uFEFF${text}`, `${text}x`]) : text;
  const type = random.pick(['application/json', 'application/json', 'application/json; charset=utf-8']);
  const length =
    random.int(5) === 0 ? { 'transfer-encoding': 'chunked' } : { 'content-length': Buffer.byteLength(body) };
  return { method: 'POST', path: '/graphql', headers: { ...headers, ...length, 'content-type': type }, body };
}

/** The text, or only its name, in each of the ways that clients know; names that are none, too. */
function naming(random: Random, query: string, { id, isListed }: Known): Readonly<Record<string, unknown>> {
  if (random.int(isListed ? 3 : 12) > 0) return { query };
  const persistedQuery = { version: 1, sha256Hash: id };
  return random.pick<Readonly<Record<string, unknown>>>([
    { documentId: id },
    { doc_id: id },
    { id },
    { query, documentId: id },
    { query: '', documentId: id },
    { query: null, id },
    { extensions: { documentId: id } },
    { extensions: { persistedQuery } },
    { query: '', extensions: { persistedQuery } },
    { query, extensions: { persistedQuery } },
    { documentId: 'unknown' },
    { documentId: 7 },
  ]);
}

function accepting(random: Random, isQuery: boolean): { accept?: string } {
  const accept = random.pick([
    undefined,
    'application/json',
    'application/json',
    '*/*',
    'application/graphql-response+json',
    'application/graphql-response+json, application/json;q=0.9',
    'application/graphql-response+json;charset=utf-8, application/json;charset=utf-8',
    'application/json;q=0.1,application/graphql-response+json',
    'multipart/mixed, Application/GraphQL-response+JSON',
    'application/*;q=0.5',
    'text/html,application/json',
    'image/png',
    'application/json; charset=iso-8859-1, */*',
    // A subscription would never end.
    isQuery ? 'text/event-stream, application/json' : undefined,
  ]);
  return accept === undefined ? {} : { accept };
}

function extras(random: Random, { position, topics }: Known): Readonly<Record<string, unknown>> {
  if (random.int(4) > 0) return {};
  return random.pick<Readonly<Record<string, unknown>>>([
    { operationName: null },
    { operationName: '' },
    { operationName: 'Other' },
    { operationName: 7 },
    { extensions: {} },
    { extensions: null },
    { extensions: { clientLibrary: { name: 'a', version: '1' } } },
    { extensions: { atLeast: { position: 'x' } } },
    { extensions: { atLeast: { position } } },
    { extensions: { atLeast: { position, timeoutMs: 5 } } },
    { extensions: { atLeast: {} } },
    // Not reached yet, and seldom of a topic that the operation does not read.
    {
      extensions: {
        atLeast: { offsets: [{ topic: random.pick(topics), partition: 0, offset: '9999' }], timeoutMs: 2 },
      },
    },
    { extensions: { atLeast: null } },
    { extensions: [] },
    { variables: null },
    { variables: [] },
    { unknown: 1 },
    { unknown: null },
    { query: ' ' },
    { query: 7 },
  ]);
}

import { reasonOf } from '../common/errors.ts';
import type { Environment } from '../config/environment.ts';
import type { Options } from '../config/options.ts';
import { credentialsIn, gatewayAddress, setCredentials } from './reach-gateway.ts';

/**
 * What a running gateway knows of lag: of each table, where it tells everybody; where it identifies callers, the ends of the topics
 * that this one may know of, by topic and partition. Else why it is not known.
 */
export type Lag =
  | { readonly kind: 'tables'; readonly lags: ReadonlyMap<string, number> }
  | { readonly kind: 'ends'; readonly ends: ReadonlyMap<string, ReadonlyMap<number, number>> }
  | { readonly kind: 'unknown'; readonly why: string };

/** How long it has to answer, ms. */
const answerMs = 2_000;

export async function askLag(options: Options, env: Environment): Promise<Lag> {
  const address = gatewayAddress(options);
  const root = `${options.tls === undefined ? 'http' : 'https'}://${address}`;
  const unknown = (why: string): Lag => ({ kind: 'unknown', why });
  try {
    const { tables } = (await answerOf(`${root}/readyz`)) as { tables?: Record<string, { lag: number }> };
    if (tables !== undefined) {
      return { kind: 'tables', lags: new Map(Object.entries(tables).map(([name, { lag }]) => [name, lag])) };
    }
    // Probes are told no names of tables then.
    const headers = headersOf(credentialsIn(env));
    if (headers === undefined) {
      return unknown(`the gateway at ${address} identifies callers, and tells lag to whom it knows. ${setCredentials}`);
    }
    const body = JSON.stringify({ query: '{ _meta { topics { topic partition end } } }' });
    const answer = (await answerOf(`${root}/graphql`, { method: 'POST', headers, body })) as MetaAnswer;
    const refusal = answer.errors?.[0]?.message;
    return refusal === undefined
      ? { kind: 'ends', ends: endsOf(answer) }
      : unknown(`the gateway at ${address} tells this caller no lag: ${refusal}`);
  } catch (cause) {
    return unknown(`no gateway answers at ${address} (${whyNot(cause)})`);
  }
}

interface MetaAnswer {
  readonly data?: {
    readonly _meta: {
      readonly topics: readonly { readonly topic: string; readonly partition: number; readonly end: string | null }[];
    };
  };
  readonly errors?: readonly { readonly message: string }[];
}

async function answerOf(url: string, request: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(answerMs) });
  return response.json();
}

function headersOf({ token, apiKey }: ReturnType<typeof credentialsIn>): Record<string, string> | undefined {
  if (token === undefined && apiKey === undefined) return undefined;
  return {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
  };
}

function endsOf({ data }: MetaAnswer): ReadonlyMap<string, ReadonlyMap<number, number>> {
  const ends = new Map<string, Map<number, number>>();
  for (const { topic, partition, end } of data?._meta.topics ?? []) {
    // It has not been seen yet.
    if (end === null) continue;
    ends.set(topic, (ends.get(topic) ?? new Map<number, number>()).set(partition, Number(end)));
  }
  return ends;
}

/** fetch says that it failed, and has the reason with it. */
function whyNot(cause: unknown): string {
  return reasonOf(cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause);
}

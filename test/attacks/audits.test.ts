import { auditServer } from 'graphql-http';
import { expect, test } from 'vitest';
import { serveCharts } from '../support/default-serve.ts';

/** `fetch`, with the header that no web page can send unasked. */
const preflighted: typeof fetch = (target, init) =>
  fetch(target, { ...init, headers: { ...(init?.headers as Record<string, string>), 'x-headgate-preflight': '1' } });

async function remarks(url: string, fetchFn: typeof fetch): Promise<readonly string[]> {
  const results = await auditServer({ url, fetchFn });
  expect(results).toHaveLength(61);
  return results.flatMap(({ id, name, status }) => (status === 'ok' ? [] : [`${status} ${id} ${name}`]));
}

test('every audit of GraphQL over HTTP passes for callers who may introspect', async () => {
  const { url } = await serveCharts('--introspection');
  expect(await remarks(url, preflighted)).toEqual([]);
});

/** They pass variables to `__type`, which is refused where introspection is off: FORBIDDEN, as the errors say. */
const introspecting = [
  'warn 2EA1 SHOULD allow map {variables} parameter when accepting application/graphql-response+json',
  'error 28B9 MUST allow map {variables} parameter when accepting application/json',
  'notice D6D5 MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
  'notice 6A70 MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
];

test('as `headgate serve` starts by default, all that is remarked upon is that introspection is off', async () => {
  const { url } = await serveCharts();
  expect(await remarks(url, preflighted)).toEqual(introspecting);
});

/** Of a GET that any web page could have made a browser send, which is refused before it is read. GET is optional (MAY). */
const byGet = [
  'notice 5A70 MAY accept application/x-www-form-urlencoded formatted GET requests',
  'notice D6D5 MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
  'notice 6A70 MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
];

test('of clients that do not say that they are no web page, what is remarked upon is GET alone', async () => {
  const { url } = await serveCharts('--introspection');
  expect(await remarks(url, fetch)).toEqual(byGet);
});

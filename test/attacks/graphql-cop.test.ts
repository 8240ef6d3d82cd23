import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { expect, onTestFinished, test } from 'vitest';
import { serveCharts } from '../support/default-serve.ts';
import { copChecks, reports } from './graphql-cop.ts';

async function findings(url: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const check of copChecks) if (await reports(url, check)) found.push(`${check.severity} ${check.name}`);
  return found;
}

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

test('graphql-cop finds nothing in what `headgate serve` serves by default', async () => {
  const { url } = await serveCharts();
  expect(await findings(url)).toEqual([]);
});

// Checks that never find anything would pass as well.
test('the checks find what there is to find in a server as it comes', async () => {
  const yoga = createYoga({ schema: buildSchema('type Query { a: ID } type Mutation { a: ID }'), logging: false });
  const url = await listening((request, response) => void yoga(request, response));
  expect(await findings(url)).toEqual([
    'LOW field_suggestions',
    'HIGH introspection',
    'LOW detect_graphiql',
    'MEDIUM get_method_support',
    'HIGH alias_overloading',
    'HIGH directive_overloading',
    'MEDIUM post_based_csrf',
    'HIGH field_duplication',
  ]);
});

test('the checks find what such a server has no longer', async () => {
  const types = Array.from({ length: 26 }, (_, n) => ({ name: `T${n}` }));
  const answer = {
    data: { __typename: 'Mutation', __schema: { types } },
    errors: [{ message: 'failed', extensions: { exception: {}, tracing: { version: 1 } } }],
  };
  const url = await listening((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () =>
      response.end(JSON.stringify(body.startsWith('[') ? Array.from({ length: 10 }, () => answer) : answer)),
    );
  });
  const wanted = ['batch_query', 'trace_mode', 'circular_query_introspection', 'get_based_mutation'];
  expect(await findings(url)).toEqual(expect.arrayContaining(wanted.map((name) => expect.stringContaining(name))));
  expect(await findings(url)).toContain('INFO unhandled_error_detection');
});

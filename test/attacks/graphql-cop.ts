/**
 * The checks of graphql-cop (https://github.com/dolevf/graphql-cop, MIT), one for each file of its `lib/tests`: what it sends, and
 * upon which answer it reports a finding. A finding is what it looks for in the answer's JSON or text; whatever makes it fail to look
 * there (no JSON, a member that is not there) is no finding, as in its own `try … except: pass`.
 */
export interface CopCheck {
  /** Its key in graphql-cop's list. */
  readonly name: string;
  readonly severity: 'HIGH' | 'MEDIUM' | 'LOW' | 'INFO';
  readonly request: CopRequest;
  readonly isFinding: (answer: CopAnswer) => boolean;
}

export type CopRequest =
  /** `graph_query`: a POST of JSON with this document and the operation name `cop`, or ten of them in a list. */
  | { readonly kind: 'post'; readonly query: string; readonly batch?: boolean }
  /** `request` with the document in the URL, or with nothing. */
  | { readonly kind: 'get'; readonly query?: string; readonly headers?: Readonly<Record<string, string>> }
  /** `request` with a form in the body. */
  | { readonly kind: 'form'; readonly query: string };

export interface CopAnswer {
  /** Below 400: what makes a response true in Python's requests. */
  readonly ok: boolean;
  readonly text: string;
  /** Undefined where the text is no JSON. */
  readonly json: CopJson | undefined;
}

interface CopJson {
  readonly length?: number;
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message?: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
}

const typename = ({ json }: CopAnswer): boolean => isTrue(json?.data?.['__typename']);

export const copChecks: readonly CopCheck[] = [
  {
    name: 'field_suggestions',
    severity: 'LOW',
    request: { kind: 'post', query: 'query cop { __schema { directive } }' },
    isFinding: ({ json }) => json?.errors?.[0]?.message?.includes('Did you mean') === true,
  },
  {
    name: 'introspection',
    severity: 'HIGH',
    request: { kind: 'post', query: 'query cop { __schema { types { name fields { name } } } }' },
    isFinding: ({ json }) => isTrue(schemaTypes(json)),
  },
  {
    name: 'detect_graphiql',
    severity: 'LOW',
    request: { kind: 'get', headers: { accept: 'text/html' } },
    isFinding: ({ ok, text }) =>
      ok &&
      ['graphiql.min.css', 'GraphQL Playground', 'GraphiQL', 'graphql-playground'].some((word) => text.includes(word)),
  },
  {
    name: 'get_method_support',
    severity: 'MEDIUM',
    request: { kind: 'get', query: 'query cop {__typename}' },
    isFinding: (answer) => answer.ok && typename(answer),
  },
  {
    name: 'alias_overloading',
    severity: 'HIGH',
    request: {
      kind: 'post',
      query: `query cop { ${Array.from({ length: 101 }, (_, n) => `alias${n}:__typename \n`).join('')} }`,
    },
    isFinding: ({ json }) => isTrue(json?.data?.['alias100']),
  },
  {
    name: 'batch_query',
    severity: 'HIGH',
    request: { kind: 'post', query: 'query cop { __typename }', batch: true },
    isFinding: ({ json }) => json !== undefined && (Array.isArray(json) ? json.length : Object.keys(json).length) >= 10,
  },
  {
    name: 'trace_mode',
    severity: 'INFO',
    request: { kind: 'post', query: 'query cop { __typename }' },
    isFinding: ({ json }) => isTrue(json?.errors?.[0]?.extensions?.['tracing']) || inExtensions(json, 'tracing'),
  },
  {
    name: 'directive_overloading',
    severity: 'HIGH',
    request: { kind: 'post', query: 'query cop { __typename @aa@aa@aa@aa@aa@aa@aa@aa@aa@aa }' },
    isFinding: ({ json }) => json?.errors?.length === 10,
  },
  {
    name: 'circular_query_introspection',
    severity: 'HIGH',
    request: {
      kind: 'post',
      query:
        'query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
    },
    isFinding: ({ json }) => {
      const types = schemaTypes(json);
      return Array.isArray(types) && types.length > 25;
    },
  },
  {
    name: 'get_based_mutation',
    severity: 'MEDIUM',
    request: { kind: 'get', query: 'mutation cop {__typename}' },
    isFinding: (answer) => answer.ok && typename(answer),
  },
  {
    name: 'post_based_csrf',
    severity: 'MEDIUM',
    request: { kind: 'form', query: 'query cop { __typename }' },
    isFinding: (answer) => answer.ok && typename(answer),
  },
  {
    name: 'unhandled_error_detection',
    severity: 'INFO',
    request: { kind: 'post', query: 'qwerty cop { abc }' },
    isFinding: ({ json }) => isTrue(json?.errors?.[0]?.extensions?.['exception']) || inExtensions(json, 'exception'),
  },
  // Not in its list of those that are run, but there.
  {
    name: 'field_duplication',
    severity: 'HIGH',
    request: { kind: 'post', query: `query cop { ${'__typename \n'.repeat(500)}} ` },
    isFinding: typename,
  },
];

/** Asks as graphql-cop does, and says whether it would report a finding. */
export async function reports(url: string, check: CopCheck): Promise<boolean> {
  const response = await send(url, check.request);
  const text = await response.text();
  return check.isFinding({ ok: response.status < 400, text, json: parsed(text) });
}

function send(url: string, request: CopRequest): Promise<Response> {
  switch (request.kind) {
    case 'post': {
      const { query, batch = false } = request;
      const body = batch ? Array.from({ length: 10 }, () => ({ query })) : { query, operationName: 'cop' };
      const headers = { 'content-type': 'application/json', accept: '*/*' };
      return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    }
    case 'get': {
      const parameters =
        request.query === undefined ? '' : `?${new URLSearchParams({ query: request.query }).toString()}`;
      return fetch(`${url}${parameters}`, { headers: { accept: '*/*', ...request.headers } });
    }
    case 'form':
      // fetch gives it the content type of a form.
      return fetch(url, { method: 'POST', body: new URLSearchParams({ query: request.query }) });
  }
}

function parsed(text: string): CopJson | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

function schemaTypes(json: CopJson | undefined): unknown {
  return (json?.data?.['__schema'] as { types?: unknown } | null | undefined)?.types;
}

/** It looks for the text `'extensions': {'tracing':` in what Python prints of the answer. */
function inExtensions(json: CopJson | undefined, member: string): boolean {
  return json !== undefined && JSON.stringify(json).toLowerCase().includes(`"extensions":{"${member}":`);
}

/** What Python takes for true. */
function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

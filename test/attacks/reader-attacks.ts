import { repeat } from './document-attack.ts';
import type { Attack } from './document-attack.ts';

const query = '{ songs { id } }';
const hash = 'ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38';

function ofBadHttp(
  code: 'GRAPHQL_PARSE_FAILED' | null,
  requests: Readonly<Record<string, unknown>>,
): readonly Attack[] {
  return Object.entries(requests).map(([name, request]) => ({ name, request, code, overHttp: 'BAD_USER_INPUT' }));
}

/** Requests whose members are not what they should be, and documents that are not sent. */
export const readerAttacks: readonly Attack[] = [
  ...ofBadHttp('GRAPHQL_PARSE_FAILED', {
    'a request of nothing': {},
    'a batch of one': [{ query }],
    'a batch of a hundred': Array.from({ length: 100 }, () => ({ query })),
    'an empty batch': [],
    'a document that is a number': { query: 5 },
    'a document that is null': { query: null },
    'a document that is a list': { query: [query] },
    'a document that is an object': { query: { toString: query } },
    'a hash that is a number': { extensions: { persistedQuery: { version: 1, sha256Hash: 5 } } },
    'a persisted query that is null': { extensions: { persistedQuery: null } },
    'an id that is a number': { documentId: 5 },
    'a document in a parameter of another name': { document: query },
  }),
  ...ofBadHttp(null, {
    'extensions that are a text': { query, extensions: 'x' },
    'extensions that are a list': { query, extensions: [] },
  }),
  ...(
    [
      ['a hash alone', { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }],
      [
        'a hash with variables',
        { extensions: { persistedQuery: { version: 1, sha256Hash: hash } }, variables: { a: 1 } },
      ],
      ['a hash that is __proto__', { extensions: { persistedQuery: { version: 1, sha256Hash: '__proto__' } } }],
      [
        'a hash of fifty thousand letters',
        { extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(50_000) } } },
      ],
      ['an id alone', { documentId: 'sha256:0' }],
      ['an id that is __proto__', { documentId: '__proto__' }],
      ['an id of fifty thousand letters', { documentId: 'a'.repeat(50_000) }],
      ["an id in Relay's words", { doc_id: '1' }],
      ['an empty document with an id', { query: '', documentId: '1' }],
      ['an id among the extensions', { extensions: { documentId: '1' } }],
      [
        'an operation that there is not',
        { query: 'query A { songs { id } } query B { artists { id } }', operationName: 'C' },
      ],
      ['an operation called __proto__', { query: 'query A { songs { id } }', operationName: '__proto__' }],
      ['several operations and no name', { query: 'query A { songs { id } } query B { artists { id } }' }],
      ['a name that is a number', { query, operationName: 5 }],
      ['a name that is an object', { query, operationName: { toString: 'A' } }],
      ['a hundred operations and no name', { query: repeat(100, (i) => `query Q${i} { songs { id } }`) }],
    ] as const
  ).map(([name, request]): Attack => ({ name, request, code: 'BAD_USER_INPUT' })),
  ...(
    [
      [
        'a text beside a hash of another one',
        { query, extensions: { persistedQuery: { version: 1, sha256Hash: hash } } },
      ],
      ['extensions of other servers', { query, extensions: { tracing: true, cacheControl: { noCache: true } } }],
      ['extensions that are null', { query, extensions: null }],
      ['a name that is null', { query, operationName: null }],
      ['a name that is empty', { query, operationName: '' }],
    ] as const
  ).map(([name, request]): Attack => ({ name, request, code: null })),
];

import { asJson, genres, get, head, post, type RequestAttack } from './wire-attack.ts';

const bad = { status: 400, code: 'BAD_USER_INPUT' } as const;
const nowhere = { status: 404, code: 'BAD_USER_INPUT' } as const;
const tooLong = { status: 431, code: 'LIMIT_EXCEEDED' } as const;
const tooSlow = { status: 408, code: 'TIMEOUT' } as const;

const hosts: Readonly<Record<string, string>> = {
  'with a user': 'admin@127.0.0.1',
  'with a path': '127.0.0.1/graphql',
  'with a blank': '127.0.0.1 evil.test',
  'with a port beyond all ports': '127.0.0.1:99999',
  'with a port that is none': '127.0.0.1:http',
  'with brackets that do not close': '[::1',
  'with a zone': '[fe80::1%25eth0]',
  'with a query': '127.0.0.1?a=b',
  'with markup': '<script>alert(1)</script>',
  'of other than ASCII': 'h\u00f6st',
};

const paths: Readonly<Record<string, string>> = {
  'with a slash behind': '/graphql/',
  'with two slashes before': '//graphql',
  'in capitals': '/GraphQL',
  'that goes up': '/graphql/../graphql',
  'with an encoded letter': '/%67raphql',
  'with a NUL behind': '/graphql%00',
  'with a parameter of the path': '/graphql;a=b',
  'of another server': 'http://evil.test/graphql',
  'of administration': '/admin/sessions/drop',
  'of metrics': '/metrics',
  'of the store': '/.headgate/data.mdb',
  'of the system': '/../../../../etc/passwd',
};

const methods: readonly RequestAttack[] = ['PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'].map((method) => ({
  name: `the method ${method}`,
  pieces: [head(method, '/graphql', { 'content-length': '0' })],
  status: 405,
  code: 'BAD_USER_INPUT',
}));

const byGet: readonly RequestAttack[] = [
  { name: 'a mutation', pieces: [get({ query: 'mutation { a }' })], status: 405, code: 'GRAPHQL_VALIDATION_FAILED' },
  { name: 'a query that any page can send', pieces: [get({ query: genres }, { 'x-headgate-preflight': '' })], ...bad },
  {
    name: 'a subscription, as if it were a query',
    pieces: [get({ query: `subscription ${genres}` })],
    status: 406,
    code: 'BAD_USER_INPUT',
  },
  { name: 'variables that are no JSON', pieces: [get({ query: genres, variables: '{' })], ...bad },
  { name: 'extensions that are no JSON', pieces: [get({ query: genres, extensions: '}' })], ...bad },
  {
    name: 'a URL longer than headers may be',
    pieces: [get({ query: `${genres}#${'x'.repeat(20_000)}` })],
    ...tooLong,
  },
  { name: 'nothing', pieces: [get({})], ...bad },
  {
    name: 'a URL that cannot be decoded',
    pieces: [get({}).replace('?', '?query=%E0%A4%A')],
    status: 400,
    code: 'GRAPHQL_PARSE_FAILED',
  },
  {
    name: 'a page',
    pieces: [head('GET', '/graphql', { accept: 'text/html' })],
    status: 406,
  },
].map((attack) => ({ ...attack, name: `by GET, ${attack.name}` }) as RequestAttack);

const brokenHeads: readonly RequestAttack[] = [
  { name: 'headers that never end', pieces: ['POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\na: b\r\n'], ...tooSlow },
  { name: 'a first line that never ends', pieces: ['POST /graph'], ...tooSlow },
  { name: 'nothing at all', pieces: [], ...tooSlow },
  { name: 'a header that is folded', pieces: post(asJson, { a: 'b\r\n content-length: 5' }), ...bad },
  { name: 'a header without a colon', pieces: post(asJson, { a: 'b\r\nnocolon' }), ...bad },
  { name: 'a blank before the colon', pieces: post(asJson, { 'content-length ': '5' }), ...bad },
  { name: 'a NUL in a header', pieces: post(asJson, { a: 'b\u0000c' }), ...bad },
  { name: 'a carriage return in a header', pieces: post(asJson, { a: 'b\rc: d' }), ...bad },
  {
    name: 'lines that end in a line feed alone',
    pieces: ['POST /graphql HTTP/1.1\nhost: 127.0.0.1\n\n'],
    ...bad,
  },
  { name: 'HTTP/0.9', pieces: ['GET /graphql\r\n\r\n'], ...bad },
  { name: 'HTTP/3.7', pieces: [head('GET', '/graphql', {}, 'HTTP/3.7')], ...bad },
  { name: 'the preface of HTTP/2', pieces: ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], ...bad },
  { name: 'TLS where there is none', pieces: [Buffer.from('16030100a5010000a10303', 'hex')], ...bad },
  { name: 'another protocol', pieces: ['EHLO evil.test\r\nMAIL FROM:<a@b>\r\n'], ...bad },
  { name: 'Redis', pieces: ['*1\r\n$4\r\nPING\r\n'], ...bad },
  {
    name: 'bytes of no protocol',
    pieces: [Buffer.from(Array.from({ length: 2_000 }, (_, n) => (n * 37) % 256))],
    ...bad,
  },
  { name: 'headers longer than they may be', pieces: post(asJson, { a: 'x'.repeat(20_000) }), ...tooLong },
  {
    name: 'more headers than there may be',
    pieces: post(asJson, Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`h${n}`, 'x']))),
    ...tooLong,
  },
];

/** What a request is before its body: its first line, its headers. */
export const httpAttacks: readonly RequestAttack[] = [
  ...Object.entries(hosts).map(([what, host]) => ({ name: `a Host ${what}`, pieces: post(asJson, { host }), ...bad })),
  { name: 'no Host', pieces: post(asJson, { host: '' }), status: 400 },
  { name: 'two Hosts', pieces: post(asJson, { Host: 'evil.test' }), ...bad },
  ...Object.entries(paths).map(([what, path]) => ({
    name: `a path ${what}`,
    pieces: [
      head('POST', path, { 'content-type': 'application/json', 'content-length': String(asJson.length) }),
      asJson,
    ],
    ...nowhere,
  })),
  ...methods,
  { name: 'a method that is none', pieces: [head('QUERYALL', '/graphql')], ...bad },
  { name: 'CONNECT', pieces: [head('CONNECT', 'evil.test:443')], status: 'cut' },
  {
    name: 'an answer in XML',
    pieces: post(asJson, { accept: 'application/xml' }),
    status: 406,
    code: 'BAD_USER_INPUT',
  },
  ...byGet,
  ...brokenHeads,
];

import { gzipSync } from 'node:zlib';
import { asJson, genres, head, post, type RequestAttack } from './wire-attack.ts';

const noJson = { status: 415, code: 'BAD_USER_INPUT' } as const;
const bad = { status: 400, code: 'BAD_USER_INPUT' } as const;
const unparsed = { status: 400 } as const;

const otherTypes: Readonly<Record<string, string>> = {
  'a text': 'text/plain',
  'a text with JSON behind it': 'text/plain;application/json',
  'a form': 'application/x-www-form-urlencoded',
  'an upload': 'multipart/form-data; boundary=x',
  'a bare document': 'application/graphql',
  'nothing that it says': '',
  'two types at once': 'application/json, text/plain',
  'JSON in UTF-16': 'application/json; charset=utf-16',
  'JSON in UTF-7': 'application/json; charset=utf-7',
  'JSON in Latin-1': 'application/json;charset=iso-8859-1',
  'JSON in two encodings': 'application/json; charset=utf-8; charset=utf-7',
  'JSON in an encoding of 10,000 letters': `application/json; charset=${'u'.repeat(10_000)}`,
  'a type that begins like JSON': 'application/jsonp',
  'JSON of another kind': 'application/ld+json',
};

/** JSON that is no operation. */
const noOperations: Readonly<Record<string, string>> = {
  nothing: '',
  blanks: '   ',
  'half of it': asJson.slice(0, -4),
  'a number': '1',
  null: 'null',
  'a text': '"{ genres { id } }"',
  'an empty list': '[]',
  'a batch': `[${asJson}]`,
  'a batch of a thousand': `[${Array.from({ length: 1_000 }, () => asJson).join()}]`,
  'an empty object': '{}',
  'a number for a document': '{"query":1}',
  'a list for a document': `{"query":["${genres}"]}`,
  'an object for a document': '{"query":{"toString":"x"}}',
  'a text for variables': `{"query":"${genres}","variables":"{}"}`,
  'a list for variables': `{"query":"${genres}","variables":[]}`,
  'a number for variables': `{"query":"${genres}","variables":1}`,
  'a text for extensions': `{"query":"${genres}","extensions":"{}"}`,
  'a list for extensions': `{"query":"${genres}","extensions":[]}`,
  'a number for the name of the operation': `{"query":"${genres}","operationName":1}`,
  'an object for the name of the operation': `{"query":"${genres}","operationName":{"length":1}}`,
  'an operation that is not there': `{"query":"${genres}","operationName":"__proto__"}`,
  'a document in the prototype': `{"__proto__":{"query":"${genres}"}}`,
  'brackets, nested 40,000 deep': `{"query":${'['.repeat(40_000)}${']'.repeat(40_000)}}`,
  'brackets that never close': '['.repeat(90_000),
  'variables nested 20,000 deep': `{"query":"query($a: ArtistWhere) { __typename }","variables":{"a":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}}`,
  'JSON with a comma too many': `{"query":"${genres}",}`,
  'JSON with a comment': `/* */${asJson}`,
  'single quotes': `{'query':'${genres}'}`,
  'two documents one after the other': `${asJson}${asJson}`,
  NaN: `{"query":"${genres}","variables":{"a":NaN}}`,
};

export const bodyAttacks: readonly RequestAttack[] = [
  ...Object.entries(otherTypes).map(([what, type]) => ({
    name: `a body that is ${what}`,
    pieces: post(asJson, { 'content-type': type }),
    ...noJson,
  })),
  {
    name: 'a form with a document',
    pieces: post(`query=${encodeURIComponent(genres)}`, { 'content-type': 'application/x-www-form-urlencoded' }),
    ...noJson,
  },
  {
    name: 'an upload of files',
    pieces: post(
      `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${asJson}\r\n--x\r\ncontent-disposition: form-data; name="map"\r\n\r\n{}\r\n--x--\r\n`,
      { 'content-type': 'multipart/form-data; boundary=x' },
    ),
    ...noJson,
  },
  ...Object.entries(noOperations).map(([what, body]) => ({
    name: `a body of ${what}`,
    pieces: post(body),
    ...bad,
  })),
  { name: 'a body in gzip', pieces: post(gzipSync(asJson), { 'content-encoding': 'gzip' }), ...bad },
  {
    name: 'a body in gzip that would be a thousand times as long',
    pieces: post(gzipSync(Buffer.alloc(20_000_000, 0x20)), { 'content-encoding': 'gzip' }),
    ...bad,
  },
  { name: 'a body in UTF-16', pieces: post(Buffer.from(asJson, 'utf16le')), ...bad },
  {
    name: 'a body of bytes that are no UTF-8',
    pieces: post(Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0])),
    ...bad,
  },
  { name: 'a body of NULs', pieces: post(Buffer.alloc(1_000)), ...bad },
  {
    name: 'a body that says it is too long',
    pieces: [head('POST', '/graphql', { 'content-type': 'application/json', 'content-length': '1000000000' })],
    status: 413,
    code: 'LIMIT_EXCEEDED',
  },
  {
    name: 'a body that is too long',
    pieces: post(`{"query":"${' '.repeat(110_000)}"}`),
    status: 413,
    code: 'LIMIT_EXCEEDED',
  },
  {
    name: 'a body that is too long, in chunks',
    pieces: [
      head('POST', '/graphql', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }),
      ...Array.from({ length: 12 }, () => `2710\r\n${' '.repeat(10_000)}\r\n`),
    ],
    status: 413,
    code: 'LIMIT_EXCEEDED',
  },
  {
    name: 'chunks without end',
    pieces: [
      head('POST', '/graphql', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }),
      '1\r\n{\r\n',
    ],
    status: 408,
    code: 'TIMEOUT',
  },
  {
    name: 'a body shorter than it says',
    pieces: post(asJson, { 'content-length': '1000' }),
    status: 408,
    code: 'TIMEOUT',
  },
  { name: 'a length that is negative', pieces: post(asJson, { 'content-length': '-1' }), ...bad },
  { name: 'a length that is no number', pieces: post(asJson, { 'content-length': 'many' }), ...bad },
  { name: 'a length in hexadecimal', pieces: post(asJson, { 'content-length': '0x1d' }), ...bad },
  { name: 'a length beyond all numbers', pieces: post(asJson, { 'content-length': '9'.repeat(30) }), ...bad },
  { name: 'two lengths', pieces: post(asJson, { 'Content-Length': '5' }), ...bad },
  { name: 'a length and chunks', pieces: post(asJson, { 'transfer-encoding': 'chunked' }), ...bad },
  {
    name: 'chunks whose lengths are no numbers',
    pieces: [
      head('POST', '/graphql', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }),
      'zz\r\n{}\r\n',
    ],
    ...unparsed,
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'chunks longer than any number',
    pieces: [
      head('POST', '/graphql', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }),
      `${'f'.repeat(40)}\r\n{}\r\n`,
    ],
    ...bad,
  },
  {
    name: 'an encoding of transfer that is none',
    pieces: [head('POST', '/graphql', { 'content-type': 'application/json', 'transfer-encoding': 'xchunked' }), asJson],
    ...bad,
  },
  {
    name: 'chunks, said twice over',
    pieces: [
      head('POST', '/graphql', { 'content-type': 'application/json', 'transfer-encoding': 'chunked, identity' }),
      `${asJson.length.toString(16)}\r\n${asJson}\r\n0\r\n\r\n`,
    ],
    ...bad,
  },
];

import { handshake } from '../../support/raw-websocket.ts';
import { asJson, post, type RequestAttack } from './wire-attack.ts';

const bad = { status: 400 } as const;
const forbidden = { status: 403, code: 'FORBIDDEN' } as const;

/** Of pages that may not connect, where `https://shop.example` may. */
const origins: Readonly<Record<string, string>> = {
  'of another site': 'https://evil.test',
  null: 'null',
  'of a sandboxed frame': 'NULL',
  'that begins like an allowed one': 'https://shop.example.evil.test',
  'that ends like an allowed one': 'https://evilshop.example',
  'of a subdomain': 'https://a.shop.example',
  'of the other scheme': 'http://shop.example',
  'of another port': 'https://shop.example:444',
  'with an allowed one as its user': 'https://shop.example@evil.test',
  'with this host as its user': 'http://127.0.0.1@evil.test',
  'with this host and a password': 'http://127.0.0.1:80@evil.test',
  'with an allowed one as its path': 'https://evil.test/https://shop.example',
  'with an allowed one as its fragment': 'https://evil.test#shop.example',
  'with a backslash': 'https://evil.test\\@shop.example',
  'with a dot behind': 'https://shop.example.',
  'of a file': 'file://',
  'of an extension': 'chrome-extension://abcdef',
  'of data': 'data:text/html,hello',
  'of a script': 'javascript:alert(1)',
  'that is a list': 'https://shop.example, https://evil.test',
  'that is a list with a blank': 'https://shop.example https://evil.test',
  'in other letters': 'https://sh\u03bfp.example',
  'with a wildcard': '*',
  'of no host': 'https://',
  'of 10,000 letters': `https://${'a'.repeat(10_000)}.test`,
  'of localhost, which is not this name': 'http://localhost',
  'of this address, written otherwise': 'http://127.1.1.1',
};

export const upgradeAttacks: readonly RequestAttack[] = [
  ...Object.entries(origins).map(([what, origin]) => ({
    name: `an Origin ${what}`,
    pieces: [handshake({ origin })],
    ...forbidden,
  })),
  {
    name: 'two Origins',
    pieces: [handshake({ origin: 'https://shop.example', Origin: 'https://evil.test' })],
    ...forbidden,
  },
  {
    name: 'the Host of another site, with its Origin in another port',
    pieces: [handshake({ host: 'evil.test', origin: 'http://evil.test:81' })],
    ...forbidden,
  },
  { name: 'a Host that is none', pieces: [handshake({ host: 'a b' })], ...bad, code: 'BAD_USER_INPUT' },
  { name: 'two Hosts', pieces: [handshake({ Host: 'evil.test' })], ...bad, code: 'BAD_USER_INPUT' },
  { name: 'another path', pieces: [handshake({}, '/other')], status: 404, code: 'BAD_USER_INPUT' },
  { name: 'the root', pieces: [handshake({}, '/')], status: 404, code: 'BAD_USER_INPUT' },
  { name: 'the metrics', pieces: [handshake({}, '/metrics')], status: 404, code: 'BAD_USER_INPUT' },
  {
    name: 'the address of another server',
    pieces: [handshake({}, 'ws://evil.test/graphql')],
    status: 404,
    code: 'BAD_USER_INPUT',
  },
  { name: 'no key', pieces: [handshake({ 'sec-websocket-key': undefined })], ...bad },
  { name: 'a key that is too short', pieces: [handshake({ 'sec-websocket-key': 'abc' })], ...bad },
  { name: 'a key that is none', pieces: [handshake({ 'sec-websocket-key': `${'!'.repeat(22)}==` })], ...bad },
  { name: 'version 8', pieces: [handshake({ 'sec-websocket-version': '9' })], ...bad },
  { name: 'no version', pieces: [handshake({ 'sec-websocket-version': undefined })], ...bad },
  {
    name: 'a protocol named twice',
    pieces: [handshake({ 'sec-websocket-protocol': 'graphql-transport-ws, graphql-transport-ws' })],
    ...bad,
  },
  { name: 'a protocol that is none', pieces: [handshake({ 'sec-websocket-protocol': 'a;b' })], ...bad },
  { name: 'a protocol that is empty', pieces: [handshake({ 'sec-websocket-protocol': ',' })], ...bad },
  { name: 'an upgrade by POST', pieces: [handshake().replace('GET', 'POST')], status: 405 },
  {
    name: 'an upgrade by HTTP/1.0',
    pieces: [handshake().replace('HTTP/1.1', 'HTTP/1.0')],
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'headers of an upgrade that are too long',
    pieces: [handshake({ cookie: 'x'.repeat(20_000) })],
    status: 431,
    code: 'LIMIT_EXCEEDED',
  },
  {
    name: 'an upgrade to h2c, with a body that is none',
    pieces: post('{', { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' }),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'an upgrade to TLS',
    pieces: post(`${asJson}}`, { connection: 'Upgrade', upgrade: 'TLS/1.2' }),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'an upgrade to several protocols',
    pieces: post('[]', { connection: 'Upgrade', upgrade: 'websocket, h2c' }),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
];

import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../../src/config/authenticate.ts';
import { GatewayError } from '../../../src/common/errors.ts';
import { presentedBy } from '../../../src/identity/credentials.ts';

const token = { kind: 'token', token: 'abc' } as const;
const apiKey = { kind: 'apiKey', apiKey: 'k1' } as const;
const none = { kind: 'none' } as const;

function http(headers: Credentials['headers']): Credentials {
  return { transport: 'http', headers, address: '192.0.2.1' };
}

function socket(
  connectionParams: Record<string, unknown> | undefined,
  headers: Credentials['headers'] = {},
): Credentials {
  return { transport: 'websocket', headers, connectionParams, address: '192.0.2.1' };
}

describe('headers', () => {
  test.each([
    [{}, none],
    [{ authorization: 'Bearer abc' }, token],
    [{ authorization: 'bearer   abc ' }, token],
    [{ authorization: 'Bearer' }, { kind: 'token', token: '' }],
    [{ authorization: 'Basic dTpw' }, { kind: 'other' }],
    [{ authorization: 'Bearerabc' }, { kind: 'other' }],
    [{ authorization: '' }, none],
    [{ 'x-api-key': 'k1' }, apiKey],
    [{ cookie: 'session=abc' }, none],
  ])('%j', (headers, expected) => {
    expect(presentedBy(http(headers))).toEqual(expected);
  });
});

describe('connectionParams', () => {
  test.each<[Record<string, unknown> | undefined, object]>([
    [undefined, none],
    [{}, none],
    [{ authorization: 'Bearer abc' }, token],
    [{ Authorization: 'Bearer abc' }, token],
    [{ headers: { Authorization: 'Bearer abc' } }, token],
    [{ headers: { authorization: 'Bearer abc' } }, token],
    [{ headers: { 'X-Api-Key': 'k1' } }, apiKey],
    [{ headers: 'Bearer abc' }, none],
    [{ token: 'abc' }, token],
    [{ token: 'Bearer abc' }, token],
    [{ apiKey: 'k1' }, apiKey],
    [{ token: null, apiKey: undefined, authorization: '' }, none],
    [{ Authorization: 'Bearer abc', headers: { authorization: 'Bearer abc' }, token: 'abc' }, token],
    [Object.create({ token: 'abc' }) as Record<string, unknown>, none],
  ])('%j', (params, expected) => {
    expect(presentedBy(socket(params))).toEqual(expected);
  });

  test('come before the headers of the upgrade, which are read where they hold nothing', () => {
    const headers = { authorization: 'Bearer of-the-proxy' };
    expect(presentedBy(socket({ apiKey: 'k1' }, headers))).toEqual(apiKey);
    expect(presentedBy(socket({ token: null }, headers))).toEqual({ kind: 'token', token: 'of-the-proxy' });
  });
});

test('a URL is not looked at', () => {
  const headers = { referer: 'https://shop.example/?token=abc', ':path': '/graphql?access_token=abc' };
  expect(presentedBy(http(headers))).toEqual(none);
});

describe('refused are', () => {
  test.each<[string, Credentials]>([
    ['a token and an API key', http({ authorization: 'Bearer abc', 'x-api-key': 'k1' })],
    ['a token and an API key in connectionParams', socket({ token: 'abc', apiKey: 'k1' })],
    ['two tokens', socket({ token: 'abc', authorization: 'Bearer abd' })],
    ['a password and an API key', http({ authorization: 'Basic dTpw', 'x-api-key': 'k1' })],
  ])('%s', (_, credentials) => {
    expect(() => presentedBy(credentials)).toThrow(
      expect.objectContaining({
        code: 'UNAUTHENTICATED',
        message: expect.stringContaining('Send one token or one API key'),
      }),
    );
  });

  test.each([5, {}, [], true])('what is no text: %j', (given) => {
    expect(() => presentedBy(socket({ token: given }))).toThrow(GatewayError);
  });

  test('texts that are too long to be credentials', () => {
    expect(() => presentedBy(socket({ token: 'x'.repeat(16_385) }))).toThrow('at most 16384 characters');
  });
});

import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { addressOf } from '../../../src/server/addresses.ts';

function from(remoteAddress: string | undefined, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

test.each([
  ['nobody is believed by default', 0, '9.9.9.9', '1.1.1.1'],
  ['one proxy tells whom it heard', 1, '1.1.1.1', '1.1.1.1'],
  ['what the client wrote itself stands further left', 1, '6.6.6.6, 1.1.1.1', '1.1.1.1'],
  ['two proxies: the inner one heard the outer one', 2, '6.6.6.6, 1.1.1.1, 2.2.2.2', '1.1.1.1'],
  ['a list that is too short did not come through them all', 2, '6.6.6.6', '9.9.9.9'],
  ['an entry that is no address is nobody', 1, 'unknown', '9.9.9.9'],
  ['an empty header is none', 1, '', '9.9.9.9'],
  ['ports are not part of an address', 1, '1.1.1.1:4711', '1.1.1.1'],
  ['brackets of IPv6 neither', 1, '[2001:DB8::1]:4711', '2001:db8::1'],
  ['IPv6 as it is', 1, '2001:db8::1', '2001:db8::1'],
  ['IPv4 in IPv6 is IPv4', 1, '::ffff:1.1.1.1', '1.1.1.1'],
] as const)('%s', (_, hops, forwarded, expected) => {
  const own = hops === 0 ? '1.1.1.1' : '9.9.9.9';
  expect(addressOf(from(own, forwarded), hops)).toBe(expected);
});

test('a socket that takes both kinds of addresses shows IPv4 as it is', () => {
  expect(addressOf(from('::ffff:127.0.0.1'), 0)).toBe('127.0.0.1');
  expect(addressOf(from(undefined), 0)).toBe('');
});

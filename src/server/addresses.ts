import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The address of who asks. `trustProxy` is the number of proxies in front that Headgate may believe: each appends to
 * `x-forwarded-for` whom it heard, so the client is that many entries from the right, and what stands further left anybody can
 * write. A list that is shorter, or an entry that is no address, did not come through them: the connection's own address counts.
 */
export function addressOf({ headers, socket }: IncomingMessage, trustProxy: number): string {
  const own = withoutMapping(socket.remoteAddress ?? '');
  const forwarded = trustProxy === 0 ? undefined : headers['x-forwarded-for'];
  if (forwarded === undefined) return own;
  const entry = plain((typeof forwarded === 'string' ? forwarded : forwarded.join()).split(',').at(-trustProxy) ?? '');
  return isIP(entry) === 0 ? own : entry;
}

/** Without a port and brackets. */
function plain(address: string): string {
  const text = address.trim().toLowerCase();
  const [, bracketed, withPort] = /^(?:\[(.*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  return withoutMapping(bracketed ?? withPort ?? text);
}

/** IPv4 as it is: on a socket that takes both kinds it has a prefix. */
function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

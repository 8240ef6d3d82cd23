import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServerLimits } from '../config/limits.ts';
import type { Origins } from './origins.ts';
import type { Refusals } from './refusals.ts';
import { hasGoodHost, noHost, otherName, otherOrigin } from './request-checks.ts';
import { graphqlPath } from './requests.ts';
import { pathOf, refuseUpgrade } from './responses.ts';
import type { Sockets } from './sockets.ts';
import { TokenBucket } from './token-bucket.ts';
import { answerWithoutUpgrade } from './without-upgrade.ts';

export interface UpgradeOptions {
  readonly sockets: Sockets;
  readonly origins: Origins;
  /** Whether the name that the client calls us by is one of ours. */
  readonly isForUs: (request: IncomingMessage) => boolean;
  readonly limits: ServerLimits;
  readonly refusals: Refusals;
  readonly draining: () => boolean;
  /** ms since 1970. */
  readonly now: () => number;
}

/** Before a handshake, nothing is looked at but whether there may be one. Who it is a client says in `connection_init`. */
export function takeUpgrades(server: HttpServer, options: UpgradeOptions): void {
  const { sockets, origins, isForUs, limits, refusals, draining, now } = options;
  const { maxAcceptsPerSecond } = limits;
  const accepts = new TokenBucket(maxAcceptsPerSecond, 2 * maxAcceptsPerSecond, now());

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A reset before the handshake is nobody's problem.
    socket.on('error', () => {});
    // HTTP/1.0 has no upgrades, and who speaks it knows nothing of the connection that follows.
    if (request.headers.upgrade?.toLowerCase() !== 'websocket' || request.httpVersion === '1.0')
      return answerWithoutUpgrade(server, request, socket, head);
    if (pathOf(request) !== graphqlPath)
      return refuseUpgrade(socket, 404, 'BAD_USER_INPUT', `No WebSockets are served here. They are at ${graphqlPath}.`);
    if (draining()) return refuseUpgrade(socket, 503, 'OVERLOADED', 'Headgate is shutting down. Try again shortly.');
    if (!hasGoodHost(request)) return refuseUpgrade(socket, noHost.status, 'BAD_USER_INPUT', noHost.message);
    if (!isForUs(request)) return refuseUpgrade(socket, otherName.status, 'FORBIDDEN', otherName.message);
    if (!origins.mayConnect(request)) return refuseUpgrade(socket, 403, 'FORBIDDEN', otherOrigin);
    if (accepts.take(now()) > 0) {
      refusals.count('maxAcceptsPerSecond');
      const message = `More than ${maxAcceptsPerSecond} WebSockets a second are opened (setting maxAcceptsPerSecond). Try again shortly.`;
      return refuseUpgrade(socket, 503, 'OVERLOADED', message);
    }
    sockets.upgrade(request, socket, head);
  });
}

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Log } from '../common/log.ts';
import { GatewayError, internalMessage } from '../common/errors.ts';
import type { Identity } from '../identity/identity.ts';
import type { Caller } from '../model/caller.ts';
import { addressOf } from './addresses.ts';

/** Finds out who asks, for every transport; what goes wrong is told in the words of the transport. */
export interface Callers {
  /** Of a request. A promise only where keys have to be fetched first. Throws and rejects with GatewayError alone. */
  ofRequest(transport: 'http' | 'sse', request: IncomingMessage): Caller | Promise<Caller>;
  /** Of a WebSocket: what its upgrade showed, and what it says in `connection_init`. As above. */
  ofSocket(shown: Shown, connectionParams: Readonly<Record<string, unknown>> | undefined): Caller | Promise<Caller>;
  /** To be kept for `ofSocket`. */
  shownBy(request: IncomingMessage): Shown;
}

/** What a request tells of its client. */
export interface Shown {
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
}

export function createCallers(identity: Identity, trustProxy: number, log: Log): Callers {
  if (!identity.configured) return sameForAll(identity);

  function shownBy(request: IncomingMessage): Shown {
    return { headers: request.headers, address: addressOf(request, trustProxy) };
  }

  function expected(error: unknown): GatewayError {
    if (error instanceof GatewayError) return error;
    log.error('a caller could not be identified', { error });
    return new GatewayError('INTERNAL', internalMessage);
  }

  function identify(credentials: Parameters<Identity['identify']>[0]): Caller | Promise<Caller> {
    try {
      const caller = identity.identify(credentials);
      return caller instanceof Promise ? caller.catch((error: unknown) => Promise.reject(expected(error))) : caller;
    } catch (error) {
      throw expected(error);
    }
  }

  return {
    ofRequest: (transport, request) => identify({ transport, ...shownBy(request) }),
    ofSocket: (shown, connectionParams) => identify({ transport: 'websocket', ...shown, connectionParams }),
    shownBy,
  };
}

/** Where nobody is asked, nobody is looked at: everybody is the same caller. */
function sameForAll(identity: Identity): Callers {
  const nothing: Shown = { headers: {}, address: '' };
  const everybody = identity.identify({ transport: 'http', ...nothing });
  return { ofRequest: () => everybody, ofSocket: () => everybody, shownBy: () => nothing };
}

/** For the code of a close: what graphql-ws clients take as an invitation to come back with new credentials, and what as none. */
export const closeCodes = {
  newCredentials: 4403,
  badCredentials: 4401,
  tryAgainLater: 1013,
  internalError: 4500,
} as const;

export function closeCodeOf({ code, details }: GatewayError): number {
  if (code === 'OVERLOADED') return closeCodes.tryAgainLater;
  if (code !== 'UNAUTHENTICATED') return closeCodes.internalError;
  // A token that has expired is the one kind of bad credentials that its owner can mend without a person.
  return details['retryable'] === true ? closeCodes.newCredentials : closeCodes.badCredentials;
}

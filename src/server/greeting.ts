import { GatewayError } from '../common/errors.ts';
import type { Caller } from '../model/caller.ts';
import type { CallerLimits } from './caller-limits.ts';
import { type Callers, closeCodeOf } from './callers.ts';
import type { Sessions } from './sessions.ts';
import type { SocketClient } from './socket-client.ts';

export interface GreetingOptions {
  readonly callers: Callers;
  readonly callerLimits: CallerLimits;
  readonly sessions: Sessions;
}

/**
 * What happens upon `connection_init`: it is found out who is at the other end of the WebSocket, and a session begins. False where
 * the socket has been closed instead, with a code that tells the client whether to come back. No promise unless keys have to be
 * fetched.
 */
export type Greet = (
  client: SocketClient,
  connectionParams: Readonly<Record<string, unknown>> | undefined,
) => boolean | Promise<boolean>;

export function createGreeting({ callers, callerLimits, sessions }: GreetingOptions): Greet {
  function admit(client: SocketClient, caller: Caller): boolean {
    // It may have gone while it was found out who it is.
    if (!client.isOpen) return false;
    const tooMany = callerLimits.connection(caller);
    if (tooMany !== undefined) return turnAway(client, tooMany);
    client.session = sessions.open(caller, (ending) => client.finish(ending));
    return true;
  }

  return (client, connectionParams) => {
    try {
      const caller = callers.ofSocket(client.shown, connectionParams);
      if (!(caller instanceof Promise)) return admit(client, caller);
      return caller.then(
        (found) => admit(client, found),
        (error: unknown) => turnAway(client, error),
      );
    } catch (error) {
      return turnAway(client, error);
    }
  };
}

function turnAway(client: SocketClient, error: unknown): false {
  if (!(error instanceof GatewayError)) throw error;
  client.dismiss(closeCodeOf(error), error.message);
  return false;
}

import { GatewayError } from '../common/errors.ts';

/**
 * Credentials that are no good. The message is a fixed text, and there is no cause: nothing of what a client sent may come out
 * in an answer or a log.
 */
export function refused(message: string): GatewayError {
  return new GatewayError('UNAUTHENTICATED', message);
}

/** Credentials that were good: their owner mends it by getting new ones, so a client may come back by itself. */
export function outdated(message: string): GatewayError {
  return new GatewayError('UNAUTHENTICATED', message, { retryable: true });
}

/** Credentials that nobody can judge at the moment. */
export function unavailable(message: string): GatewayError {
  return new GatewayError('OVERLOADED', message, { retryable: true });
}

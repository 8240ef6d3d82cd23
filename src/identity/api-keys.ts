import { hash } from 'node:crypto';
import type { ApiKey } from '../config/identity-settings.ts';
import type { Caller } from '../model/caller.ts';
import { rolesAt } from './callers.ts';

export interface ApiKeyCallers {
  /** Undefined for a key that is none of them. */
  callerOf(apiKey: string): Caller | undefined;
}

/** The callers that API keys stand for, one object each for as long as the process runs. `rolesClaim` is for keys without `roles`. */
export function createApiKeyCallers(keys: readonly ApiKey[], rolesClaim: string): ApiKeyCallers {
  // Found by their hash, of which time may tell something, and from which nobody gets to the key.
  const callers = new Map(
    keys.map((key): readonly [string, Caller] => [key.sha256.toLowerCase(), callerOf(key, rolesClaim)]),
  );
  return { callerOf: (apiKey) => callers.get(hash('sha256', apiKey, 'hex')) };
}

function callerOf({ name, roles, claims: given, requestsPerSecond }: ApiKey, rolesClaim: string): Caller {
  const claims = { sub: name, ...given };
  return {
    identified: true,
    claims,
    roles: roles === undefined ? rolesAt(claims, rolesClaim) : new Set(roles),
    id: `key:${name}`,
    requestsPerSecond,
  };
}

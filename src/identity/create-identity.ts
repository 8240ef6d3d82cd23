import type { Credentials } from '../config/authenticate.ts';
import { defaultRolesClaim, isIdentityConfigured } from '../config/identity-settings.ts';
import type { IdentitySettings } from '../config/identity-settings.ts';
import { jwtMistakes } from '../config/jwt-settings.ts';
import { SetupError, type GatewayError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { Caller } from '../model/caller.ts';
import { createApiKeyCallers } from './api-keys.ts';
import { anonymous, rolesAt, subjectOf } from './callers.ts';
import { presentedBy } from './credentials.ts';
import type { Presented } from './credentials.ts';
import { createHook } from './hook.ts';
import type { Identity } from './identity.ts';
import { outdated, refused } from './refused.ts';
import { Revocations } from './revocations.ts';
import { TokenCallers } from './token-callers.ts';
import { createTokenVerifier } from './tokens.ts';

export interface IdentityOptions {
  readonly settings: IdentitySettings;
  readonly log: Log;
  /** ms since 1970. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
}

/**
 * `createGateway` calls it, once. Nothing is fetched before somebody comes with a token. Throws SetupError with every mistake in the
 * settings of tokens.
 */
export function createIdentity({ settings, log, now = Date.now }: IdentityOptions): Identity {
  const { jwt, apiKeys, authenticate, as } = settings;
  const mistakes = jwt === undefined ? [] : jwtMistakes(jwt);
  if (mistakes.length > 0) throw new SetupError(mistakes);
  if (jwt !== undefined && jwt.secret === undefined && jwt.audience === undefined) {
    log.warn('jwt.audience is not set: tokens that the issuer made for other services are accepted, too');
  }
  const configured = isIdentityConfigured(settings);
  const rolesClaim = jwt?.rolesClaim ?? defaultRolesClaim;
  const tokens =
    jwt &&
    new TokenCallers({
      verifier: createTokenVerifier({
        settings: jwt,
        now,
        onKeysUnavailable: (reason) =>
          log.error('the keys that tokens are verified with could not be fetched', { url: jwt.jwksUrl, reason }),
      }),
      rolesClaim,
      now,
    });
  const keys = apiKeys && createApiKeyCallers(apiKeys, rolesClaim);
  const hook = authenticate && createHook({ authenticate, rolesClaim, now, log });
  const revocations = new Revocations(() =>
    log.warn('a revocation was dropped for newer ones; identities that it refused are accepted until they expire'),
  );
  const assumed: Caller | undefined = as && {
    identified: true,
    claims: as,
    roles: rolesAt(as, rolesClaim),
    id: `as:${subjectOf(as) ?? ''}`,
  };

  function isGood(caller: Caller, nowMs: number): boolean {
    return (caller.expiresAtMs === undefined || nowMs < caller.expiresAtMs) && !revocations.isRevoked(caller, nowMs);
  }

  /** What nobody else recognises is the hook's to judge. */
  function ask(credentials: Credentials, presented: Presented): Caller | Promise<Caller> {
    const unrecognised = (): Caller => {
      if (presented.kind === 'none') return assumed ?? anonymous(credentials.address);
      throw refused(unrecognisedMessages[presented.kind]);
    };
    const answer = hook?.(credentials);
    return answer instanceof Promise ? answer.then((caller) => caller ?? unrecognised()) : (answer ?? unrecognised());
  }

  function find(credentials: Credentials): Caller | Promise<Caller> {
    const presented = presentedBy(credentials);
    if (presented.kind === 'apiKey') {
      const caller = keys?.callerOf(presented.apiKey);
      if (caller !== undefined) return caller;
    }
    // With a hook, tokens that are no JWTs are its.
    if (presented.kind === 'token' && tokens !== undefined && (hook === undefined || isJwt(presented.token))) {
      return tokens.callerOf(presented.token);
    }
    return ask(credentials, presented);
  }

  function refusalOf(caller: Caller, nowMs: number): GatewayError {
    return revocations.refusal(caller, nowMs) === 'perhaps newer'
      ? outdated('Identities of this second were revoked. Get a new token in a moment, and try again.')
      : refused('This identity is not accepted any more. Sign in again.');
  }

  function admit(caller: Caller): Caller {
    const nowMs = now();
    if (!isGood(caller, nowMs)) throw refusalOf(caller, nowMs);
    revocations.saw(caller, nowMs);
    return caller;
  }

  return {
    configured,
    identify(credentials) {
      if (!configured) return assumed ?? anonymous(credentials.address);
      const found = find(credentials);
      return found instanceof Promise ? found.then(admit) : admit(found);
    },
    isGood,
    revoke: (claim, value, nowMs) => revocations.add(claim, value, nowMs),
  };
}

const unrecognisedMessages: Readonly<Record<Exclude<Presented['kind'], 'none'>, string>> = {
  apiKey: 'The API key is not known here.',
  token: 'The token is not known here.',
  other: 'Only bearer tokens are understood here: authorization: Bearer …',
};

/** Three parts of base64url; whether they are any good is found out elsewhere. */
function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
}

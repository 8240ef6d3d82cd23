import type { Mutant } from './mutants.ts';

const tokens = 'test/unit/identity/tokens.test.ts';
const tokenCallers = 'test/unit/identity/token-callers.test.ts';
const published = 'test/unit/identity/published-keys.test.ts';
const revocations = 'test/unit/identity/revocations.test.ts';
const whole = 'test/unit/identity/create-identity.test.ts';

/** Seeded bugs of identity: who is taken for whom, and for how long. */
export const identityMutants: readonly Mutant[] = [
  {
    name: 'identity: a token needs no expiry',
    file: 'src/identity/tokens.ts',
    search: "requiredClaims: ['exp'],",
    replace: '',
    suite: tokens,
  },
  {
    name: 'identity: a token is good for a while after it has expired',
    file: 'src/identity/tokens.ts',
    search: 'if ((payload.exp ?? 0) * 1_000 <= nowMs) throw outdated(expired);',
    replace: '',
    suite: tokens,
  },
  {
    name: 'identity: any algorithm will do',
    file: 'src/identity/tokens.ts',
    search: 'algorithms: [...acceptedAlgorithms(settings)],',
    replace: '',
    suite: tokens,
  },
  {
    name: 'identity: the audience is not looked at',
    file: 'src/identity/tokens.ts',
    search: '...(audience === undefined ? {} : { audience: [...audience] }),',
    replace: '',
    suite: tokens,
  },
  {
    name: 'identity: the first of several keys is the only one that is tried',
    file: 'src/identity/tokens.ts',
    search: 'if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;\n    }\n  }',
    replace: 'throw error;\n    }\n  }',
    suite: tokens,
  },
  {
    name: 'identity: keys that cannot be fetched make the token a bad one',
    file: 'src/identity/tokens.ts',
    search: 'throw new KeysUnavailable();',
    replace: 'throw error;',
    suite: published,
  },
  {
    name: 'identity: an issuer that is down is asked for every token',
    file: 'src/identity/published-keys.ts',
    search: 'failedAtMs = now();',
    replace: '',
    suite: published,
  },
  {
    name: 'identity: made-up keys are asked for every time',
    file: 'src/identity/published-keys.ts',
    search: 'cooldownDuration: cooldownMs,',
    replace: 'cooldownDuration: 0,',
    suite: published,
  },
  {
    name: 'identity: keys are kept for good',
    file: 'src/identity/published-keys.ts',
    search: 'cacheMaxAge: maxAgeMs,',
    replace: 'cacheMaxAge: Infinity,',
    suite: published,
  },
  {
    name: 'identity: a remembered token is never verified again',
    file: 'src/identity/token-callers.ts',
    search: ' && now - known.verifiedAtMs < recheckMs',
    replace: '',
    suite: tokenCallers,
  },
  {
    name: 'identity: a remembered token outlives itself',
    file: 'src/identity/token-callers.ts',
    search: 'now < known.expiresAtMs && ',
    replace: '',
    suite: tokenCallers,
  },
  {
    name: 'identity: any number of tokens is remembered',
    file: 'src/identity/token-callers.ts',
    search: '(maxRemembered, Infinity)',
    replace: '(Infinity, Infinity)',
    suite: tokenCallers,
  },
  {
    name: 'identity: a hook that answers with no rows lets somebody in',
    file: 'src/identity/hook.ts',
    search: 'if (!saysWho(answer))',
    replace: 'if (false)',
    suite: 'test/unit/identity/hook.test.ts',
  },
  {
    name: 'identity: a signature that is written in another way has limits of its own',
    file: 'src/identity/token-callers.ts',
    search: 'sha256(JSON.stringify(claims))',
    replace: 'sha256(String(Math.random()))',
    suite: tokenCallers,
  },
  {
    name: 'identity: who was issued in the second of a revocation slips through',
    file: 'src/identity/revocations.ts',
    search: '?? -Infinity) <= atMs',
    replace: '?? -Infinity) + 1_000 <= atMs',
    suite: revocations,
  },
  {
    name: 'identity: a revocation is forgotten while tokens that it refuses live',
    file: 'src/identity/revocations.ts',
    search: 'this.#longestMs = Math.max(',
    replace: 'Math.max(',
    suite: revocations,
  },
  {
    name: 'identity: a revoked token that outlives all that were seen is let in after a day',
    file: 'src/identity/revocations.ts',
    search: 'this.#longestMs : Infinity',
    replace: 'this.#longestMs : this.#longestMs',
    suite: revocations,
  },
  {
    name: 'identity: a revocation of a list does not count',
    file: 'src/identity/revocations.ts',
    search: 'const values: readonly unknown[] = Array.isArray(found) ? found : [found];',
    replace: 'const values: readonly unknown[] = [found];',
    suite: revocations,
  },
  {
    name: 'identity: whoever was revoked comes in again',
    file: 'src/identity/create-identity.ts',
    search: 'if (!isGood(caller, nowMs)) throw',
    replace: 'if (nowMs < 0) throw',
    suite: whole,
  },
  {
    name: 'identity: a bad token gets a second chance with the hook',
    file: 'src/identity/create-identity.ts',
    search: '(hook === undefined || isJwt(presented.token))',
    replace: 'hook === undefined',
    suite: whole,
  },
  {
    name: 'identity: what is not recognised is anonymous',
    file: 'src/identity/create-identity.ts',
    search: "if (presented.kind === 'none') return",
    replace: 'if (presented.kind.length > 0) return',
    suite: whole,
  },
  {
    name: 'identity: the log has what the hook quotes',
    file: 'src/identity/hook.ts',
    search: 'reason: withoutCredentials(cause, credentials)',
    replace: 'reason: String(cause)',
    suite: whole,
  },
  {
    name: 'identity: of two credentials one is taken',
    file: 'src/identity/credentials.ts',
    search: 'if (others.some((each) => !same(first, each))) throw refused(tooMany);',
    replace: '',
    suite: whole,
  },
  {
    name: 'identity: published keys may come in the clear',
    file: 'src/config/jwt-settings.ts',
    search: "url.protocol === 'http:' && !isLoopback(url.hostname)",
    replace: "url.protocol === 'ftp:'",
    suite: 'test/unit/config/jwt-settings.test.ts',
  },
];

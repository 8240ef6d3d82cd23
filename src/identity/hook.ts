import type { Authenticate, AuthenticatedCaller, Credentials } from '../config/authenticate.ts';
import type { Log } from '../common/log.ts';
import type { Caller } from '../model/caller.ts';
import type { Claims } from '../model/claims.ts';
import { rolesAt, subjectOf } from './callers.ts';
import { outdated, refused, unavailable } from './refused.ts';
import { withoutCredentials } from './without-credentials.ts';

/** A hook that takes longer is taken to be stuck, ms. */
const timeoutMs = 10_000;

export interface HookOptions {
  readonly authenticate: Authenticate;
  /** Where roles are in the claims, for callers without `roles`. */
  readonly rolesClaim: string;
  readonly now: () => number;
  readonly log: Log;
}

/** Asks the project's own hook. Undefined: not its. */
export type Hook = (credentials: Credentials) => Caller | undefined | Promise<Caller | undefined>;

const notAccepted = 'The credentials are not accepted here.';

/** The setting `authenticate`, guarded: what it throws is logged, and the client is told that it is refused. */
export function createHook({ authenticate, rolesClaim, now, log }: HookOptions): Hook {
  function accept(answer: AuthenticatedCaller | undefined | null, { address }: Credentials): Caller | undefined {
    if (answer === undefined || answer === null) return undefined;
    const caller = callerOf(answer, address, rolesClaim);
    if (typeof caller === 'string') {
      log.error(`authenticate answered with ${caller}; the client was refused`);
      throw refused(notAccepted);
    }
    if (caller.expiresAtMs !== undefined && caller.expiresAtMs <= now()) {
      throw outdated('The credentials have expired. Sign in again.');
    }
    return caller;
  }

  function failed(cause: unknown, credentials: Credentials): never {
    log.error('authenticate failed; the client was refused', { reason: withoutCredentials(cause, credentials) });
    throw refused(notAccepted);
  }

  return (credentials) => {
    let answer: ReturnType<Authenticate>;
    try {
      answer = authenticate(credentials);
    } catch (cause) {
      return failed(cause, credentials);
    }
    if (!isPromise(answer)) return accept(answer, credentials);
    const settled = answer.then(
      (given) => accept(given, credentials),
      (cause: unknown) => failed(cause, credentials),
    );
    return inTime(settled, () =>
      log.error(`authenticate took longer than ${timeoutMs} ms; the client was told to come back`),
    );
  };
}

function isPromise<T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> {
  return typeof answer === 'object' && answer !== null && 'then' in answer;
}

function inTime<T>(answer: PromiseLike<T>, onLate: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      onLate();
      reject(unavailable('The credentials cannot be checked at the moment. Try again shortly.'));
    }, timeoutMs);
    timer.unref();
    answer.then(resolve, reject).then(() => clearTimeout(timer));
  });
}

const members = ['id', 'claims', 'roles', 'expiresAt'] as const;

/**
 * False for what hooks answer with by mistake where they mean nobody: a session's claims where there is no session, a list without
 * rows, an error that should have been thrown. An empty object is somebody of whom nothing is known.
 */
function saysWho(answer: AuthenticatedCaller): boolean {
  if (members.some((name) => answer[name] !== undefined)) return true;
  const prototype: unknown = Object.getPrototypeOf(answer);
  return (prototype === Object.prototype || prototype === null) && Object.keys(answer).length === 0;
}

/** The caller; a text where the answer is not what `Authenticate` promises. */
function callerOf(answer: AuthenticatedCaller, address: string, rolesClaim: string): Caller | string {
  if (typeof answer !== 'object') return 'something that is no object';
  if (!saysWho(answer)) return `something that has none of ${members.join(', ')}`;
  const { id, claims: given = {}, roles, expiresAt } = answer;
  if (id !== undefined && (typeof id !== 'string' || id === '')) return 'an id that is no text';
  const claims = jsonCopy(given);
  if (claims === undefined) return 'claims that are no JSON object';
  if (roles !== undefined && !(Array.isArray(roles) && roles.every((role) => typeof role === 'string'))) {
    return 'roles that are no list of texts';
  }
  const expiresAtMs = expiresAt instanceof Date ? expiresAt.getTime() : expiresAt;
  if (expiresAtMs !== undefined && (typeof expiresAtMs !== 'number' || Number.isNaN(expiresAtMs))) {
    return 'an expiresAt that is neither a Date nor ms since 1970';
  }
  // Claims of a token that the hook has looked at hold, as they do everywhere: no identity outlives its `exp`.
  const { exp } = claims;
  const endMs = Math.min(expiresAtMs ?? Infinity, typeof exp === 'number' ? exp * 1_000 : Infinity);
  return {
    identified: true,
    claims,
    roles: roles === undefined ? rolesAt(claims, rolesClaim) : new Set(roles),
    id: `own:${id ?? subjectOf(claims) ?? address}`,
    expiresAtMs: endMs === Infinity ? undefined : endMs,
  };
}

/** What rules go by must not change behind their back, and is JSON as it is in tokens. */
function jsonCopy(claims: unknown): Claims | undefined {
  try {
    const copy: unknown = JSON.parse(JSON.stringify(claims));
    return typeof copy === 'object' && copy !== null && !Array.isArray(copy) ? (copy as Claims) : undefined;
  } catch {
    return undefined;
  }
}

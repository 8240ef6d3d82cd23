import { claimAt, pathNames } from '../model/claims.ts';
import type { Claims } from '../model/claims.ts';
import type { Caller } from '../model/caller.ts';

const none: Claims = Object.freeze({});
const noRoles: ReadonlySet<string> = new Set();

/** Came without credentials. */
export function anonymous(address: string): Caller {
  return { identified: false, claims: none, roles: noRoles, id: `address:${address}` };
}

/**
 * The roles at a path of claims: a list of texts, or a text with spaces between them, as `scope` is. Whatever else is there gives
 * none.
 */
export function rolesAt(claims: Claims, path: string): ReadonlySet<string> {
  const found = claimAt(claims, pathNames(path));
  if (typeof found === 'string') return new Set(found.split(/\s+/).filter((role) => role !== ''));
  if (!Array.isArray(found)) return noRoles;
  return new Set(found.filter((role): role is string => typeof role === 'string' && role !== ''));
}

/** The claim `sub` as text, where there is a usable one. */
export function subjectOf(claims: Claims): string | undefined {
  const subject = claimAt(claims, ['sub']);
  return typeof subject === 'string' || typeof subject === 'number' ? String(subject) : undefined;
}

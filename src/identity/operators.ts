import type { Caller } from '../model/caller.ts';

/** Who is told what others ask: whoever reaches the console, where nobody is asked who they are; else who has one of its roles. */
export function operatorsOf(consoleRoles: readonly string[], identityConfigured: boolean): (caller: Caller) => boolean {
  if (!identityConfigured) return () => true;
  return ({ identified, roles }) => identified && consoleRoles.some((role) => roles.has(role));
}

import { SetupError } from '../common/errors.ts';
import { isLoopback } from '../common/loopback.ts';
import { isIdentityConfigured } from './identity-settings.ts';
import type { IdentitySettings } from './identity-settings.ts';
import { adminKeyLength } from './security-table.ts';

interface Openness {
  readonly host: string;
  readonly allowAnonymous: boolean;
  readonly identity?: IdentitySettings | undefined;
  readonly adminKey?: string | undefined;
}

/** Throws SetupError where the settings would let in whom nobody meant to. */
export function refuseUnsafe({ host, allowAnonymous, identity, adminKey }: Openness): void {
  const mistakes = [
    ...(isLoopback(host) || allowAnonymous || isIdentityConfigured(identity) ? [] : [{ message: openHost(host) }]),
    ...(adminKey === undefined || adminKey.length >= adminKeyLength
      ? []
      : [{ message: `adminKey has ${adminKey.length} characters. Use ${adminKeyLength} random ones at least.` }]),
  ];
  if (mistakes.length > 0) throw new SetupError(mistakes);
}

function openHost(host: string): string {
  return (
    `host ${host} is reachable from other machines, and whoever reaches it may read every table. Say how callers are ` +
    'identified (jwt, apiKeysFile or authenticate), use 127.0.0.1 behind a proxy that does, or pass --allow-anonymous if ' +
    'that is what you want.'
  );
}

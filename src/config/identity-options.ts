import { resolve } from 'node:path';
import type { Mistake } from '../common/errors.ts';
import { readApiKeys } from './api-key-file.ts';
import type { Authenticate } from './authenticate.ts';
import type { IdentitySettings, JwtSettings } from './identity-settings.ts';
import { jwtMistakes } from './jwt-settings.ts';
import type { OptionName } from './option-table.ts';
import { readText } from './read-text.ts';

/** The settings of identity with their files read; undefined where there are none. Reports every mistake in them. */
export function identitySettings(
  values: ReadonlyMap<OptionName, unknown>,
  cwd: string,
  mistakes: Mistake[],
): IdentitySettings | undefined {
  const jwt = jwtSettings(values, cwd, mistakes);
  const apiKeysFile = values.get('apiKeysFile') as string | undefined;
  const apiKeysText = apiKeysFile && readText(resolve(cwd, apiKeysFile), apiKeysFile, mistakes);
  const settings: IdentitySettings = {
    jwt,
    apiKeys: apiKeysText === undefined ? undefined : readApiKeys(apiKeysText, apiKeysFile ?? '', mistakes),
    // Their kinds gave these types.
    authenticate: values.get('authenticate') as Authenticate | undefined,
    as: values.get('as') as IdentitySettings['as'],
  };
  return Object.values(settings).every((each) => each === undefined) ? undefined : settings;
}

function jwtSettings(
  values: ReadonlyMap<OptionName, unknown>,
  cwd: string,
  mistakes: Mistake[],
): JwtSettings | undefined {
  if (![...values.keys()].some((name) => name.startsWith('jwt.'))) return undefined;
  const text = (name: OptionName): string | undefined => values.get(name) as string | undefined;
  const list = (name: OptionName): readonly string[] | undefined => values.get(name) as readonly string[] | undefined;
  const before = mistakes.length;
  const jwksFile = text('jwt.jwksFile');
  const publicKeyFile = text('jwt.publicKeyFile');
  const settings: JwtSettings = {
    jwksUrl: text('jwt.jwksUrl'),
    jwks: jwksFile === undefined ? undefined : readJwks(jwksFile, cwd, mistakes),
    publicKey: publicKeyFile && readText(resolve(cwd, publicKeyFile), publicKeyFile, mistakes),
    secret: text('jwt.secret'),
    issuer: text('jwt.issuer'),
    audience: list('jwt.audience'),
    algorithms: list('jwt.algorithms'),
    rolesClaim: text('jwt.rolesClaim'),
    clockToleranceMs: values.get('jwt.clockToleranceMs') as number | undefined,
  };
  // Of keys that cannot be read, more would be said than is known.
  if (mistakes.length === before) mistakes.push(...jwtMistakes(settings));
  return settings;
}

function readJwks(file: string, cwd: string, mistakes: Mistake[]): JwtSettings['jwks'] {
  const text = readText(resolve(cwd, file), file, mistakes);
  if (text === undefined) return undefined;
  try {
    const jwks: unknown = JSON.parse(text);
    if (typeof jwks === 'object' && jwks !== null && 'keys' in jwks) return jwks as JwtSettings['jwks'];
  } catch {
    // Said below: what JSON.parse says quotes the text.
  }
  mistakes.push({ file, message: 'A set of keys is JSON like { "keys": [ … ] }.' });
  return undefined;
}

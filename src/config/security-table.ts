import { jwtAlgorithms } from './jwt-settings.ts';
import { defaultClockToleranceMs, defaultRolesClaim } from './identity-settings.ts';
import { flag, hook, jsonObject, listOf, secretOf, text, textOf, wholeNumber } from './option-kinds.ts';
import { option, optional } from './option-spec.ts';

/** Characters of the admin key at least: who has it may end everybody's sessions. */
export const adminKeyLength = 32;
/** Clocks that differ by more need mending, ms. */
const maxToleranceMs = 600_000;

/** Who may connect, and how it is known who somebody is. */
export const securityTable = {
  'jwt.jwksUrl': optional(textOf('URL'), 'Where the issuer of tokens (JWT) publishes its keys; https.'),
  'jwt.jwksFile': optional(textOf('FILE'), 'JSON file of the keys that tokens are verified with, instead of a URL.'),
  'jwt.publicKeyFile': optional(textOf('FILE'), 'PEM file of the public key that tokens are verified with, instead.'),
  'jwt.secret': optional(text, 'Secret shared with the issuer of tokens, instead: 32 bytes or more, as text.', {
    secret: true,
  }),
  'jwt.issuer': optional(text, 'The issuer (iss) of tokens. Default: any that has the keys.'),
  'jwt.audience': optional(
    listOf('NAME,…', 'names, as they are in tokens'),
    'Tokens are for one of these (aud). Default: aud is not looked at.',
  ),
  'jwt.algorithms': optional(
    listOf('NAME,…', `some of ${jwtAlgorithms.join(', ')}`, (each) => jwtAlgorithms.includes(each)),
    'Algorithms that tokens may be signed with. Default: those that fit the keys; HS256 for a secret.',
  ),
  'jwt.rolesClaim': option(
    textOf('PATH'),
    defaultRolesClaim,
    'Claim with the roles, as a path: realm_access.roles. A dot inside a name is written \\. there.',
  ),
  'jwt.clockToleranceMs': option(
    { ...wholeNumber(0, maxToleranceMs), placeholder: 'MS' },
    defaultClockToleranceMs,
    "How far the issuer's clock may be ahead (nbf). Tokens expire when they say.",
  ),
  apiKeysFile: optional(
    textOf('FILE'),
    'JSON file of API keys: [{ "name", "sha256" or "key", "roles"?, "claims"?, "requestsPerSecond"? }].',
  ),
  authenticate: optional(hook, 'A function that identifies callers by anything else, such as cookies.', {
    configOnly: true,
  }),
  as: optional(
    jsonObject('{"sub":"u1","roles":["admin"]}'),
    'For development: claims of whoever comes without credentials.',
  ),
  adminKey: optional(
    secretOf(adminKeyLength),
    `Key for ending sessions over HTTP (dropSessions): ${adminKeyLength} characters or more. Default: not offered.`,
    { secret: true },
  ),
  'tls.certFile': optional(textOf('FILE'), 'PEM file of the certificate, for https and wss. Default: neither.'),
  'tls.keyFile': optional(textOf('FILE'), "PEM file of the certificate's key."),
  trustProxy: option(
    wholeNumber(0, 10),
    0,
    'Proxies in front whose X-Forwarded-For is believed. 0: the address is that of the connection.',
  ),
  allowedOrigins: optional(
    listOf('ORIGIN,…', 'origins of web pages as browsers write them, such as https://app.example.com', isOrigin),
    'Web pages of these origins may connect (CORS, WebSocket). Default: none but those served from the same host.',
  ),
  allowAnonymous: option(flag, false, 'Listen on other than loopback addresses although nobody is asked who they are.'),
  consoleRoles: option(
    listOf('ROLE,…', 'names of roles'),
    [] as readonly string[],
    'Where callers are identified: roles of operators, whom the console tells what others ask. Default: nobody.',
  ),
  introspection: optional(flag, 'Tell clients the schema (__schema, __type). Default: where GraphiQL is served.'),
  trustedDocuments: optional(
    textOf('FILE'),
    'JSON file of the only operations that are answered, by id. Default: every operation is.',
  ),
} as const;

/** A scheme and a host, with a port where it is not the usual one; no path, and no pattern. */
function isOrigin(given: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\/[^\s/*?#@A-Z]+$/.test(given);
}

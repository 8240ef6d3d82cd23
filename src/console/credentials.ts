/** Who looks: a token or an API key. In this tab's session storage only, and gone with it. */
export type Credentials = { readonly token: string } | { readonly apiKey: string };

const storageKey = 'headgate-credentials';

export function storedCredentials(): Credentials | undefined {
  const stored = sessionStorage.getItem(storageKey);
  return stored === null ? undefined : (JSON.parse(stored) as Credentials);
}

/** Begins anew as them; undefined: as nobody. */
export function signInAs(credentials: Credentials | undefined): void {
  if (credentials === undefined) sessionStorage.removeItem(storageKey);
  else sessionStorage.setItem(storageKey, JSON.stringify(credentials));
  location.reload();
}

/** The same over HTTP. */
export function credentialHeaders(): Record<string, string> {
  const credentials = storedCredentials();
  if (credentials === undefined) return {};
  return 'token' in credentials
    ? { authorization: `Bearer ${credentials.token}` }
    : { 'x-api-key': credentials.apiKey };
}

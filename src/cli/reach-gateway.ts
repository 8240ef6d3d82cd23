import type { Environment } from '../config/environment.ts';
import type { Options } from '../config/options.ts';

/** HOST:PORT of the gateway that --host and --port name, as it stands in a URL. */
export function gatewayAddress({ host, port }: Options): string {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}

/** The token or API key of the environment; both are for the gateway to refuse. They are no flags: others can read the command line. */
export function credentialsIn(env: Environment): { readonly token?: string; readonly apiKey?: string } {
  const { HEADGATE_TOKEN: token = '', HEADGATE_API_KEY: apiKey = '' } = env;
  return { ...(token === '' ? {} : { token }), ...(apiKey === '' ? {} : { apiKey }) };
}

export const setCredentials = 'Set HEADGATE_TOKEN or HEADGATE_API_KEY.';

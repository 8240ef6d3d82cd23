import type { Environment } from '../config/environment.ts';
import type { OwnHelp } from '../config/option-help.ts';
import type { Options } from '../config/options.ts';

/** To a gateway they say where to listen. */
export const gatewayHelp: OwnHelp = {
  host: 'Address of the gateway that is asked.',
  port: 'Port of the gateway that is asked.',
};

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

import { join } from 'node:path';
import { buildPage, servePage } from './serve-page.ts';
import type { Page } from './serve-page.ts';

/** The options of `parseArgs` that every example with a page has. */
export const pageFlags = { 'page-port': { type: 'string' }, 'no-page': { type: 'boolean', default: false } } as const;

export const pageHelp = `  --page-port N       where the page is (5173, or else the next free port)
  --no-page           serve the API alone`;

export interface PageValues {
  readonly port: string;
  readonly data: string;
  readonly 'page-port'?: string | undefined;
  readonly 'no-page': boolean;
}

const defaultPort = 5_173;

/** Builds the page while the gateway starts. `directory` is the example's, `define` what the page knows from the start. */
export function preparePage(
  directory: string,
  values: PageValues,
  define: Readonly<Record<string, number>> = {},
): (gatewayUrl: string) => Promise<Page> {
  if (values['no-page']) return withoutPage;
  const options = { root: join(directory, 'page'), output: join(values.data, 'page'), define };
  const built = buildPage(options);
  // Awaited once the gateway serves; should that fail, its reason is the one to tell.
  built.catch(() => {});
  const wanted = values['page-port'];
  return async (gatewayUrl) => {
    await built;
    const port = wanted === undefined ? (Number(values.port) === 0 ? 0 : defaultPort) : Number(wanted);
    return servePage(options, { gatewayUrl, port, strictPort: wanted !== undefined });
  };
}

/** For an example that has none. */
export function withoutPage(): Promise<Page> {
  return Promise.resolve({ url: '', close: () => Promise.resolve() });
}

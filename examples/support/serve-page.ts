import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { build, preview } from 'vite';
import type { InlineConfig } from 'vite';

export interface PageOptions {
  /** The folder of its `index.html`. */
  readonly root: string;
  /** Where the built page goes. */
  readonly output: string;
  /** Constants that the page is built with, by name. */
  readonly define?: Readonly<Record<string, number>> | undefined;
}

export interface Page {
  readonly url: string;
  close(): Promise<void>;
}

const host = '127.0.0.1';

/** As `vite.config.ts` would say it in a project of yours. */
function pageConfig({ root, output, define = {} }: PageOptions): InlineConfig {
  return {
    configFile: false,
    logLevel: 'warn',
    root,
    plugins: [react()],
    define: Object.fromEntries(Object.entries(define).map(([name, value]) => [name, String(value)])),
    // Where headgate is installed, its client needs no alias.
    resolve: { alias: { 'headgate/client': fileURLToPath(new URL('../../src/client/client.ts', import.meta.url)) } },
    build: { outDir: output, emptyOutDir: true, chunkSizeWarningLimit: 2_000, reportCompressedSize: false },
  };
}

/** Takes about a second, and no gateway. */
export async function buildPage(options: PageOptions): Promise<void> {
  await build(pageConfig(options));
}

/**
 * Serves the built page, and passes on to the gateway what it asks under /graphql: the page and its data have one address, so
 * that there is no origin to allow. `port` 0 takes any free one; one that is taken is refused where `strictPort` says so, and
 * otherwise the next one is taken.
 */
export async function servePage(
  options: PageOptions,
  { gatewayUrl, port, strictPort }: { gatewayUrl: string; port: number; strictPort: boolean },
): Promise<Page> {
  const server = await preview({
    ...pageConfig(options),
    preview: { host, port, strictPort, proxy: { '/graphql': { target: new URL(gatewayUrl).origin, ws: true } } },
  });
  const sockets = new Set<Socket>();
  server.httpServer.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    url: server.resolvedUrls?.local[0] ?? '',
    async close() {
      // A page that is open keeps its socket, and a server waits for those.
      for (const socket of sockets) socket.destroy();
      await server.close();
    },
  };
}

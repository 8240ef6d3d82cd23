import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { setPageHeaders } from './page-headers.ts';
import type { PageSources } from './page-headers.ts';
import { hasGoodHost, noHost } from './request-checks.ts';
import { refuse } from './responses.ts';

/** Where the build puts the page. */
export const consoleFolder = fileURLToPath(new URL('../../dist/console', import.meta.url));

/**
 * The console: a page that asks this very API. It holds no data, so it is for whoever reaches the server; what the page is told
 * depends on who it asks as.
 */
export interface Console {
  /** False where nothing of the console is at this path. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): boolean;
}

interface File {
  readonly type: string;
  readonly bytes: Buffer;
  /** Absent where it is no shorter. */
  readonly gzip: Buffer | undefined;
  readonly caching: string;
}

/** Reads the folder whole: what is not in it now is never served. */
export function createConsole(folder: string): Console {
  const files = readFiles(folder);
  return {
    answer(request, response, path) {
      const isPage = path === '/';
      const file = files.get(isPage ? pagePath : path);
      // The page has one address.
      if (path === pagePath || (file === undefined && !isPage)) return false;
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.setHeader('allow', 'GET, HEAD');
        refuse(response, 405, 'BAD_USER_INPUT', 'The console is a page: GET it.');
        return true;
      }
      if (!hasGoodHost(request)) {
        refuse(response, noHost.status, 'BAD_USER_INPUT', noHost.message);
        return true;
      }
      if (isPage) setPageHeaders(request, response, sources);
      response.setHeader('cross-origin-resource-policy', 'same-origin');
      send(request, response, file ?? notBuilt);
      return true;
    },
  };
}

const pagePath = '/index.html';

const sources: PageSources = ["script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'"];

function send(request: IncomingMessage, response: ServerResponse, file: File): void {
  const packed = file.gzip !== undefined && takesGzip(request) ? file.gzip : undefined;
  const body = packed ?? file.bytes;
  response.writeHead(file === notBuilt ? 503 : 200, {
    'content-type': file.type,
    'content-length': body.length,
    'cache-control': file.caching,
    ...(file.gzip === undefined ? {} : { vary: 'accept-encoding' }),
    ...(packed === undefined ? {} : { 'content-encoding': 'gzip' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function takesGzip({ headers }: IncomingMessage): boolean {
  return /(?:^|[\s,])gzip(?:$|[\s,])/.test(String(headers['accept-encoding'] ?? ''));
}

/** By path, `/assets/index-Chm3Z6a5.css`; empty where the page has not been built. */
function readFiles(folder: string): ReadonlyMap<string, File> {
  const names = namesIn(folder);
  return new Map(
    names.map((name) => {
      const path = `/${name.replaceAll('\\', '/')}`;
      // The build puts a hash of what is in them into the names of all but the page.
      const caching = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store';
      return [path, fileOf(readFileSync(join(folder, name)), types[extname(name)] ?? unknownType, caching)];
    }),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch {
    return [];
  }
}

function fileOf(bytes: Buffer, type: string, caching: string): File {
  const gzip = gzipSync(bytes);
  return { type, bytes, gzip: gzip.length < 0.9 * bytes.length ? gzip : undefined, caching };
}

const html = 'text/html; charset=utf-8';
const unknownType = 'application/octet-stream';
const types: Readonly<Record<string, string>> = {
  '.html': html,
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const notBuilt = fileOf(
  Buffer.from(`<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>Headgate</title>
  <h1>The console is not here</h1>
  <p>Its page has not been built: run <code>npm run build</code> in the folder of Headgate, and start it again.
  <p>GraphQL is at <a href="/graphql">/graphql</a>.
</html>
`),
  html,
  'no-store',
);

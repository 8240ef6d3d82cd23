import type { IncomingMessage } from 'node:http';
import type { GraphiQLOptions } from 'graphql-yoga';
import type { Log } from '../common/log.ts';
import type { PageSources } from './page-headers.ts';

/** Whether yoga answers this request with the page, where GraphiQL is on: whatever it asks besides. */
export function asksForPage({ method }: IncomingMessage, accepted: readonly string[]): boolean {
  return method === 'GET' && accepted.includes('text/html');
}

/** The page is one text with scripts and styles in it, and starts workers from blobs. */
export const graphiqlSources: PageSources = [
  "script-src 'unsafe-inline' blob:",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  'worker-src blob:',
];

/** GraphiQL's own welcome speaks of itself under our title. */
const welcome = `# Ctrl-Enter, or the button, asks. A subscription with the same fields stays true for as long as it runs;
# Ctrl-Space says what can be asked for.

query {
  _meta {
    tables {
      name
      rows
      phase
    }
  }
}
`;

/** `true`, or the document that it opens with. */
export function graphiqlOptions(setting: true | string): GraphiQLOptions {
  return {
    subscriptionsProtocol: 'WS',
    title: 'Headgate',
    defaultQuery: setting === true ? welcome : setting,
  };
}

/** Nine megabytes of page, loaded when somebody opens it. Yoga would show whoever opens it the stack of what is thrown here. */
export async function renderGraphiQL(options: GraphiQLOptions, log: Log): Promise<string> {
  try {
    const page = await import('@graphql-yoga/render-graphiql');
    return page.renderGraphiQL(options);
  } catch (error) {
    log.error('GraphiQL cannot be shown', { error });
    return '<!doctype html><title>GraphiQL</title><p>GraphiQL cannot be shown: the log of Headgate has why.</p>';
  }
}

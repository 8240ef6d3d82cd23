import type { IncomingMessage } from 'node:http';
import { getNamedType, isLeafType, isObjectType } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import type { GraphiQLOptions } from 'graphql-yoga';
import type { Catalog } from '../catalog/catalog.ts';
import type { Log } from '../common/log.ts';
import { visibleColumns, visibleTables } from '../query/visible.ts';
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

/** GraphiQL's own welcome speaks of itself under our title. Short lines: half of a small screen is the answer. */
const welcome = `# Ctrl-Enter, or the button, asks.
# Ctrl-Space says what can be asked for.
# With "subscription" for "query", the answer
# stays true for as long as it runs.

`;

const aboutTables = `query {
  _meta {
    tables {
      name
      rows
      phase
    }
  }
}
`;

/** How many columns it begins with. */
const fewColumns = 4;

/** What GraphiQL opens with: some rows of the first table that can be asked for; how the tables are where there is none. */
export function openingDocument(catalog: Catalog, schema: GraphQLSchema): string {
  for (const table of visibleTables(catalog)) {
    const field = schema.getQueryType()?.getFields()[table.plural];
    const row = field === undefined ? undefined : getNamedType(field.type);
    if (!table.expose.query || !isObjectType(row)) continue;
    const columns = visibleColumns(table).filter(({ name }) => isLeafType(getNamedType(row.getFields()[name]?.type)));
    if (columns.length === 0) continue;
    const selection = columns.slice(0, fewColumns).map(({ name }) => `    ${name}\n`);
    return `${welcome}query {\n  ${table.plural}(limit: 10) {\n${selection.join('')}  }\n}\n`;
  }
  return generalDocument;
}

/** For those who may not be told what tables there are. */
export const generalDocument = `${welcome}${aboutTables}`;

/**
 * Subscriptions are streamed: over a WebSocket the page would not send what stands in its tab of headers, by which callers say who they
 * are. Posted, lest a document be too long for a URL.
 */
export function graphiqlOptions(defaultQuery: string): GraphiQLOptions {
  return { subscriptionsProtocol: 'SSE', method: 'POST', title: 'Headgate', defaultQuery };
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

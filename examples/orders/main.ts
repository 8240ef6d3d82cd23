import { fileURLToPath } from 'node:url';
import { playUntilStopped } from '../support/main.ts';
import { orders } from './orders.ts';

await playUntilStopped({
  play: orders,
  directory: fileURLToPath(new URL('.', import.meta.url)),
  command: 'npx tsx examples/orders/main.ts',
  steps: 'orders',
  rate: 4,
  banner,
});

function banner(url: string, opening: string): string {
  return `
  The shop is open: 18 products, 24 customers, and an order note for whoever packs the parcels.

  In a browser, GraphiQL:   ${url}
  It opens with this:

${opening}

  With curl, what the products have earned, as they do:

    curl -N ${url} -H 'content-type: application/json' -H 'accept: text/event-stream' \\
      -d '{"query":"subscription { productRevenues(orderBy: [{ revenue: DESC }], limit: 3) { product { name price } units revenue } }"}'

  With curl, the best customers:

    curl ${url} -H 'content-type: application/json' \\
      -d '{"query":"{ customerTotals(orderBy: [{ spent: DESC }], limit: 3) { customer { name } orders spent best } }"}'

  More in examples/orders/README.md. Ctrl-C ends it; it goes on where it was when started again.
`;
}

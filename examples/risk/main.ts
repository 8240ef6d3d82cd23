import { fileURLToPath } from 'node:url';
import { playUntilStopped } from '../support/main.ts';
import { risk } from './risk.ts';

await playUntilStopped({
  play: risk,
  directory: fileURLToPath(new URL('.', import.meta.url)),
  command: 'npx tsx examples/risk/main.ts',
  steps: 'quotes',
  rate: 10,
  hasPage: true,
  banner,
});

function banner(url: string, opening: string, page: string): string {
  return `
  The market is open: 12 assets, 5 portfolios, and what each of them stands to lose.
${page && `\n  Open this:                ${page}\n`}
  In a browser, GraphiQL:   ${url}
  It opens with this:

${opening}

  With curl, the average bid and ask of one asset, minute by minute:

    curl -N ${url} -H 'content-type: application/json' -H 'accept: text/event-stream' \\
      -d '{"query":"subscription { quoteMinutes(where: { assetId: { eq: \\"KITE\\" } }, orderBy: [{ timestamp: DESC }], limit: 3) { timestamp bid ask ticks closed } }"}'

  With curl, the five largest positions:

    curl ${url} -H 'content-type: application/json' \\
      -d '{"query":"{ positionValues(orderBy: [{ exposure: DESC }], limit: 5) { portfolio { name } asset { name } quantity exposure profit } }"}'

  More in examples/risk/README.md. Ctrl-C ends it; it goes on where it was when started again.
`;
}

import { fileURLToPath } from 'node:url';
import { playUntilStopped } from '../support/main.ts';
import { charts } from './charts.ts';

await playUntilStopped({
  play: charts,
  directory: fileURLToPath(new URL('.', import.meta.url)),
  command: 'npm start --',
  steps: 'plays',
  rate: 8,
  hasPage: true,
  banner,
});

function banner(url: string, opening: string, page: string): string {
  return `
  The charts are live: 40 artists, 120 songs, and people listening to them.
${page && `\n  Open this:                ${page}\n`}
  In a browser, GraphiQL:   ${url}
  It opens with this:

${opening}

  With curl, the plays as they happen:

    curl -N ${url} -H 'content-type: application/json' -H 'accept: text/event-stream' \\
      -d '{"query":"subscription { playChanges { changes { node { playedAt userId song { title } } } } }"}'

  With curl, a question:

    curl ${url} -H 'content-type: application/json' \\
      -d '{"query":"{ songs(where: { artist: { country: { eq: \\"GB\\" } } }, limit: 3) { title genre } }"}'

  More in examples/charts/README.md. Ctrl-C ends it; it goes on where it was when started again.
`;
}

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run, untilStopped } from '../support/serve.ts';
import { startCharts } from './charts.ts';

const { values } = parseArgs({
  options: {
    kafka: { type: 'string' },
    port: { type: 'string', default: '4000' },
    rate: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string', default: fileURLToPath(new URL('./.headgate', import.meta.url)) },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  console.log(`npm start -- [options]

  --port N            where the API listens (4000; 0 takes any free port)
  --rate N            plays a second (4; 0 for silence)
  --seed N            another seed, other plays (1)
  --kafka HOST:PORT   topics in Kafka instead of the embedded log
  --data DIR          where the log and the store are (examples/charts/.headgate)`);
} else {
  await run(async () => {
    const charts = await startCharts({
      kafka: values.kafka,
      port: Number(values.port),
      rate: Number(values.rate),
      seed: Number(values.seed),
      directory: values.data,
    });
    console.log(banner(charts.gateway.url));
    await untilStopped(charts.gateway, () => charts.close());
  });
}

function banner(url: string): string {
  return `
  The charts are live: 40 artists, 120 songs, and people listening to them.

  In a browser, GraphiQL:   ${url}
  Paste this and press play; change "subscription" to "query" to ask once:

    subscription {
      songs(orderBy: [{ likes: DESC }], limit: 5) { title likes artist { name country } }
    }

  With curl, the plays as they happen:

    curl -N ${url} -H 'content-type: application/json' -H 'accept: text/event-stream' \\
      -d '{"query":"subscription { playChanges { changes { node { playedAt userId song { title } } } } }"}'

  With curl, a question:

    curl ${url} -H 'content-type: application/json' \\
      -d '{"query":"{ songs(where: { artist: { country: { eq: \\"GB\\" } } }, limit: 3) { title genre } }"}'

  More in examples/charts/README.md. Ctrl-C ends it; it goes on where it was when started again.
`;
}

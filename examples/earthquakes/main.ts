import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { indented } from '../support/main.ts';
import { pageFlags, pageHelp, preparePage } from '../support/page-options.ts';
import { run, untilStopped } from '../support/serve.ts';
import { opening, startEarthquakes } from './earthquakes.ts';

const { values } = parseArgs({
  options: {
    kafka: { type: 'string' },
    port: { type: 'string', default: '4000' },
    ...pageFlags,
    speed: { type: 'string', default: '600' },
    data: { type: 'string', default: fileURLToPath(new URL('./.headgate', import.meta.url)) },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const speed = Number(values.speed);

if (values.help || !(speed > 0)) {
  console.log(`npx tsx examples/earthquakes/main.ts [options]      (after npm run build)

  --port N            where the API listens (4000; 0 takes any free port)
${pageHelp}
  --speed N           seconds of the feed in a second of yours, above 0 (600: the week takes 15 minutes)
  --kafka HOST:PORT   topics in Kafka instead of the embedded log
  --data DIR          where the log and the store are (examples/earthquakes/.headgate)`);
} else {
  await run(async () => {
    const openPage = preparePage(fileURLToPath(new URL('.', import.meta.url)), values, { SPEED: speed });
    const earthquakes = await startEarthquakes({
      kafka: values.kafka,
      port: Number(values.port),
      speed,
      directory: values.data,
    });
    const page = await openPage(earthquakes.gateway.url);
    console.log(banner(earthquakes.gateway.url, indented(opening), page.url));
    void earthquakes.replayed.then((whole) => {
      if (whole) console.log('  The whole week has been replayed; the gateway keeps serving it.');
    });
    await untilStopped(earthquakes.gateway, async () => {
      await page.close();
      await earthquakes.close();
    });
  });
}

function banner(url: string, document: string, page: string): string {
  return `
  A week of earthquakes, replayed ${speed} times as fast as they happened.
${page && `\n  Open this:                ${page}\n`}
  In a browser, GraphiQL:   ${url}
  It opens with this:

${document}

  With curl, every quake of magnitude 4 and above as it happens:

    curl -N ${url} -H 'content-type: application/json' -H 'accept: text/event-stream' \\
      -d '{"query":"subscription { earthquakeChanges(where: { magnitude: { gte: 4 } }) { changes { node { magnitude place time } } } }"}'

  More in examples/earthquakes/README.md. Ctrl-C ends it; it goes on where it was when started again.
`;
}

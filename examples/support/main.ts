import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pageFlags, pageHelp, preparePage, withoutPage } from './page-options.ts';
import { startPlay } from './play.ts';
import type { Play } from './play.ts';
import { run, untilStopped } from './serve.ts';

export interface PlayProgram {
  readonly play: Play;
  /** Of the example, for the folder of its data. */
  readonly directory: string;
  /** How it is started, for its help. */
  readonly command: string;
  /** What happens at `--rate`, and how many of it in a second when nothing is said. */
  readonly steps: string;
  readonly rate: number;
  /** It has a page, in the folder `page`. */
  readonly hasPage?: boolean;
  /** What it prints once it serves; `page` is where the page is, empty where there is none. */
  banner(url: string, opening: string, page: string): string;
}

/** The main program of an example that plays; every one has the same options. */
export async function playUntilStopped(program: PlayProgram): Promise<void> {
  const { play, directory, command, steps, rate, hasPage = false, banner } = program;
  const { values } = parseArgs({
    options: {
      kafka: { type: 'string' },
      port: { type: 'string', default: '4000' },
      ...pageFlags,
      rate: { type: 'string', default: String(rate) },
      seed: { type: 'string', default: '1' },
      data: { type: 'string', default: join(directory, '.headgate') },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [port, perSecond, seed] = [Number(values.port), Number(values.rate), Number(values.seed)];
  if (values.help || !(port >= 0 && perSecond >= 0 && Number.isInteger(seed))) {
    console.log(`${command} [options]

  --port N            where the API listens (4000; 0 takes any free port)
${hasPage ? `${pageHelp}\n` : ''}  --rate N            ${steps} a second (${rate}; 0 for silence)
  --seed N            another seed, other ${steps} (1)
  --kafka HOST:PORT   topics in Kafka instead of the embedded log
  --data DIR          where the log and the store are (.headgate beside the example)`);
    return;
  }
  await run(async () => {
    const openPage = hasPage ? preparePage(directory, values) : withoutPage;
    const playing = await startPlay(play, {
      kafka: values.kafka,
      port,
      rate: perSecond,
      seed,
      directory: values.data,
    });
    const page = await openPage(playing.gateway.url);
    console.log(banner(playing.gateway.url, indented(play.opening), page.url));
    await untilStopped(playing.gateway, async () => {
      await page.close();
      await playing.close();
    });
  });
}

/** As a banner shows it. */
export function indented(document: string): string {
  return document.trimEnd().replaceAll(/^(?=.)/gm, '    ');
}

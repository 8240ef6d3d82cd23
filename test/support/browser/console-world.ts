import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { appendToLog } from '../../../src/source/log-writer.ts';
import { startGatewayProcess } from '../gateway-process.ts';
import type { GatewayProcess } from '../gateway-process.ts';
import { openBrowser, openPage } from './open-browser.ts';
import type { WatchedPage } from './open-browser.ts';
import type { PageWorld } from './page-world.ts';

const schema = `
"A track."
type Song @table(topic: "songs") {
  id: ID!
  title: String! @index
  genre: Genre!
  likes: Int!
  about: JSON
  plays: [Play!]! @relation(references: ["songId"])
}
enum Genre { POP JAZZ }
type Play @table(topic: "plays", mode: APPEND) { id: ID! @from(meta: COORDINATES) songId: ID! @index }
type Click @table(topic: "clicks", mode: STREAM) { id: ID! @from(meta: COORDINATES) button: String! }
type SongStats @aggregation(source: "Play") { songId: ID! plays: Int! @aggregate(fn: COUNT) }
`;

const songs = 60;
/** Between records, while they arrive, ms. */
const everyMs = 50;

function song(n: number, likes: number) {
  const about = n === 1 ? { made: { in: 'Gdańsk' } } : null;
  return { key: `s${n}`, value: { title: `Song ${n}`, genre: n % 2 === 0 ? 'POP' : 'JAZZ', likes, about } };
}

export interface ConsoleWorld extends PageWorld {
  readonly wsUrl: string;
  /** The folder of the embedded log. */
  readonly log: string;
  /** Writes the schema anew. */
  writeSchema(change: (text: string) => string): void;
}

/** `headgate dev` as a user starts it, over a log to which somebody appends, and its console in a browser. */
export async function openConsoleWorld(): Promise<ConsoleWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-console-'));
  const at = (name: string): string => join(directory, name);
  mkdirSync(at('schema'));
  writeFileSync(at('schema/songs.graphql'), schema);
  const produce: PageWorld['produce'] = (topic, records) => void appendToLog(at('log'), topic, records);
  produce(
    'songs',
    Array.from({ length: songs }, (_, n) => song(n + 1, 0)),
  );
  produce('plays', [{ key: 'p', value: { songId: 's1' } }]);
  produce('clicks', [{ key: 'c', value: { button: 'play' } }]);
  const start = (...args: readonly string[]): Promise<GatewayProcess> =>
    startGatewayProcess([
      'dev',
      `--schema=${at('schema/*.graphql')}`,
      `--log=${at('log')}`,
      `--data=${at('data')}`,
      ...args,
    ]);
  let running = await start();
  const { url, wsUrl } = running;
  let count = 0;
  const producing = setInterval(() => {
    count += 1;
    produce('songs', [song((count % songs) + 1, count)]);
    produce('plays', [{ key: 'p', value: { songId: `s${(count % songs) + 1}` } }]);
  }, everyMs);
  const browser = await openBrowser();
  const open = (options: BrowserContextOptions): Promise<WatchedPage> =>
    openPage(browser, new URL('/', url).href, options);
  const watched = await open({ colorScheme: 'light', viewport: { width: 1_280, height: 900 } });
  return {
    browser,
    watched,
    wsUrl,
    log: at('log'),
    writeSchema: (change) => writeFileSync(at('schema/songs.graphql'), change(schema)),
    open,
    async kill() {
      clearInterval(producing);
      await running.kill9();
    },
    async restart(...args) {
      running = await start('--port', new URL(url).port, ...args);
    },
    produce,
    async close() {
      clearInterval(producing);
      await browser.close();
      await running.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

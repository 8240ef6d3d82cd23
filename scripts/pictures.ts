// Takes the pictures of the examples' pages and of the console that READMEs show:  npm run pictures [-- charts …]
// Run by hand after a page has changed; needs Chromium, and pngquant to make them small.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findChromium } from '../test/support/browser/find-chromium.ts';

interface Pictures {
  readonly example: string;
  readonly args: readonly string[];
  /** Where they go, and how their names begin. */
  readonly files: string;
  /** How long it plays before, so that there is something to see, ms. */
  readonly playMs: number;
  readonly views: readonly View[];
}

interface View {
  readonly name: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
}

const desktop = { width: 1280, height: 840 };
const light: View = { name: 'light', viewport: desktop, colorScheme: 'light' };
const dark: View = { name: 'dark', viewport: desktop, colorScheme: 'dark' };
const phone: View = { name: 'phone', viewport: { width: 390, height: 844 }, colorScheme: 'light' };

function page(example: string, ...args: readonly string[]): Pictures {
  return { example, args, files: `examples/${example}/page`, playMs: 75_000, views: [light, dark, phone] };
}

const pictures: Readonly<Record<string, Pictures>> = {
  charts: page('charts'),
  earthquakes: page('earthquakes', '--speed', '3000'),
  risk: page('risk'),
  console: {
    example: 'charts',
    args: ['--rate', '20'],
    files: 'src/console/console',
    // Its plots show five minutes.
    playMs: 300_000,
    views: [light, dark].map((view) => ({ ...view, viewport: { width: 1280, height: 600 } })),
  },
};

const chromiumFound = findChromium((line) => process.stderr.write(`${line}\n`));
if ('missing' in chromiumFound) throw new Error(chromiumFound.missing);
const browser = await chromium.launch({ executablePath: chromiumFound.path, args: ['--no-sandbox'] });
const wanted = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
for (const [name, { example, args, files, playMs, views }] of Object.entries(pictures)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const data = mkdtempSync(join(tmpdir(), 'headgate-pictures-'));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(root, 'examples', example, 'main.ts'), '--port', '0', '--data', data, ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Ctrl-C')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`${example} ended with ${code} before it served`)));
  });
  const found = (name === 'console' ? /(http:\S+\/)graphql/ : /Open this: +(\S+)/).exec(output);
  const opened = await Promise.all(
    views.map(async (view) => {
      const tab = await browser.newPage(view);
      await tab.goto(found?.[1] ?? '');
      await tab.waitForSelector('.badge[data-state=live]');
      return { tab, path: join(root, `${files}-${view.name}.png`) };
    }),
  );
  await pause(playMs);
  for (const { tab, path } of opened) {
    await tab.screenshot({ path });
    await tab.close();
    spawnSync('pngquant', ['--force', '--ext', '.png', '--quality', '70-95', path]);
  }
  child.kill('SIGINT');
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(data, { recursive: true, force: true });
}
await browser.close();

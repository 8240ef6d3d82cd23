// Takes the pictures of the examples' pages that their READMEs show:  npm run pictures [-- charts …]
// Run by hand after a page has changed; needs Chromium, and pngquant to make them small.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findChromium } from '../test/support/browser/find-chromium.ts';

const examples: Readonly<Record<string, readonly string[]>> = {
  charts: [],
  earthquakes: ['--speed', '3000'],
  risk: [],
};
const desktop = { width: 1280, height: 840 };
const phone = { width: 390, height: 844 };
/** So that there is something to see. */
const playMs = 75_000;

const found = findChromium((line) => process.stderr.write(`${line}\n`));
if ('missing' in found) throw new Error(found.missing);
const browser = await chromium.launch({ executablePath: found.path, args: ['--no-sandbox'] });
const wanted = process.argv.slice(2);
for (const [example, args] of Object.entries(examples)) {
  if (wanted.length > 0 && !wanted.includes(example)) continue;
  const folder = fileURLToPath(new URL(`../examples/${example}/`, import.meta.url));
  const data = mkdtempSync(join(tmpdir(), 'headgate-pictures-'));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(folder, 'main.ts'), '--port', '0', '--data', data, ...args],
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
  const url = /Open this: +(\S+)/.exec(output)?.[1] ?? '';
  await pause(playMs);
  for (const { name, viewport, colorScheme } of [
    { name: 'page-light', viewport: desktop, colorScheme: 'light' },
    { name: 'page-dark', viewport: desktop, colorScheme: 'dark' },
    { name: 'page-phone', viewport: phone, colorScheme: 'light' },
  ] as const) {
    const page = await browser.newPage({ viewport, colorScheme });
    await page.goto(url);
    await page.waitForSelector('.badge[data-state=live]');
    await pause(3_000);
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    await page.close();
    spawnSync('pngquant', ['--force', '--ext', '.png', '--quality', '70-95', path]);
  }
  child.kill('SIGINT');
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(data, { recursive: true, force: true });
}
await browser.close();

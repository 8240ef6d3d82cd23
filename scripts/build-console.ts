// Builds the console's page into dist/console, where the gateway serves it from; nothing where it is built already.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What it is made of. */
const sources = [
  'src/console',
  'src/page',
  'src/client',
  'examples/support/serve-page.ts',
  'scripts/build-console.ts',
  'package-lock.json',
];
const output = join(root, 'dist/console');
const stampFile = join(root, 'dist/.console-built');

const stamp = fingerprint();
const built = existsSync(join(output, 'index.html')) && existsSync(stampFile) && readFileSync(stampFile, 'utf8');
if (built !== stamp) {
  const { buildPage } = await import('../examples/support/serve-page.ts');
  await buildPage({ root: join(root, 'src/console'), output });
  writeFileSync(stampFile, stamp);
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const file of sources.flatMap(filesOf)) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function filesOf(source: string): readonly string[] {
  if (statSync(join(root, source)).isFile()) return [source];
  return readdirSync(join(root, source))
    .toSorted()
    .map((name) => `${source}/${name}`);
}

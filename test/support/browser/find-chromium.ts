import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export type Chromium = { readonly path: string } | { readonly missing: string };

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** `CHROMIUM_PATH`, what is installed, or what Debian installs for root. It says why there is none. */
export function findChromium(print: (line: string) => void): Chromium {
  const wanted = process.env['CHROMIUM_PATH'];
  if (wanted !== undefined) {
    return existsSync(wanted) ? { path: wanted } : { missing: `CHROMIUM_PATH names ${wanted}, which is not there` };
  }
  const found = installed();
  if (found !== undefined) return { path: found };
  if (process.getuid?.() !== 0) return { missing: 'no Chromium is installed; CHROMIUM_PATH may name one' };
  if (spawnSync('apt-get', ['--version']).status !== 0) {
    return { missing: 'no Chromium is installed, and there is no apt-get to install it with' };
  }
  print('no Chromium is installed: apt-get installs it, once');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update'], { env: environment });
  const { status, stderr } = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
    env: environment,
    encoding: 'utf8',
  });
  const path = installed();
  return path === undefined ? { missing: `apt-get install chromium ended with ${status}: ${stderr.trim()}` } : { path };
}

function installed(): string | undefined {
  for (const name of names) {
    const { stdout, status } = spawnSync('which', [name], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

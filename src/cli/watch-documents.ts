import { readdirSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join, sep } from 'node:path';
import { fixedFolder } from './fixed-folder.ts';

/** Editors save in several steps, and a branch is many files: changes count once it has been quiet for so long, ms. */
const quietMs = 100;

export interface DocumentsWatchOptions {
  /** Glob of the files that hold operations. */
  readonly pattern: string;
  readonly cwd: string;
  /** What is written into it is nobody's change. */
  readonly except: string;
  readonly changed: () => void;
}

/** Follows the files that a project's operations may be in. */
export function watchDocuments({ pattern, cwd, except, changed }: DocumentsWatchOptions): { close(): void } {
  const folder = fixedFolder(pattern, cwd);
  const endings = endingsOf(pattern);
  let quiet: NodeJS.Timeout | undefined;

  function follow(path: string, recursive: boolean): FSWatcher {
    const watcher = watch(path, { recursive }, (_, name) => {
      const file = name === null ? undefined : join(path, name);
      if (file !== undefined && (`${file}${sep}`.startsWith(`${except}${sep}`) || !endings.test(file))) return;
      clearTimeout(quiet);
      quiet = setTimeout(changed, quietMs);
    });
    // Of folders that were gone when they were looked into.
    watcher.on('error', () => {});
    return watcher;
  }

  // A project's own folder has its packages in it, far too many to be watched.
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const watchers = inside.some(({ name }) => name === 'node_modules')
    ? [
        follow(folder, false),
        ...inside
          .filter(({ name }) => name !== 'node_modules' && !name.startsWith('.'))
          .map(({ name }) => follow(join(folder, name), true)),
      ]
    : [follow(folder, true)];
  return {
    close() {
      clearTimeout(quiet);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** `src/**\/*.{ts,tsx}` is of files that end in .ts or .tsx; any file where the glob does not say. */
function endingsOf(pattern: string): RegExp {
  const found = /\.(?:\{([\w,]+)\}|(\w+))$/.exec(pattern);
  const names = (found?.[1] ?? found?.[2])?.split(',');
  return names === undefined ? /(?:)/ : new RegExp(`\\.(?:${names.join('|')})$`);
}

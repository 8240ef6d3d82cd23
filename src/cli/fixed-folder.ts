import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The folder that a glob begins with, or the nearest above it that exists: its appearance is then a change there. */
export function fixedFolder(pattern: string, cwd: string): string {
  return nearestFolder(resolve(cwd, pattern.split(/[*?{]/)[0] ?? '.'));
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

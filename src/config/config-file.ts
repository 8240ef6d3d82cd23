import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Mistake } from '../common/errors.ts';

const fileNames = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `headgate.config.${extension}`);

export interface ConfigFile {
  /** As the user wrote it, or found by name. */
  readonly file: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Reads the configuration: the file given, or the first `headgate.config.*` of the folder. Undefined where there is none;
 * a Mistake where it cannot be read.
 */
export async function readConfigFile(
  given: string | undefined,
  cwd: string,
): Promise<ConfigFile | Mistake | undefined> {
  const file = given ?? fileNames.find((name) => existsSync(resolve(cwd, name)));
  if (file === undefined) return undefined;
  const path = resolve(cwd, file);
  if (!existsSync(path)) return { file, message: 'There is no such configuration file.' };
  try {
    const values: unknown =
      extname(path) === '.json' ? JSON.parse(await readFile(path, 'utf8')) : await importDefault(path);
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) {
      return { file, values: values as Readonly<Record<string, unknown>> };
    }
    const what = extname(path) === '.json' ? 'holds' : 'exports as default';
    return { file, message: `A configuration file ${what} an object of settings, such as { "port": 4000 }.` };
  } catch (error) {
    return { file, message: reasonOf(error) };
  }
}

async function importDefault(path: string): Promise<unknown> {
  const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  return await module.default;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `This configuration file fails: ${String(error)}`;
  if ((error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return (
      `Node ${process.version} cannot load TypeScript. Call the file headgate.config.mjs (without types), ` +
      'or use Node 22.18 or newer, or start with NODE_OPTIONS="--import tsx".'
    );
  }
  return `This configuration file cannot be read: ${error.message}`;
}

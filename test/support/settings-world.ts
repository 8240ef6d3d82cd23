import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach } from 'vitest';
import { SetupError } from '../../src/common/errors.ts';
import { resolveOptions } from '../../src/config/options.ts';
import type { Resolved, ResolveInput } from '../../src/config/options.ts';

/** A project's folder, another for each test, and the settings as they are resolved in it. */
export interface SettingsWorld {
  readonly cwd: () => string;
  resolve(argv: readonly string[], env?: ResolveInput['env']): Promise<Resolved>;
  /** The messages of every mistake, with the file where it is in one. */
  mistakes(argv: readonly string[], env?: ResolveInput['env']): Promise<readonly string[]>;
  writeFile(name: string, text: string): void;
  writeConfig(text: string, name?: string): void;
}

export function createSettingsWorld(): SettingsWorld {
  const root = mkdtempSync(join(tmpdir(), 'headgate-options-'));
  let cwd = root;
  beforeEach(() => {
    cwd = mkdtempSync(join(root, 'project-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const resolve: SettingsWorld['resolve'] = (argv, env = {}) => resolveOptions({ argv, env, cwd });
  const writeFile = (name: string, text: string): void => writeFileSync(join(cwd, name), text);
  return {
    cwd: () => cwd,
    resolve,
    async mistakes(argv, env) {
      try {
        await resolve(argv, env);
      } catch (error) {
        if (!(error instanceof SetupError)) throw error;
        return error.mistakes.map(({ file, message }) => (file === undefined ? message : `${file}: ${message}`));
      }
      return [];
    },
    writeFile,
    writeConfig: (text, name = 'headgate.config.json') => writeFile(name, text),
  };
}

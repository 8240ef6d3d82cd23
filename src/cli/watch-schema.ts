import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadSchemaFiles } from '../config/load.ts';
import { fixedFolder } from './fixed-folder.ts';

/** Editors save in several steps; a change counts once it has been quiet for so long, ms. */
const quietMs = 100;

export interface SchemaWatchOptions {
  readonly patterns: readonly string[];
  readonly cwd: string;
  /** The text of the files is another one than at the last look, or they cannot be read any more, or can again. */
  readonly changed: () => void;
  readonly unwatchable: (folder: string) => void;
}

/** Whether the files of a schema change. `look` first, and again for whatever has changed. */
export class SchemaWatch {
  readonly #options: SchemaWatchOptions;
  readonly #watchers: FSWatcher[] = [];
  #quiet: NodeJS.Timeout | undefined;
  /** As it was at the last look. */
  #text = '';
  #closed = false;

  constructor(options: SchemaWatchOptions) {
    this.#options = options;
  }

  /** What is there now is known: changes from here on are told. */
  async look(): Promise<void> {
    const folders = await this.#folders();
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    if (this.#closed) return;
    for (const folder of folders) {
      try {
        this.#watchers.push(watch(folder, () => this.#touched()));
      } catch {
        this.#options.unwatchable(folder);
      }
    }
    // Read when it is watched: nothing happens unseen in between.
    this.#text = await this.#read();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#quiet);
    for (const watcher of this.#watchers) watcher.close();
  }

  async #folders(): Promise<ReadonlySet<string>> {
    const { patterns, cwd } = this.#options;
    try {
      const files = await loadSchemaFiles(patterns, cwd);
      return new Set(files.map(({ file }) => dirname(resolve(cwd, file))));
    } catch {
      // What is wrong with the files is told by whoever reads them; until they are there, their folder is watched.
      return new Set(patterns.map((pattern) => fixedFolder(pattern, cwd)));
    }
  }

  #touched(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      void this.#read().then((now) => {
        // Other files of a watched folder change too.
        if (now !== this.#text && !this.#closed) this.#options.changed();
      });
    }, quietMs);
  }

  /** The text of the schema's files, or why they cannot be read. */
  async #read(): Promise<string> {
    try {
      return JSON.stringify(await loadSchemaFiles(this.#options.patterns, this.#options.cwd));
    } catch (cause) {
      return String(cause);
    }
  }
}

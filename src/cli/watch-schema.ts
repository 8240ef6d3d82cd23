import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join, resolve } from 'node:path';
import { findFolders } from '../config/find-files.ts';
import { loadSchemaFiles } from '../config/load.ts';
import { fixedFolder } from './fixed-folder.ts';

/** Editors save in several steps; a change counts once it has been quiet for so long, ms. */
const quietMs = 100;

export interface SchemaWatchOptions {
  readonly patterns: readonly string[];
  readonly cwd: string;
  /** The text of the files is another one than at the last look, or they cannot be read any more, or can again. */
  readonly changed: () => void;
  /** Told once of each. */
  readonly unwatchable: (folder: string) => void;
}

/** Whether the files of a schema change. `look` first, and again for whatever has changed. */
export class SchemaWatch {
  readonly #options: SchemaWatchOptions;
  readonly #watchers: FSWatcher[] = [];
  readonly #unwatchable = new Set<string>();
  #quiet: NodeJS.Timeout | undefined;
  /** One at a time. */
  #following: Promise<string> = Promise.resolve('');
  /** The files as they were last read; undefined where they could not be. */
  #files: ReadonlySet<string> | undefined;
  /** As it was at the last look. */
  #text = '';
  #closed = false;

  constructor(options: SchemaWatchOptions) {
    this.#options = options;
  }

  /** What is there now is known: changes from here on are told. */
  async look(): Promise<void> {
    this.#text = await this.#follow();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#quiet);
    for (const watcher of this.#watchers) watcher.close();
  }

  /** Watches the folders that there are by now; the text of the files that are in them. */
  #follow(): Promise<string> {
    return (this.#following = this.#following.then(async () => {
      let watched: ReadonlySet<string> = new Set();
      // A folder that came before its own was watched came unseen.
      for (;;) {
        const folders = await this.#folders();
        if ([...folders].every((folder) => watched.has(folder))) break;
        this.#watch(folders);
        watched = folders;
      }
      // Read when it is watched: nothing happens unseen in between.
      return this.#read();
    }));
  }

  #watch(folders: Iterable<string>): void {
    // Anew, also where the name is known: the folder may be another one.
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    if (this.#closed) return;
    for (const folder of folders) {
      try {
        const watcher = watch(folder, (event, name) => this.#happened(event, name && join(folder, name)));
        // Of folders that are gone: the one above tells.
        watcher.on('error', () => {});
        this.#watchers.push(watcher);
      } catch {
        if (!this.#unwatchable.has(folder)) this.#options.unwatchable(folder);
        this.#unwatchable.add(folder);
      }
    }
  }

  /** Those that may hold a file of the schema; the nearest above where there is none yet. */
  async #folders(): Promise<ReadonlySet<string>> {
    const { patterns, cwd } = this.#options;
    const folders = patterns.map(async (pattern) => {
      // What cannot be read is told by whoever reads the files.
      const found = await findFolders(pattern, cwd).catch(() => []);
      return found.length === 0 ? [fixedFolder(pattern, cwd)] : found;
    });
    return new Set((await Promise.all(folders)).flat());
  }

  #happened(event: string, path: string | null): void {
    // Not where a file grows that is none of these, that of a topic say: it may do so all the time.
    if (event === 'change' && path !== null && this.#files?.has(path) === false) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      void this.#follow().then((now) => {
        // Other files of a watched folder change too.
        if (now !== this.#text && !this.#closed) this.#options.changed();
      });
    }, quietMs);
  }

  /** The text of the schema's files, or why they cannot be read. */
  async #read(): Promise<string> {
    const { patterns, cwd } = this.#options;
    try {
      const files = await loadSchemaFiles(patterns, cwd);
      this.#files = new Set(files.map(({ file }) => resolve(cwd, file)));
      return JSON.stringify(files);
    } catch (cause) {
      this.#files = undefined;
      return String(cause);
    }
  }
}

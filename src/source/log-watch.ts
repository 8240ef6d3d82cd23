import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * The file system's notices about folders. They are a hint that saves waiting: they may be missing (network file
 * systems, no inotify watches left), so whoever relies on them also looks from time to time.
 */
export class FolderWatch {
  readonly #onChange: (folder: string, name: string | undefined) => void;
  #closed = false;
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();

  /** `name` is the file in the folder that changed; undefined where that is not known. */
  constructor(onChange: (folder: string, name: string | undefined) => void) {
    this.#onChange = onChange;
  }

  /** Watches a folder from now on; a folder that was replaced is watched anew. False where that is not possible. */
  async add(folder: string): Promise<boolean> {
    try {
      const { ino } = await stat(folder);
      const known = this.#watchers.get(folder);
      if (known?.inode === ino) return true;
      if (this.#closed) return false;
      this.#remove(folder);
      const watcher = watch(folder, (_event, name) => {
        const file = name ?? undefined;
        // A folder's own name: it was removed or renamed, and its watcher is deaf from now on.
        if (file === basename(folder)) this.#remove(folder);
        this.#onChange(folder, file);
      });
      watcher.on('error', () => this.#remove(folder));
      this.#watchers.set(folder, { watcher, inode: ino });
      return true;
    } catch {
      this.#remove(folder);
      return false;
    }
  }

  close(): void {
    this.#closed = true;
    for (const folder of this.#watchers.keys()) this.#remove(folder);
  }

  #remove(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
  }
}

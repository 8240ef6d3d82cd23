import { readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';

const extension = /\.(graphql|graphqls|gql)$/;

/** The files that a pattern of `loadSchemaFiles` matches, by absolute path. Rejects where a folder cannot be read. */
export async function findFiles(pattern: string, cwd: string): Promise<readonly string[]> {
  const path = resolve(cwd, pattern);
  if ((await kindOf(path)) === 'file') return [path];
  const search = await searchOf(pattern, cwd);
  return search === undefined ? [] : (await entriesIn(search)).files.filter(search.matches);
}

/** The folders in which such a file is, or would be if it came; none where what the pattern begins with is not there. */
export async function findFolders(pattern: string, cwd: string): Promise<readonly string[]> {
  const path = resolve(cwd, pattern);
  if ((await kindOf(path)) === 'file') return [dirname(path)];
  const search = await searchOf(pattern, cwd);
  return search === undefined ? [] : (await entriesIn(search)).folders;
}

interface Search {
  readonly base: string;
  /** How many levels of folders are looked into, that of the base included. */
  readonly depth: number;
  readonly matches: (file: string) => boolean;
}

async function searchOf(pattern: string, cwd: string): Promise<Search | undefined> {
  const path = resolve(cwd, pattern);
  if ((await kindOf(path)) === 'folder') {
    return { base: path, depth: Infinity, matches: (file) => extension.test(file) };
  }
  const steps = pattern.split(/[/\\]/);
  const fixed = steps.slice(
    0,
    steps.findIndex((step) => /[*?{]/.test(step)),
  );
  if (fixed.length === steps.length || !/[*?{]/.test(pattern)) return undefined;
  // An absolute pattern begins with an empty step.
  const base = resolve(cwd, fixed.join('/') || (pattern.startsWith('/') ? '/' : '.'));
  if ((await kindOf(base)) !== 'folder') return undefined;
  const open = steps.slice(fixed.length);
  const depth = open.some((step) => step.includes('**')) ? Infinity : open.length;
  const matching = globToRegExp(open.join('/'));
  return { base, depth, matches: (file) => matching.test(relative(base, file).split(sep).join('/')) };
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

interface Entries {
  readonly files: readonly string[];
  /** That of the search is the first. */
  readonly folders: readonly string[];
}

/** Sorted, down to `depth` levels; without what is in node_modules or in folders and files whose name starts with a dot. */
async function entriesIn({ base, depth }: Pick<Search, 'base' | 'depth'>): Promise<Entries> {
  const files: string[] = [];
  const folders = [base];
  const entries = await readdir(base, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(base, entry.name);
    const kind = entry.isSymbolicLink() ? await kindOf(path) : entry.isDirectory() ? 'folder' : 'file';
    if (kind === 'file') files.push(path);
    // Links to folders are not followed: they may lead in circles.
    else if (kind === 'folder' && depth > 1 && !entry.isSymbolicLink()) {
      const inside = await entriesIn({ base: path, depth: depth - 1 });
      files.push(...inside.files);
      folders.push(...inside.folders);
    }
  }
  return { files, folders };
}

function globToRegExp(glob: string): RegExp {
  const source = glob.replaceAll(/\*\*\/|\*\*|\*|\?|\{([^{}]*)\}|[.+^$()|[\]\\{}]/g, (token, choices?: string) => {
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (choices !== undefined)
      return `(?:${choices
        .split(',')
        .map((each) => globToRegExp(each).source.slice(1, -1))
        .join('|')})`;
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}

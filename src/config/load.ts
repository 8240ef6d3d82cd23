import { readFile, readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { SetupError, reasonOf } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import type { SchemaFile } from './definitions.ts';

const extension = /\.(graphql|graphqls|gql)$/;

/**
 * Reads the schema files that the patterns name: a file, a folder (with its subfolders), or a glob of `*`, `**`, `?` and
 * `{a,b}`. Each file once, in the order of patterns and names; named relative to `cwd`. Throws SetupError with every
 * pattern that matches nothing and every file that cannot be read.
 */
export async function loadSchemaFiles(
  patterns: string | readonly string[],
  cwd: string = process.cwd(),
): Promise<readonly SchemaFile[]> {
  const mistakes: Mistake[] = [];
  const paths = new Set<string>();
  for (const pattern of typeof patterns === 'string' ? [patterns] : patterns) {
    try {
      const found = await findFiles(pattern, cwd);
      if (found.length === 0) mistakes.push({ message: `No schema file matches ${pattern} in ${cwd}. ${remedy}` });
      for (const path of found) paths.add(path);
    } catch (error) {
      mistakes.push({ message: `The schema at ${pattern} cannot be read: ${reasonOf(error)}.` });
    }
  }
  const files: SchemaFile[] = [];
  for (const path of paths) {
    const file = nameOf(path, cwd);
    try {
      files.push({ file, text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)) });
    } catch (error) {
      mistakes.push({
        file,
        message:
          error instanceof TypeError ? 'This file is not UTF-8.' : `This file cannot be read: ${reasonOf(error)}.`,
      });
    }
  }
  if (mistakes.length > 0) throw new SetupError(mistakes);
  return files;
}

const remedy =
  'Write one there (type Song @table(topic: "songs") { id: ID! }), have one made of sample records (npx headgate init), or say where ' +
  'yours are with --schema.';

async function findFiles(pattern: string, cwd: string): Promise<readonly string[]> {
  const path = resolve(cwd, pattern);
  const kind = await kindOf(path);
  if (kind === 'file') return [path];
  if (kind === 'folder') return (await filesIn(path, Infinity)).filter((file) => extension.test(file));
  const steps = pattern.split(/[/\\]/);
  const fixed = steps.slice(
    0,
    steps.findIndex((step) => /[*?{]/.test(step)),
  );
  if (fixed.length === steps.length || !/[*?{]/.test(pattern)) return [];
  // An absolute pattern begins with an empty step.
  const base = resolve(cwd, fixed.join('/') || (pattern.startsWith('/') ? '/' : '.'));
  if ((await kindOf(base)) !== 'folder') return [];
  const open = steps.slice(fixed.length);
  const depth = open.some((step) => step.includes('**')) ? Infinity : open.length;
  const matches = globToRegExp(open.join('/'));
  return (await filesIn(base, depth)).filter((file) => matches.test(relative(base, file).split(sep).join('/')));
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

/** Sorted, down to `depth` levels; without what is in node_modules or in folders and files whose name starts with a dot. */
async function filesIn(folder: string, depth: number): Promise<readonly string[]> {
  const files: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? await kindOf(path) : entry.isDirectory() ? 'folder' : 'file';
    if (kind === 'file') files.push(path);
    // Links to folders are not followed: they may lead in circles.
    else if (kind === 'folder' && depth > 1 && !entry.isSymbolicLink()) files.push(...(await filesIn(path, depth - 1)));
  }
  return files;
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

function nameOf(path: string, cwd: string): string {
  const name = relative(cwd, path);
  return (name.startsWith(`..${sep}..`) ? path : name).split(sep).join('/');
}

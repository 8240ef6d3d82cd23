import { readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { SetupError, reasonOf } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import type { SchemaFile } from './definitions.ts';
import { findFiles } from './find-files.ts';

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

function nameOf(path: string, cwd: string): string {
  const name = relative(cwd, path);
  return (name.startsWith(`..${sep}..`) ? path : name).split(sep).join('/');
}

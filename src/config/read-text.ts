import { readFileSync } from 'node:fs';
import type { Mistake } from '../common/errors.ts';
import { reasonOf } from '../common/errors.ts';

/** The text of a file that a setting names; undefined where it cannot be read, which is reported under the name that the user wrote. */
export function readText(path: string, file: string, mistakes: Mistake[]): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = reasonOf(error);
    mistakes.push({ file, message: `This file cannot be read: ${reason}` });
    return undefined;
  }
}

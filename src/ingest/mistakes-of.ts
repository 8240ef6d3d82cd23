import { SetupError } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';

/** The mistakes of a SetupError; any other failure as one. Plain data, where an error would cross between threads. */
export function mistakesOf(cause: unknown): readonly Mistake[] {
  if (cause instanceof SetupError) return cause.mistakes;
  return [{ message: cause instanceof Error ? cause.message : String(cause) }];
}

/**
 * What becomes of a process whose output cannot be written: the exit code, or undefined where it goes on. A reader that has
 * seen enough (`headgate print-schema | head`) is no failure. A gateway whose log lines a full disk does not take still serves.
 */
export function lostOutput(error: NodeJS.ErrnoException, command: string | undefined): number | undefined {
  if (error.code === 'EPIPE') return 0;
  return command === 'serve' || command === 'dev' ? undefined : 1;
}

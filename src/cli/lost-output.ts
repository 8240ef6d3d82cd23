/**
 * What becomes of a process whose output cannot be written: the exit code, or undefined where it goes on. A reader that has
 * seen enough (`headgate print-schema | head`) is no failure. A gateway in production serves on: nobody has told it to stop, and
 * an exit code of 0 would keep a supervisor from starting it again.
 */
export function lostOutput(error: NodeJS.ErrnoException, command: string | undefined): number | undefined {
  if (command === 'serve') return undefined;
  if (error.code === 'EPIPE') return 0;
  return command === 'dev' ? undefined : 1;
}

/**
 * What becomes of a process whose output cannot be written: the exit code, or undefined where it goes on. A reader that has
 * seen enough (`headgate print-schema | head`) is no failure. A gateway serves on: nobody has told it to stop, an exit code of 0
 * would keep a supervisor from starting it again, and `process.exit` can hang in the midst of a commit.
 */
export function lostOutput(error: NodeJS.ErrnoException, command: string | undefined): number | undefined {
  if (command === 'serve' || command === 'dev') return undefined;
  return error.code === 'EPIPE' ? 0 : 1;
}

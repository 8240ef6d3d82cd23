/**
 * What Headgate says to whoever operates it. A message is a sentence; facts are what a machine would filter by.
 * The command line prints it (`cli/log.ts`); a library's user may pass any logger of this shape.
 */
export interface Log {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

#!/usr/bin/env node
import { lostOutput } from './lost-output.ts';
import { runCli } from './run.ts';

let told = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  const exitCode = lostOutput(error, process.argv[2]);
  if (exitCode !== 0 && !told) {
    const then = exitCode === undefined ? '; going on without it' : '';
    process.stderr.write(`headgate: the output cannot be written: ${error.message}${then}\n`);
  }
  told = true;
  if (exitCode !== undefined) process.exit(exitCode);
});
// Lost like the output, and there is nowhere left to say so.
process.stderr.on('error', () => {});

process.exitCode = await runCli(process.argv.slice(2), process.env, {
  cwd: process.cwd(),
  input: process.stdin,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});

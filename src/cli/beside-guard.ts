import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { graceMs } from './start-beside.ts';
import { startedBy } from './started-by.ts';

/**
 * Ends the command that `headgate dev --start` runs, and all that it has started, where dev was killed and could not: a process of its
 * own, which learns of that by the end of its input.
 *
 *   node beside-guard.js PID
 */
const root = Number(process.argv[2]);
await once(process.stdin.resume(), 'end');
const pids = [root, ...startedBy(root)];
for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
  if (signal === 'SIGTERM') await pause(graceMs);
}

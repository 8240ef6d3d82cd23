import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startedBy } from './started-by.ts';

/** What it has to end by itself, ms. */
export const graceMs = 3_000;

/** A command that runs while the gateway does. */
export interface Beside {
  /** How it ended. */
  readonly ended: Promise<BesideEnd>;
  /** Ends it, and all that it has started: npm, say, keeps to itself what ends it. */
  stop(): void;
}

export interface BesideEnd {
  /** 0 where a signal ended it. */
  readonly exitCode: number;
  /** Why it could not be started. */
  readonly reason?: string;
}

/**
 * Runs a command with arguments, such as `vite --port 3000`, in this terminal; commands of the project's packages are found. It is
 * told where the gateway is by GATEWAY_URL, the address without a path: a name with HEADGATE_ in front would be a setting.
 */
export function startBeside(command: string, cwd: string, gatewayUrl: string): Beside {
  const path = [join(cwd, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const env = { ...process.env, PATH: path, GATEWAY_URL: new URL(gatewayUrl).origin };
  const [file = '', ...args] = (command.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
  // A shell would not pass on the signal that ends it. Windows has no signals, and starts scripts of packages by its shell alone.
  const child = spawn(file, args, { cwd, env, shell: process.platform === 'win32', stdio: 'inherit' });
  const ended = new Promise<BesideEnd>((resolve) => {
    child.once('error', ({ message }) => resolve({ exitCode: 1, reason: message }));
    child.once('exit', (code) => resolve({ exitCode: code ?? 0 }));
  });
  if (child.pid !== undefined) void ended.then(startGuard(child.pid));
  /** Those that are to end: once a process has gone, nobody knows any more what it had started. */
  const pids = new Set<number>();

  function end(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      for (const pid of [child.pid, ...startedBy(child.pid)]) pids.add(pid);
    }
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch {
        pids.delete(pid);
      }
    }
  }

  const endAtOnce = (): void => end('SIGKILL');
  process.once('exit', endAtOnce);
  return {
    ended,
    stop() {
      end('SIGTERM');
      setTimeout(endAtOnce, graceMs).unref();
      // A second signal ends this process, and no event tells of that.
      for (const name of ['SIGTERM', 'SIGINT'] as const) {
        process.once(name, () => {
          endAtOnce();
          process.kill(process.pid, name);
        });
      }
    },
  };
}

/** Ends it where this process is killed, and cannot; answers what lets go of it. */
function startGuard(pid: number): () => void {
  // The package runs from dist. In a group of its own: whoever kills this one may mean all of its group.
  const file = fileURLToPath(new URL('./beside-guard.js', import.meta.url));
  const guard = spawn(process.execPath, [file, String(pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  (guard.stdin as Socket).unref();
  // Without one the command stays when this process is killed, and that is all.
  guard.on('error', () => {});
  return () => void guard.kill('SIGKILL');
}

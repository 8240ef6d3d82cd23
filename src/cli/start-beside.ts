import { execFileSync, spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** What it has to end by itself, ms. */
const graceMs = 3_000;

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

/** The processes that this one has started, and those that they have; none where the system does not tell. */
function startedBy(root: number): readonly number[] {
  if (process.platform === 'win32') return [];
  let table: string;
  try {
    table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return [];
  }
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const found = [root];
  for (const parent of found)
    found.push(...rows.flatMap(([pid, by]) => (by === parent && pid !== undefined ? [pid] : [])));
  return found.slice(1);
}

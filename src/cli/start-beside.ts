import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** A command that runs while the gateway does. */
export interface Beside {
  /** How it ended. */
  readonly ended: Promise<BesideEnd>;
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
  return {
    ended,
    stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill();
    },
  };
}

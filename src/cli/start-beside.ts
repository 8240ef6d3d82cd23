import { spawn } from 'node:child_process';

/** A command that runs while the gateway does. */
export interface Beside {
  /** Its exit code; undefined where a signal ended it. */
  readonly ended: Promise<number | undefined>;
  stop(): void;
}

/**
 * Runs a command line, such as `vite`, with this terminal. It is told where the gateway is by GATEWAY_URL, the address without a path;
 * a name with HEADGATE_ in front would be a setting.
 */
export function startBeside(command: string, cwd: string, gatewayUrl: string): Beside {
  const env = { ...process.env, GATEWAY_URL: new URL(gatewayUrl).origin };
  const child = spawn(command, { cwd, env, shell: true, stdio: 'inherit' });
  const ended = new Promise<number | undefined>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? undefined));
  });
  return {
    ended,
    stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill();
    },
  };
}

import { spawn } from 'node:child_process';

/** A command of a user's project that goes on until it is stopped. */
export interface ProjectProcess {
  /** Resolves with what the pattern's first group is in the output, colours aside; throws with the output when it ends before. */
  printed(pattern: RegExp): Promise<string>;
  /** Ends it and all that it started, as Ctrl-C does. */
  stop(): Promise<void>;
}

/** This process's, less what steers tests, and npm made quick and quiet. */
export function projectEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(HEADGATE_|npm_|VITEST|VITE_|NODE_ENV$)/.test(name));
  const quick = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };
  return { ...Object.fromEntries(kept), ...quick, ...more };
}

export function startInProject(
  cwd: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ProjectProcess {
  // A group of its own, like a job of a shell.
  const child = spawn(command, args, {
    cwd,
    env: projectEnvironment(env),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const lookers = new Set<() => void>();
  let hasEnded = false;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      hasEnded = true;
      resolve();
    });
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      // oxlint-disable-next-line no-control-regex -- colours begin with one
      output += chunk.toString().replaceAll(/\u001b\[[\d;]*m/g, '');
      for (const look of lookers) look();
    });
  }
  return {
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(output)?.[1];
          if (found === undefined) return;
          lookers.delete(look);
          resolve(found);
        };
        lookers.add(look);
        look();
        void exited.then(() => reject(new Error(`${command} ended:\n${output}`)));
      }),
    async stop() {
      if (child.pid !== undefined && !hasEnded) process.kill(-child.pid, 'SIGINT');
      await exited;
    },
  };
}

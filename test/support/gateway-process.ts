import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A gateway as a user runs it: the built command line in a process of its own, on a free port. */
export interface GatewayProcess {
  readonly url: string;
  readonly wsUrl: string;
  readonly pid: number;
  /** Everything it printed. */
  output(): string;
  /** As a power switch would, without a word to the process. */
  kill9(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Runs `headgate …args` to its end. */
export async function runHeadgate(
  args: readonly string[],
  options: { cwd?: string; input?: string; env?: Record<string, string> } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: options.cwd,
    env: environment(options.env),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.end(options.input ?? '');
  const code = await exitOf(child);
  return { code, stdout, stderr };
}

/** Resolves when it listens; throws with its output when it ends before. */
export async function startGatewayProcess(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<GatewayProcess> {
  const port = args.includes('--port') ? [] : ['--port', '0'];
  const child = spawn(process.execPath, [command, ...args, ...port], {
    cwd: options.cwd,
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = exitOf(child);
  const url = await new Promise<string>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = /(http:\/\/[^\s"]+\/graphql)/.exec(output);
      if (found?.[1] !== undefined) resolve(found[1]);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    void exited.then((code) => reject(new Error(`headgate ended with ${code} before it listened:\n${output}`)));
  });
  return {
    url,
    wsUrl: url.replace(/^http/, 'ws'),
    pid: child.pid ?? 0,
    output: () => output,
    async kill9() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
    exited,
  };
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

/** One pull over HTTP. */
export async function postGraphql(
  url: string,
  query: string,
  variables?: Record<string, unknown>,
): Promise<{
  data?: Record<string, unknown>;
  errors?: { message: string; extensions: { code: string } }[];
  extensions?: { position: string };
}> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Awaited<ReturnType<typeof postGraphql>>;
}

/** This process's, less what steers tests: an unknown `HEADGATE_…` variable is an error to the command line. */
function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('HEADGATE_'));
  return { ...Object.fromEntries(kept), ...more };
}

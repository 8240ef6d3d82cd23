import { execFile, spawn } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BenchmarkUnavailable } from './harness.ts';

const run = promisify(execFile);

export interface PostgresProcess {
  readonly pid: number;
  readonly connectionString: string;
  /** Runs SQL through psql; `input` is what COPY … FROM STDIN reads. */
  sql(text: string, input?: string): Promise<void>;
  stop(): Promise<void>;
}

/** The machine's PostgreSQL on an empty directory, reached by a socket in it alone: its defaults, but for memory to hold the rows in. */
export async function startPostgres(directory: string): Promise<PostgresProcess> {
  const owner = await ownerOf();
  const programs = await programsOf();
  const [data, sockets] = [join(directory, 'postgres'), directory];
  if (owner !== undefined) await chown(directory, owner.uid, owner.gid);
  await run(join(programs, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres'], { ...owner });
  const settings = ['listen_addresses=', `unix_socket_directories=${sockets}`, 'shared_buffers=512MB'];
  const child = spawn(join(programs, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    stdio: 'ignore',
    ...owner,
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const psql = ['-h', sockets, '-U', 'postgres', '-v', 'ON_ERROR_STOP=1', '-q', '-c'];

  function sql(text: string, input?: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const asked = execFile('psql', [...psql, text], (error) => (error === null ? resolve() : reject(error)));
      asked.stdin?.end(input);
    });
  }

  for (let left = 100; ; left -= 1) {
    try {
      await sql('select 1');
      break;
    } catch (error) {
      if (left === 0 || child.exitCode !== null) throw error;
      await pause(100);
    }
  }
  return {
    pid: child.pid ?? 0,
    connectionString: `postgresql:///postgres?host=${encodeURIComponent(sockets)}&user=postgres`,
    sql,
    async stop() {
      // "Fast": sessions are ended.
      child.kill('SIGINT');
      await exited;
    },
  };
}

/** It refuses to run as root: then as the user that its packages make. */
async function ownerOf(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((what) => run('id', [what, 'postgres'])));
    return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  } catch {
    throw new BenchmarkUnavailable('PostgreSQL does not run as root, and there is no user postgres.');
  }
}

/** `initdb` wants to find `postgres` beside itself. */
async function programsOf(): Promise<string> {
  try {
    await run('psql', ['--version']);
    const { stdout } = await run('sh', ['-c', 'readlink -f "$(command -v postgres)"']);
    if (stdout.trim() !== '') return dirname(stdout.trim());
  } catch {
    // Said below.
  }
  throw new BenchmarkUnavailable('There is no PostgreSQL on this machine (postgres, initdb and psql).');
}

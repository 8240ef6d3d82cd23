import { execFileSync } from 'node:child_process';

/** The processes that this one has started, and those that they have; none where the system does not tell. */
export function startedBy(root: number): readonly number[] {
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

import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutants, type Mutant } from './mutants.ts';

/**
 * Seeds one bug at a time into a copy of the sources and runs the suite that should notice. A suite that notices kills the
 * mutant; one that survives is a hole in the tests. Exit code 1 if any survives or cannot be made.
 *
 *   npm run test:mutants              all
 *   npm run test:mutants -- tombstone those whose name contains the word
 *   HEADGATE_BUDGET_S                 how long the oracle searches for each; default 60
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const wanted = process.argv.slice(2);
const chosen = mutants.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));

/** The patched text; throws unless the search text is there exactly once. */
function patched(mutant: Mutant): string {
  const source = readFileSync(join(root, mutant.file), 'utf8');
  const parts = source.split(mutant.search);
  if (parts.length !== 2) {
    throw new Error(`${mutant.name}: its text is ${parts.length - 1} times in ${mutant.file}, and must be there once`);
  }
  return parts.join(mutant.replace);
}

function copy(mutant: Mutant, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'headgate-mutant-'));
  for (const part of ['src', 'test', 'schema', 'package.json', 'tsconfig.json', 'vitest.config.ts']) {
    cpSync(join(root, part), join(directory, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(join(directory, mutant.file), text);
  return directory;
}

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly { readonly failureMessages: string[] }[] }[];
}

/** What vitest said: tests that failed kill a mutant, a suite that could not run says nothing. */
async function suiteIn(directory: string, mutant: Mutant): Promise<'killed' | 'survived' | string> {
  const report = join(directory, 'mutant-report.json');
  const command = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [command, 'run', mutant.suite, '--reporter=json', `--outputFile=${report}`], {
    cwd: directory,
    env: { HEADGATE_BUDGET_S: '60', HEADGATE_SEED: '1', HEADGATE_SHRINK_S: '0', ...process.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as Report;
    const messages = result.testResults.flatMap(({ assertionResults }) =>
      assertionResults.flatMap(({ failureMessages }) => failureMessages),
    );
    // A suite that ran out of time on a busy machine has noticed nothing.
    if (messages.some((message) => !/Test timed out in/.test(message))) return 'killed';
    if (messages.length > 0) return 'the suite ran out of time';
    if (result.numPassedTests > 0 && code === 0) return 'survived';
  } catch {
    // No report: told below.
  }
  return `the suite did not run: ${errors.slice(-2000)}`;
}

let survivors = 0;
for (const mutant of chosen) {
  const started = Date.now();
  let directory: string | undefined;
  let outcome: string;
  try {
    directory = copy(mutant, patched(mutant));
    outcome = await suiteIn(directory, mutant);
  } catch (error) {
    outcome = error instanceof Error ? error.message : String(error);
  } finally {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  }
  if (outcome !== 'killed') survivors += 1;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${outcome === 'killed' ? 'killed  ' : 'SURVIVED'} ${mutant.name} (${mutant.suite}, ${seconds} s)`);
  if (outcome !== 'killed' && outcome !== 'survived') console.log(`         ${outcome}`);
}
console.log(`${chosen.length - survivors} of ${chosen.length} mutants killed`);
process.exitCode = survivors > 0 || chosen.length === 0 ? 1 : 0;

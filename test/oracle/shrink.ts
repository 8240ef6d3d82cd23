import { runRound } from './run-round.ts';
import type { Round, Step } from './script.ts';

/** Whether a round still fails, and how. */
async function failureOf(round: Round, run: typeof runRound): Promise<string | undefined> {
  try {
    await run(round, { commits: 0, pulls: 0, frames: 0, messages: 0 });
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

export interface Shrunk {
  readonly steps: readonly Step[];
  readonly problem: string;
}

/** Leaves out steps, then records, for as long as the round fails at all and the time lasts. */
export async function shrink(
  round: Round,
  problem: string,
  deadlineMs: number,
  run: typeof runRound = runRound,
): Promise<Shrunk> {
  let best: Shrunk = { steps: round.steps, problem };
  const attempt = async (steps: readonly Step[]): Promise<boolean> => {
    if (Date.now() > deadlineMs) return false;
    const found = await failureOf({ ...round, steps }, run);
    if (found === undefined) return false;
    best = { steps, problem: found };
    return true;
  };
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = best.steps.length - size; from > -size; from -= size) {
      const at = Math.max(0, from);
      await attempt(best.steps.filter((_, i) => i < at || i >= at + size));
    }
  }
  for (let at = best.steps.length - 1; at >= 0; at -= 1) {
    const step = best.steps[at];
    if (step?.kind !== 'commit') continue;
    for (let record = step.records.length - 1; record >= 0; record -= 1) {
      const now = best.steps[at];
      if (now?.kind !== 'commit' || now.records.length === 1) break;
      const fewer: Step = { kind: 'commit', records: now.records.filter((_, i) => i !== record) };
      await attempt(best.steps.map((other, i) => (i === at ? fewer : other)));
    }
  }
  return best;
}

/** The steps as a person reads them. */
export function printSteps(steps: readonly Step[]): string {
  return steps.map((step, i) => `${i}. ${printStep(step)}`).join('\n');
}

function printStep(step: Step): string {
  switch (step.kind) {
    case 'commit':
      return `commit\n${step.records.map((record) => `     ${printRecord(record)}`).join('\n')}`;
    case 'live':
    case 'page':
      return `${step.kind} ${step.root.kind} of ${step.root.table}`;
    case 'pull':
      return `pull ${step.roots.map((root) => `${root.kind} of ${root.table}`).join(', ')}`;
    case 'changes':
      return `changes of ${step.plan.table} as ${step.id}${step.snapshot ? ', with a snapshot' : ''}`;
    case 'resume':
      return `resume ${step.id}`;
    case 'stall':
    case 'read':
    case 'stop':
      return `${step.kind} ${step.id}`;
    case 'restart':
      return 'restart';
  }
}

function printRecord(record: Extract<Step, { kind: 'commit' }>['records'][number]): string {
  const { topic, partition, key, value, timestamp } = record;
  return `${topic}/${partition} @${timestamp} ${printBytes(key)} = ${printBytes(value)}`;
}

function printBytes(bytes: Uint8Array | null | undefined): string {
  if (bytes === null || bytes === undefined) return String(bytes);
  const text = JSON.stringify(Buffer.from(bytes).toString());
  return text.length > 600 ? `${text.slice(0, 600)}… (${bytes.length} bytes)` : text;
}

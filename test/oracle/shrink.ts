import type { Round, Step } from './script.ts';
import type { RuleSpec, SchemaSpec, TableSpec } from './spec.ts';

type Run<R extends Round> = (round: R) => Promise<void>;

/** Whether a round still fails, and how. */
async function failureOf<R extends Round>(round: R, run: Run<R>): Promise<string | undefined> {
  try {
    await run(round);
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

export interface Shrunk<R extends Round> {
  readonly schema: R['schema'];
  readonly steps: readonly Step[];
  readonly problem: string;
}

/** Leaves out steps, then rules, then records, for as long as the round fails at all and the time lasts. */
export async function shrink<R extends Round>(
  round: R,
  problem: string,
  deadlineMs: number,
  run: Run<R>,
): Promise<Shrunk<R>> {
  let best: Shrunk<R> = { schema: round.schema, steps: round.steps, problem };
  const attempt = async (steps: readonly Step[], schema: R['schema'] = best.schema): Promise<boolean> => {
    if (Date.now() > deadlineMs) return false;
    const found = await failureOf({ ...round, schema, steps }, run);
    if (found === undefined) return false;
    best = { schema, steps, problem: found };
    return true;
  };
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = best.steps.length - size; from > -size; from -= size) {
      const at = Math.max(0, from);
      await attempt(best.steps.filter((_, i) => i < at || i >= at + size));
    }
  }
  for (let left = true; left;) {
    left = false;
    for (const schema of withoutRules(best.schema)) {
      left = await attempt(best.steps, schema);
      if (left) break;
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

/** The schema without one of its rules, or without all of a type or field. */
function withoutRules<S extends SchemaSpec>(schema: S): readonly S[] {
  const replaced = (table: TableSpec, by: Partial<TableSpec>): S => ({
    ...schema,
    tables: schema.tables.map((each) => (each === table ? { ...each, ...by } : each)),
  });
  return schema.tables.flatMap((table) => {
    const { auth, columns, relations } = table;
    return [
      ...fewer(auth?.kind === 'rules' ? auth.rules : undefined).map((rules) =>
        replaced(table, { auth: rules && { kind: 'rules', rules } }),
      ),
      ...columns.flatMap((column) =>
        fewer(column.auth).map((rules) =>
          replaced(table, { columns: columns.map((each) => (each === column ? { ...each, auth: rules } : each)) }),
        ),
      ),
      ...relations.flatMap((relation) =>
        fewer(relation.auth).map((rules) =>
          replaced(table, {
            relations: relations.map((each) => (each === relation ? { ...each, auth: rules } : each)),
          }),
        ),
      ),
    ];
  });
}

function fewer(rules: readonly RuleSpec[] | undefined): readonly (readonly RuleSpec[] | undefined)[] {
  if (rules === undefined) return [];
  return [undefined, ...(rules.length < 2 ? [] : rules.map((_, i) => rules.filter((_rule, other) => other !== i)))];
}

/** The callers as a round begins. */
export function printCallers({ callers = [] }: Round): string {
  return callers
    .map((caller, i) => `caller ${i}: ${caller === undefined ? 'nobody' : JSON.stringify(caller)}\n`)
    .join('');
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
      return `${step.kind} ${step.root.kind} of ${step.root.table}${asked(step)}`;
    case 'pull':
      return `pull ${step.roots.map((root) => `${root.kind} of ${root.table}`).join(', ')}${asked(step)}`;
    case 'changes':
      return `changes of ${step.plan.table} as ${step.id}${step.snapshot ? ', with a snapshot' : ''}${asked(step)}`;
    case 'node':
      return `node of ${step.table}${asked(step)}`;
    case 'follow':
      return `rows of ${step.plan.table} and their changes as ${step.id}${asked(step)}`;
    case 'resume':
      return `resume ${step.id}${asked(step)}`;
    case 'claims':
      return `caller ${step.as} is ${JSON.stringify(step.caller)}`;
    case 'stall':
    case 'read':
    case 'stop':
      return `${step.kind} ${step.id}`;
    case 'tick':
    case 'trim':
      return `${step.kind} at ${step.nowMs}`;
    case 'restart':
      return step.reindex === undefined ? 'restart' : 'restart with other indexes';
  }
}

function asked({ as }: { readonly as?: number | undefined }): string {
  return as === undefined ? '' : ` as caller ${as}`;
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

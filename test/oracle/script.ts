import { Coverage, type Vector } from './coverage.ts';
import { History, type ProducedRecord } from './generate-history.ts';
import { generateCrossing, generateLookup, generateOperation } from './generate-query.ts';
import { generateSchema } from './generate-schema.ts';
import type { ChangesPlan, RootSelection } from './plan.ts';
import { Random } from './random.ts';
import type { SchemaSpec } from './spec.ts';

/**
 * A round as data: what happens to a gateway, step by step. Whatever steps are left out, the rest still means something,
 * so that a failure can be made small.
 */
export type Step =
  | { readonly kind: 'commit'; readonly records: readonly ProducedRecord[] }
  | { readonly kind: 'pull'; readonly roots: readonly RootSelection[]; readonly seed: number }
  /** A page of a connection, from a cursor met before (the one that `choice` falls on). */
  | {
      readonly kind: 'page';
      readonly root: Extract<RootSelection, { kind: 'connection' }>;
      readonly choice: number;
      readonly seed: number;
    }
  | { readonly kind: 'live'; readonly id: number; readonly root: RootSelection; readonly seed: number }
  | {
      readonly kind: 'changes';
      readonly id: number;
      readonly plan: ChangesPlan;
      readonly snapshot: boolean;
      readonly seed: number;
    }
  /** Starts the change stream again, after one of the positions that it has given. */
  | { readonly kind: 'resume'; readonly id: number; readonly choice: number; readonly snapshot: boolean }
  | { readonly kind: 'stall' | 'read' | 'stop'; readonly id: number }
  | { readonly kind: 'restart' };

export interface Round {
  readonly seed: number;
  readonly schema: SchemaSpec;
  readonly steps: readonly Step[];
  /** What the round would cover, to be counted once it has run. */
  readonly vectors: readonly Vector[];
}

export function generateRound(seed: number, coverage: Coverage): Round {
  const random = new Random(seed);
  const schema = generateSchema(random.fork());
  const history = new History(random.fork(), schema);
  const steps: Step[] = [];
  const vectors: Vector[] = [];
  const live: number[] = [];
  const streams: number[] = [];
  const stalled: number[] = [];
  let ids = 0;
  const length = random.between(35, 60);
  for (let i = 0; i < length; i += 1) {
    const draw = random.int(100);
    const seedOfText = random.int(2 ** 31);
    if (i < 2 || draw < 38) steps.push({ kind: 'commit', records: history.commit() });
    else if (draw < 43) {
      const plan = generateCrossing(random, schema);
      if (plan === undefined) continue;
      ids += 1;
      streams.push(ids);
      steps.push({ kind: 'changes', id: ids, plan, snapshot: random.chance(0.2), seed: seedOfText });
    } else if (draw < 74) {
      const generated = generateOperation(random, schema, coverage);
      coverage.meet(generated.vector);
      vectors.push(generated.vector);
      ids += 1;
      if (generated.kind === 'changes') {
        const snapshot = random.chance(0.25) && canBeginWithRows(generated.plan);
        streams.push(ids);
        steps.push({ kind: 'changes', id: ids, plan: generated.plan, snapshot, seed: seedOfText });
      } else if (generated.vector.kind === 'pull') {
        steps.push({ kind: 'pull', roots: [generated.root, ...otherRoots(random, schema)], seed: seedOfText });
      } else {
        live.push(ids);
        steps.push({ kind: 'live', id: ids, root: generated.root, seed: seedOfText });
      }
    } else if (draw < 78) {
      const root = generateLookup(random, schema, (table) => history.keyValues(table));
      ids += 1;
      if (random.chance(0.4)) steps.push({ kind: 'pull', roots: [root], seed: seedOfText });
      else {
        live.push(ids);
        steps.push({ kind: 'live', id: ids, root, seed: seedOfText });
      }
    } else if (draw < 80) {
      // Somebody else with the same live query shares its evaluation.
      const twin = random.pick([...steps.filter((step) => step.kind === 'live'), undefined]);
      if (twin === undefined) continue;
      ids += 1;
      live.push(ids);
      steps.push({ ...twin, id: ids });
      // One reads on, the other finds what it missed.
      if (random.chance(0.6)) stalled.push(ids);
      if (stalled.at(-1) === ids) steps.push({ kind: 'stall', id: ids });
    } else if (draw < 83) {
      const root = connectionOf(steps);
      if (root !== undefined) steps.push({ kind: 'page', root, choice: random.int(1000), seed: seedOfText });
    } else if (draw < 90 && streams.length > 0) {
      steps.push({ kind: 'resume', id: random.pick(streams), choice: random.int(1000), snapshot: random.chance(0.2) });
    } else if (draw < 97 && live.length + streams.length > 0) {
      steps.push({
        kind: random.pick(['stall', 'read', 'read', 'stop'] as const),
        id: random.pick([...live, ...streams]),
      });
    } else if (draw >= 97) steps.push({ kind: 'restart' });
  }
  return { seed, schema, steps, vectors };
}

/** The rows of a snapshot arrive as INSERT. */
function canBeginWithRows({ operations }: ChangesPlan): boolean {
  return operations === undefined || operations.includes('INSERT');
}

/** Several fields over several tables are one answer at one version. */
function otherRoots(random: Random, schema: SchemaSpec): RootSelection[] {
  if (random.chance(0.6)) return [];
  const generated = generateOperation(random, schema, new Coverage());
  return generated.kind === 'query' ? [{ ...generated.root, alias: 'second' }] : [];
}

function connectionOf(steps: readonly Step[]): Extract<RootSelection, { kind: 'connection' }> | undefined {
  for (const step of steps.toReversed()) {
    if (step.kind === 'live' && step.root.kind === 'connection') return step.root;
  }
  return undefined;
}

/** The same records, cut into other commits and with their partitions interleaved in another way. */
export function resplit(round: Round): Round {
  const random = new Random(round.seed ^ 0x5bd1e995);
  const queues = new Map<string, ProducedRecord[]>();
  for (const step of round.steps) {
    if (step.kind !== 'commit') continue;
    for (const record of step.records) {
      const id = `${record.topic}/${record.partition}`;
      queues.set(id, [...(queues.get(id) ?? []), record]);
    }
  }
  const steps: Step[] = [];
  let records: ProducedRecord[] = [];
  while (queues.size > 0) {
    const [id, queue] = random.pick([...queues]);
    records.push(...queue.splice(0, random.between(1, 6)));
    if (queue.length === 0) queues.delete(id);
    if (queues.size > 0 && !random.chance(0.3)) continue;
    steps.push({ kind: 'commit', records });
    records = [];
  }
  return { ...round, steps, vectors: [] };
}

import { Cast } from './cast.ts';
import type { Caller } from './claims.ts';
import { Coverage, type Vector } from './coverage.ts';
import { forgetChanges } from './forget-changes.ts';
import { Callers } from './generate-callers.ts';
import { askGuarded } from './generate-guarded.ts';
import { History, type ProducedRecord } from './generate-history.ts';
import { columnsOf, generateCrossing, generateLookup, generateOperation, generateSelect } from './generate-query.ts';
import { addRules } from './generate-rules.ts';
import { generateSchema } from './generate-schema.ts';
import type { ChangesPlan, RootSelection, Selection } from './plan.ts';
import { Random } from './random.ts';
import type { RuleCoverage } from './rule-coverage.ts';
import { shownPart } from './shown.ts';
import type { SchemaSpec, TableSpec } from './spec.ts';

/**
 * A round as data: what happens to a gateway, step by step. Whatever steps are left out, the rest still means something,
 * so that a failure can be made small. `as`: who asks, by number among the round's callers; absent where it has none.
 */
export type Step =
  | { readonly kind: 'commit'; readonly records: readonly ProducedRecord[] }
  | {
      readonly kind: 'pull';
      readonly roots: readonly RootSelection[];
      readonly seed: number;
      readonly as?: number | undefined;
    }
  /** A page of a connection, from a cursor met before (the one that `choice` falls on). */
  | {
      readonly kind: 'page';
      readonly root: Extract<RootSelection, { kind: 'connection' }>;
      readonly choice: number;
      readonly seed: number;
      readonly as?: number | undefined;
    }
  /** A row by one of the nodeIds met before. */
  | {
      readonly kind: 'node';
      readonly table: string;
      readonly select: readonly Selection[];
      readonly choice: number;
      readonly seed: number;
      readonly as?: number | undefined;
    }
  | {
      readonly kind: 'live';
      readonly id: number;
      readonly root: RootSelection;
      readonly seed: number;
      readonly as?: number | undefined;
    }
  | {
      readonly kind: 'changes';
      readonly id: number;
      readonly plan: ChangesPlan;
      readonly snapshot: boolean;
      readonly seed: number;
      readonly as?: number | undefined;
    }
  /** A pull query for the rows of a set, and a change stream after its position. */
  | {
      readonly kind: 'follow';
      readonly id: number;
      readonly plan: ChangesPlan;
      readonly seed: number;
      readonly as?: number | undefined;
    }
  /** Starts the change stream again, after one of the positions that it has given; `as`: somebody else does. */
  | {
      readonly kind: 'resume';
      readonly id: number;
      readonly choice: number;
      readonly snapshot: boolean;
      readonly as?: number | undefined;
    }
  /** The caller's next operations carry another token. */
  | { readonly kind: 'claims'; readonly as: number; readonly caller: Caller }
  | { readonly kind: 'stall' | 'read' | 'stop'; readonly id: number }
  /** The clock is here, and is looked at. */
  | { readonly kind: 'tick'; readonly nowMs: number }
  /** The clock is here, and changes are forgotten. */
  | { readonly kind: 'trim'; readonly nowMs: number }
  /** `reindex`: with other indexes, drawn by this seed. */
  | { readonly kind: 'restart'; readonly reindex?: number | undefined };

/** A step that asks something of the gateway. */
export type Asking = Extract<Step, { kind: 'pull' | 'page' | 'node' | 'live' | 'changes' | 'follow' }>;

export interface Round {
  readonly seed: number;
  readonly schema: SchemaSpec;
  readonly steps: readonly Step[];
  /** Those who ask, where there are rules; one of whom nothing is known is undefined. */
  readonly callers?: readonly (Caller | undefined)[] | undefined;
  /**
   * Where they are not the default. With `scanLimit` there are queries alone, which may be refused for looking at more rows.
   */
  readonly limits?: { readonly scanLimit?: number; readonly maxChangesPerMessage?: number } | undefined;
  /** What the round would cover, to be counted once it has run. */
  readonly vectors: readonly Vector[];
}

/**
 * With `rules`: types and fields have them, and every operation has a caller. `led`: for gateways that are told what time it is and in
 * which order records arrive: tables go by the clock, and one key is written in several partitions.
 */
export function generateRound(seed: number, coverage: Coverage, rules?: RuleCoverage, led = false): Round {
  const random = new Random(seed);
  const drawn = generateSchema(random.fork());
  const plain = led
    ? { ...drawn, tables: forgetChanges(random.fork(), drawn.tables) }
    : { ...drawn, tables: drawn.tables.map((table) => ({ ...table, clock: undefined })) };
  const isTight = rules !== undefined && random.chance(0.16);
  const { schema, claims } =
    rules === undefined ? { schema: plain, claims: [] } : addRules(random.fork(), plain, isTight);
  const shown = shownPart(schema);
  // What rules ask of other tables is found from there in long tables alone.
  const history = new History(random.fork(), schema, {
    wide: rules === undefined ? 0.12 : 0.2,
    wander: led ? 0.12 : 0,
  });
  const cast = rules && new Cast(random.fork(), schema, new Callers(random.fork(), claims, history), rules);
  const steps: Step[] = [];
  const vectors: Vector[] = [];
  const live: number[] = [];
  const streams: number[] = [];
  const stalled: number[] = [];
  let ids = 0;
  const add = (...added: readonly Step[]): void => {
    for (const step of added) {
      if (step.kind === 'live') live.push(step.id);
      if (step.kind === 'changes' || step.kind === 'follow') streams.push(step.id);
      steps.push(step);
    }
  };
  /** The operation, asked by whoever is to ask it: sometimes by several. */
  const ask = (step: Asking): void => add(...(cast?.ask(step, () => (ids += 1)) ?? [step]));
  /** What is null for one caller is where it stands in the order for another. */
  const turnPages = (root: Extract<RootSelection, { kind: 'connection' }>, pages: number): void => {
    for (let n = 0; n < pages; n += 1) {
      ask({ kind: 'page', root, choice: random.int(1000), seed: random.int(2 ** 31) });
    }
  };
  const length = random.between(35, 60);
  for (let i = 0; i < length; i += 1) {
    const draw = random.int(100);
    const seedOfText = random.int(2 ** 31);
    steps.push(...drawTicks(random, schema, history));
    if (cast !== undefined && random.chance(0.06)) {
      const changed = cast.change();
      add(changed);
      const own = cast.streamsOf(changed.as, streams);
      if (own.length > 0 && random.chance(0.7)) {
        add({ kind: 'resume', id: random.pick(own), choice: random.int(1000), snapshot: random.chance(0.3) });
      }
    }
    if (i < 2 || draw < 38) steps.push({ kind: 'commit', records: history.commit() });
    else if (draw < 43) {
      const plan = generateCrossing(random, shown);
      if (plan === undefined) continue;
      ids += 1;
      ask({ kind: 'changes', id: ids, plan, snapshot: random.chance(0.2), seed: seedOfText });
    } else if (draw < 72) {
      const drawn = generateOperation(random, shown, coverage);
      const generated = cast === undefined ? drawn : askGuarded(random, shown, drawn);
      coverage.meet(generated.vector);
      vectors.push(generated.vector);
      ids += 1;
      if (generated.kind === 'changes') {
        const { plan } = generated;
        const snapshot = random.chance(0.25) && canBeginWithRows(plan);
        if (!snapshot && random.chance(0.2)) ask({ kind: 'follow', id: ids, plan, seed: seedOfText });
        else ask({ kind: 'changes', id: ids, plan, snapshot, seed: seedOfText });
      } else if (generated.vector.kind === 'pull') {
        ask({ kind: 'pull', roots: [generated.root, ...otherRoots(random, shown)], seed: seedOfText });
      } else {
        ask({ kind: 'live', id: ids, root: generated.root, seed: seedOfText });
        if (generated.root.kind === 'connection') turnPages(generated.root, random.int(4));
      }
    } else if (draw < 74) {
      const table = random.pick(shown.tables);
      const relation = random.pick(['none', 'none', 'selectOne', 'selectMany'] as const);
      const select = generateSelect(random, shown, table, relation) ?? columnsOf(random, table);
      ask({ kind: 'node', table: table.name, select, choice: random.int(1000), seed: seedOfText });
    } else if (draw < 78) {
      const root = generateLookup(random, shown, (table) => history.keyValues(table));
      ids += 1;
      if (random.chance(0.4)) ask({ kind: 'pull', roots: [root], seed: seedOfText });
      else ask({ kind: 'live', id: ids, root, seed: seedOfText });
    } else if (draw < 80) {
      // Somebody else with the same live query shares its evaluation.
      const twin = random.pick([...steps.filter((step) => step.kind === 'live'), undefined]);
      if (twin === undefined) continue;
      ids += 1;
      add({ ...twin, id: ids });
      // One reads on, the other finds what it missed.
      if (random.chance(0.6)) stalled.push(ids);
      if (stalled.at(-1) === ids) steps.push({ kind: 'stall', id: ids });
    } else if (draw < 83) {
      const root = connectionOf(steps);
      if (root !== undefined) turnPages(root, random.between(1, 4));
    } else if (draw < 90 && streams.length > 0) {
      const resume = { kind: 'resume', id: random.pick(streams), choice: random.int(1000) } as const;
      const as = cast !== undefined && random.chance(0.2) ? random.int(cast.first.length) : undefined;
      add({ ...resume, snapshot: random.chance(0.2), as });
    } else if (draw < 97 && live.length + streams.length > 0) {
      steps.push({
        kind: random.pick(['stall', 'read', 'read', 'stop'] as const),
        id: random.pick([...live, ...streams]),
      });
    } else if (draw >= 97) steps.push(drawRestart(random));
  }
  const limits = drawLimits(random);
  const round = { seed, schema, steps, callers: cast?.first, limits, vectors };
  return isTight ? tight(round, random.between(2, 5)) : round;
}

/** Tables count as long from here on, so that rows are found from other tables rather than by looking at all. */
function tight(round: Round, scanLimit: number): Round {
  const steps = round.steps.flatMap((step): readonly Step[] => {
    switch (step.kind) {
      case 'live':
        return [{ kind: 'pull', roots: [step.root], seed: step.seed, as: step.as }];
      case 'changes':
      case 'follow': {
        const { table, where, select } = step.plan;
        return [
          { kind: 'pull', roots: [{ kind: 'list', table, args: { where }, select }], seed: step.seed, as: step.as },
        ];
      }
      case 'resume':
      case 'stall':
      case 'read':
      case 'stop':
        return [];
      default:
        return [step];
    }
  });
  return { ...round, steps, limits: { scanLimit } };
}

/** Where tables go by the clock, or forget changes, it is looked at now and then; sometimes it is far ahead of the records, or went back. */
export function drawTicks(
  random: Random,
  { tables }: SchemaSpec,
  { nowMs }: Pick<History, 'nowMs'>,
): readonly Extract<Step, { kind: 'tick' | 'trim' }>[] {
  const steps: Extract<Step, { kind: 'tick' | 'trim' }>[] = [];
  const draw = (kind: 'tick' | 'trim', isNeeded: (table: TableSpec) => boolean): void => {
    if (!tables.some(isNeeded) || !random.chance(0.15)) return;
    const later = random.pick([-5_000, 0, 0, 0, 1_000, 10_000, 30_000, 300_000]);
    steps.push({ kind, nowMs: nowMs + later });
  };
  draw('tick', ({ clock }) => clock !== undefined);
  draw('trim', ({ changes }) => changes !== undefined);
  return steps;
}

export function drawRestart(random: Random): Extract<Step, { kind: 'restart' }> {
  return { kind: 'restart', reindex: random.chance(0.5) ? random.int(2 ** 31) : undefined };
}

/** In every other round the changes of a commit come in parts. */
export function drawLimits(random: Random): Round['limits'] {
  return random.chance(0.5) ? { maxChangesPerMessage: random.between(1, 3) } : undefined;
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

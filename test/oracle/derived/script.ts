import { Cast } from '../cast.ts';
import type { Coverage } from '../coverage.ts';
import { Callers } from '../generate-callers.ts';
import type { ProducedRecord } from '../generate-history.ts';
import { forgetChanges } from '../forget-changes.ts';
import { generateOperation } from '../generate-query.ts';
import { guardTables } from '../generate-rules.ts';
import { Random } from '../random.ts';
import type { RuleCoverage } from '../rule-coverage.ts';
import type { ClaimSpec } from '../rule-writer.ts';
import { drawLimits, drawRestart, drawTicks, resplit, type Asking, type Round, type Step } from '../script.ts';
import { TimedHistory } from './generate-history.ts';
import { generateDerivedSchema } from './generate-schema.ts';
import { isGenerated } from './schema-text.ts';
import { isKept, type AnyTable, type DerivedSchema, type FunctionName } from './spec.ts';

/** What happens to a gateway with derived tables. */
export interface DerivedRound extends Round {
  readonly schema: DerivedSchema;
  /** The first commit, which no other split of the records touches: from it on, every partition is known. */
  readonly opening: readonly ProducedRecord[];
}

/** With `rules`: types and fields have them, and every operation has a caller. */
export function generateDerivedRound(
  seed: number,
  wished: readonly FunctionName[],
  coverage: Coverage,
  rules?: RuleCoverage,
): DerivedRound {
  const random = new Random(seed);
  const drawn = generateDerivedSchema(random.fork(), wished);
  const plain = { ...drawn, tables: forgetChanges(random.fork(), drawn.tables) };
  const { schema, claims } = rules === undefined ? { schema: plain, claims: [] } : guard(random.fork(), plain);
  const bases = schema.tables.filter((table) => table.derivation === undefined);
  const names = new Set(bases.map(({ name }) => name));
  const written = bases.map((table) => ({ ...table, relations: table.relations.filter((r) => names.has(r.target)) }));
  const history = new TimedHistory(random.fork(), { ...schema, tables: written });
  const derived = schema.tables.filter((table) => table.derivation !== undefined);
  const opening = history.opening();
  const cast = rules && new Cast(random.fork(), schema, new Callers(random.fork(), claims, history), rules);
  let copies = 1000;
  const ask = (step: Asking): void => {
    for (const asked of cast?.ask(step, () => (copies += 1)) ?? [step]) {
      if (asked.kind === 'changes') streams.push(asked.id);
      if (asked.kind === 'live') live.push(asked.id);
      steps.push(asked);
    }
  };
  const steps: Step[] = [];
  const live: number[] = [];
  const streams: number[] = [];
  const length = random.between(25, 45);
  for (let i = 0; i < length; i += 1) {
    const draw = random.int(100);
    const id = i;
    steps.push(...drawTicks(random, schema, history));
    if (draw < 62) steps.push({ kind: 'commit', records: history.commit() });
    else if (draw < 86) {
      // Mostly of derived tables; what they relate to is found whatever is asked.
      const table = random.pick(random.chance(0.85) ? derived : schema.tables);
      const kept = isKept(schema, table);
      const generated = operationOn(random, schema, table.name, kept, coverage);
      const textSeed = random.int(2 ** 31);
      if (generated.kind === 'changes') {
        const snapshot = kept && random.chance(0.25) && generated.plan.operations === undefined;
        ask({ kind: 'changes', id, plan: generated.plan, snapshot, seed: textSeed });
      } else if (generated.vector.kind === 'pull') {
        ask({ kind: 'pull', roots: [generated.root], seed: textSeed });
      } else {
        ask({ kind: 'live', id, root: generated.root, seed: textSeed });
      }
    } else if (draw < 88 && cast !== undefined) {
      steps.push(cast.change());
    } else if (draw < 90 && streams.length > 0) {
      steps.push({ kind: 'resume', id: random.pick(streams), choice: random.int(1000), snapshot: false });
    } else if (draw < 95 && live.length + streams.length > 0) {
      steps.push({ kind: random.pick(['stall', 'read', 'stop'] as const), id: random.pick([...live, ...streams]) });
    } else if (draw >= 95) steps.push(drawRestart(random));
  }
  return { seed, schema, opening, steps, callers: cast?.first, limits: drawLimits(random), vectors: [] };
}

/** Of a table whose rows are not kept there is nothing to audit; what a window adds is not declared. */
function guard(
  random: Random,
  schema: DerivedSchema,
): Pick<DerivedRound, 'schema'> & { readonly claims: readonly ClaimSpec[] } {
  const [audited] = random.shuffled(schema.tables.filter((table) => isKept(schema, table)));
  const mayGuard = (table: AnyTable, column: string): boolean =>
    table.derivation === undefined || !isGenerated(table, column);
  const { tables, claims } = guardTables(random, schema, schema.tables, audited, false, mayGuard);
  return { schema: { ...schema, tables }, claims };
}

/** One whose main table is this one: where its rows are not kept, a change stream. */
function operationOn(
  random: Random,
  schema: DerivedSchema,
  table: string,
  kept: boolean,
  coverage: Coverage,
): ReturnType<typeof generateOperation> {
  const generated = generateOperation(random, schema, coverage, { of: table, ...(kept ? {} : { kinds: ['changes'] }) });
  coverage.meet(generated.vector);
  if (generated.kind !== 'changes' || kept) return generated;
  // A row that is not kept is no node.
  const select = generated.plan.select.filter(({ kind }) => kind !== 'nodeId');
  return { ...generated, plan: { ...generated.plan, select } };
}

/** The same records behind the opening, cut into other commits, their partitions interleaved in another way. */
export function resplitDerived(round: DerivedRound): DerivedRound {
  return { ...round, ...resplit(round), schema: round.schema };
}

import { Coverage } from '../coverage.ts';
import type { ProducedRecord } from '../generate-history.ts';
import { generateOperation } from '../generate-query.ts';
import { Random } from '../random.ts';
import { resplit, type Round, type Step } from '../script.ts';
import { TimedHistory } from './generate-history.ts';
import { generateDerivedSchema } from './generate-schema.ts';
import { isKept, type DerivedSchema, type FunctionName } from './spec.ts';

/** What happens to a gateway with derived tables. */
export interface DerivedRound extends Round {
  readonly schema: DerivedSchema;
  /** The first commit, which no other split of the records touches: from it on, every partition is known. */
  readonly opening: readonly ProducedRecord[];
}

export function generateDerivedRound(seed: number, wished: readonly FunctionName[], coverage: Coverage): DerivedRound {
  const random = new Random(seed);
  const schema = generateDerivedSchema(random.fork(), wished);
  const bases = schema.tables.filter((table) => table.derivation === undefined);
  const names = new Set(bases.map(({ name }) => name));
  const written = bases.map((table) => ({ ...table, relations: table.relations.filter((r) => names.has(r.target)) }));
  const history = new TimedHistory(random.fork(), { ...schema, tables: written });
  const derived = schema.tables.filter((table) => table.derivation !== undefined);
  const opening = history.opening();
  const steps: Step[] = [];
  const live: number[] = [];
  const streams: number[] = [];
  const length = random.between(25, 45);
  for (let i = 0; i < length; i += 1) {
    const draw = random.int(100);
    const id = i;
    if (draw < 62) steps.push({ kind: 'commit', records: history.commit() });
    else if (draw < 86) {
      // Mostly of derived tables; what they relate to is found whatever is asked.
      const table = random.pick(random.chance(0.85) ? derived : schema.tables);
      const kept = isKept(schema, table);
      const generated = operationOn(random, schema, table.name, kept, coverage);
      if (generated === undefined) continue;
      const textSeed = random.int(2 ** 31);
      if (generated.kind === 'changes') {
        const snapshot = kept && random.chance(0.25) && generated.plan.operations === undefined;
        streams.push(id);
        steps.push({ kind: 'changes', id, plan: generated.plan, snapshot, seed: textSeed });
      } else if (generated.vector.kind === 'pull') {
        steps.push({ kind: 'pull', roots: [generated.root], seed: textSeed });
      } else {
        live.push(id);
        steps.push({ kind: 'live', id, root: generated.root, seed: textSeed });
      }
    } else if (draw < 90 && streams.length > 0) {
      steps.push({ kind: 'resume', id: random.pick(streams), choice: random.int(1000), snapshot: false });
    } else if (draw < 95 && live.length + streams.length > 0) {
      steps.push({ kind: random.pick(['stall', 'read', 'stop'] as const), id: random.pick([...live, ...streams]) });
    } else if (draw >= 95) steps.push({ kind: 'restart' });
  }
  return { seed, schema, opening, steps, vectors: [] };
}

/** Any operation is worth as much as another. */
const nothingMet = new Coverage();

/** One whose main table is this one: where its rows are not kept, a change stream. */
function operationOn(
  random: Random,
  schema: DerivedSchema,
  table: string,
  kept: boolean,
  coverage: Coverage,
): ReturnType<typeof generateOperation> | undefined {
  for (let tries = 0; tries < 25; tries += 1) {
    const generated = generateOperation(random, schema, nothingMet);
    const name = generated.kind === 'changes' ? generated.plan.table : generated.root.table;
    if (name !== table || (generated.kind !== 'changes' && !kept)) continue;
    coverage.meet(generated.vector);
    if (generated.kind !== 'changes' || kept) return generated;
    // A row that is not kept is no node.
    const select = generated.plan.select.filter(({ kind }) => kind !== 'nodeId');
    return { ...generated, plan: { ...generated.plan, select } };
  }
  return undefined;
}

/** The same records behind the opening, cut into other commits, their partitions interleaved in another way. */
export function resplitDerived(round: DerivedRound): DerivedRound {
  return { ...round, ...resplit(round), schema: round.schema };
}

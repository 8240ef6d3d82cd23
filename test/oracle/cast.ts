import type { Caller } from './claims.ts';
import { whyDenied } from './denial.ts';
import type { Callers } from './generate-callers.ts';
import type { ChangesPlan, RootSelection } from './plan.ts';
import type { Random } from './random.ts';
import { Rights } from './rights.ts';
import { ruleVector, type RuleCoverage, type RuleVector } from './rule-coverage.ts';
import type { Asking, Step } from './script.ts';
import type { ReadKind, SchemaSpec } from './spec.ts';

/** Somebody who could ask an operation, and what that would be. */
interface Candidate {
  readonly as: number;
  readonly denied: boolean;
  readonly vector: RuleVector;
  readonly worth: number;
}

/** Gives the operations of a round to its callers: mostly to those who may ask them, and of these to whom rules matter. */
export class Cast {
  /** As they are when the round begins. */
  readonly first: readonly (Caller | undefined)[];
  readonly #random: Random;
  readonly #schema: SchemaSpec;
  readonly #drawn: Callers;
  readonly #coverage: RuleCoverage;
  readonly #now: (Caller | undefined)[];
  /** Who asked for a change stream. */
  readonly #askers = new Map<number, number>();

  constructor(random: Random, schema: SchemaSpec, drawn: Callers, coverage: RuleCoverage) {
    this.#random = random;
    this.#schema = schema;
    this.#drawn = drawn;
    this.#coverage = coverage;
    this.first = drawn.all();
    this.#now = [...this.first];
  }

  /** The operation with who asks it; now and then of several callers, and of none where nobody may ask it. */
  ask(step: Asking, nextId: () => number): readonly Asking[] {
    const random = this.#random;
    const candidates = this.#now
      .map((caller, as) => this.#candidate(step, caller, as))
      .toSorted((a, b) => b.worth - a.worth);
    const allowed = candidates.filter(({ denied }) => !denied);
    const refused = candidates.filter(({ denied }) => denied);
    const mayBeRefused = random.chance(allowed.length === 0 ? 0.3 : 0.1);
    const [first] = mayBeRefused && refused.length > 0 ? refused : allowed;
    if (first === undefined) return [];
    const others = random.shuffled(allowed.filter((candidate) => candidate !== first));
    const chosen = [first, ...(random.chance(0.4) ? others.slice(0, random.between(1, 2)) : [])];
    return chosen.map(({ as, vector }, i): Asking => {
      this.#coverage.meet(vector);
      if (!('id' in step)) return { ...step, as };
      const id = i === 0 ? step.id : nextId();
      if (step.kind !== 'live') this.#askers.set(id, as);
      return { ...step, id, as };
    });
  }

  /** Somebody gets another token. */
  change(): Extract<Step, { kind: 'claims' }> {
    const as = this.#random.between(1, this.#now.length - 2);
    const caller = this.#drawn.changed(this.#now[as] ?? { claims: {}, roles: [] });
    this.#now[as] = caller;
    return { kind: 'claims', as, caller };
  }

  streamsOf(as: number, streams: readonly number[]): readonly number[] {
    return streams.filter((id) => this.#askers.get(id) === as);
  }

  #candidate(step: Asking, caller: Caller | undefined, as: number): Candidate {
    const rights = new Rights(this.#schema, caller, kindOf(step));
    const asked = askedOf(step);
    const denied = asked.some((each) => whyDenied(this.#schema, rights, 'kind' in each ? { roots: [each] } : each));
    const [main] = asked;
    if (main === undefined) throw new Error('a query without fields');
    const vector = ruleVector(this.#schema, rights, main);
    return { as, denied, vector, worth: this.#worth(vector) };
  }

  /** What is new counts; then what shows some rows or values and not others. */
  #worth(vector: RuleVector): number {
    const partial = Object.values(vector).filter((value) => value === 'some').length;
    return this.#coverage.worth(vector) + (partial + 1) * this.#random.int(100) * 0.01;
  }
}

function kindOf(step: Asking): ReadKind {
  return step.kind === 'live' ? 'LIVE' : 'plan' in step ? 'CHANGES' : 'QUERY';
}

function askedOf(step: Asking): readonly (RootSelection | ChangesPlan)[] {
  switch (step.kind) {
    case 'pull':
      return step.roots;
    case 'page':
    case 'live':
      return [step.root];
    case 'node':
      return [{ kind: 'node', table: step.table, key: [], nodeId: '', select: step.select }];
    case 'changes':
    case 'follow':
      return [step.plan];
  }
}

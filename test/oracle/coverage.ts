/** The axes along which operations differ. Every pair of values of two axes is to be met (pairwise coverage). */
export const axes = {
  op: [
    'none',
    'eq',
    'neq',
    'in',
    'notIn',
    'gt',
    'gte',
    'lt',
    'lte',
    'contains',
    'startsWith',
    'endsWith',
    'isNull',
    'has',
    'hasSome',
    'hasEvery',
    'isEmpty',
  ],
  nullness: ['nullable', 'required'],
  depth: ['0', '1', '2', '3'],
  order: ['none', 'asc', 'desc', 'nullsFirst', 'nullsLast', 'several'],
  limit: ['none', 'small', 'zero', 'offset', 'large'],
  relation: ['none', 'whereOne', 'whereMany', 'selectOne', 'selectMany', 'selectManyArgs', 'chain'],
  mode: ['upsert', 'append', 'composite', 'accept', 'retention'],
  kind: ['pull', 'live', 'connection', 'changes'],
} as const;

export type Axis = keyof typeof axes;
export type Vector = { readonly [A in Axis]: (typeof axes)[A][number] };

/** False for what cannot be: a change stream has no order and no limit, a filter that is not there no nullness. */
export function isPossible(vector: Partial<Vector>): boolean {
  if (vector.kind === 'changes' && (vector.order ?? 'none') !== 'none') return false;
  if (vector.kind === 'changes' && (vector.limit ?? 'none') !== 'none') return false;
  if (vector.kind === 'connection' && vector.limit === 'offset') return false;
  if (vector.op === 'none' && (vector.depth ?? '0') !== '0') return false;
  return !(vector.op === 'none' && vector.nullness === 'required');
}

/** Which pairs of values of two axes have been met. */
export class Pairs<V extends Readonly<Record<string, string>>> {
  readonly #names: readonly string[];
  readonly #all = new Set<string>();
  readonly #met = new Set<string>();

  constructor(axesOf: Readonly<Record<keyof V & string, readonly string[]>>, canBe: (vector: Partial<V>) => boolean) {
    this.#names = Object.keys(axesOf);
    const lists: readonly (readonly [string, readonly string[]])[] = Object.entries(axesOf);
    for (const [i, [a, values]] of lists.entries()) {
      for (const [b, others] of lists.slice(i + 1)) {
        for (const x of values) {
          for (const y of others) if (canBe({ [a]: x, [b]: y } as Partial<V>)) this.#all.add(`${a}=${x} ${b}=${y}`);
        }
      }
    }
  }

  meet(vector: V): void {
    for (const pair of this.#pairsOf(vector)) if (this.#all.has(pair)) this.#met.add(pair);
  }

  /** How many pairs the vector would add. */
  worth(vector: V): number {
    return this.#pairsOf(vector).filter((pair) => this.#all.has(pair) && !this.#met.has(pair)).length;
  }

  get percent(): number {
    return (100 * this.#met.size) / this.#all.size;
  }

  get missing(): readonly string[] {
    return [...this.#all].filter((pair) => !this.#met.has(pair));
  }

  #pairsOf(vector: V): string[] {
    const names = this.#names;
    return names.flatMap((a, i) => names.slice(i + 1).map((b) => `${a}=${vector[a]} ${b}=${vector[b]}`));
  }
}

export class Coverage extends Pairs<Vector> {
  constructor() {
    super(axes, isPossible);
  }
}

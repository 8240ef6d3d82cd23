import { functions, isKept, tableNamed, type AnyTable, type DerivedSchema, type FunctionName } from './spec.ts';

const sources = ['upsert', 'append', 'stream', 'view', 'aggregation'] as const;
const windows = ['none', 'tumbling', 'severalIntervals', 'hopping', 'session'] as const;
const lateness = ['noGrace', 'grace', 'retention', 'graceAndRetention'] as const;
const shapes = ['plain', 'throughRelation', 'whereOwn', 'whereRelation'] as const;

/** What a derived table is: its place on each axis. */
interface Kind {
  readonly source: (typeof sources)[number];
  readonly window: (typeof windows)[number] | 'view';
  readonly lateness: (typeof lateness)[number];
  readonly shape: (typeof shapes)[number];
  readonly functions: readonly FunctionName[];
}

/** Counts what was met: every function with every kind of source and of window, and how deep the tables were stacked. */
export class DerivedCoverage {
  readonly #met = new Map<string, number>();

  meet(schema: DerivedSchema): void {
    for (const table of schema.tables) {
      if (table.derivation === undefined) continue;
      const kind = kindOf(schema, table);
      this.#count(`depth=${depthOf(schema, table)}`);
      this.#count(`${kind.source} ${kind.window}`);
      this.#count(`${kind.window} ${kind.lateness}`);
      this.#count(`${kind.window} ${kind.shape}`);
      for (const fn of kind.functions) for (const other of [kind.source, kind.window]) this.#count(`${fn} ${other}`);
    }
  }

  #count(what: string): void {
    this.#met.set(what, (this.#met.get(what) ?? 0) + 1);
  }

  /** The functions, those met least first. */
  wished(): readonly FunctionName[] {
    const timesMet = (fn: FunctionName): number =>
      [...this.#met].filter(([what]) => what.startsWith(`${fn} `)).reduce((sum, [, n]) => sum + n, 0);
    return functions.toSorted((a, b) => timesMet(a) - timesMet(b));
  }

  report(): string {
    const all = [
      ...[1, 2, 3, 4].map((depth) => `depth=${depth}`),
      ...sources.flatMap((source) => [...windows, 'view'].map((window) => `${source} ${window}`)),
      ...windows.flatMap((window) => latenessOf(window).map((each) => `${window} ${each}`)),
      ...[...windows, 'view'].flatMap((window) => shapes.map((shape) => `${window} ${shape}`)),
      ...functions.flatMap((fn) => [...sources, ...windows].map((other) => `${fn} ${other}`)),
    ];
    const missing = all.filter((what) => !this.#met.has(what));
    const percent = (100 * (all.length - missing.length)) / all.length;
    const depths = [1, 2, 3, 4].map((depth) => this.#met.get(`depth=${depth}`) ?? 0);
    return (
      `${percent.toFixed(1)} % of ${all.length} pairs, stacked ${depths.join('/')} (1/2/3/4 deep)` +
      (missing.length === 0 ? '' : `, missing ${missing.length}: ${missing.slice(0, 20).join('; ')}`)
    );
  }
}

/** Of sessions no retention is drawn: `generate-window.ts` says why. */
function latenessOf(window: (typeof windows)[number]): readonly Kind['lateness'][] {
  if (window === 'none') return [];
  return window === 'session' ? ['noGrace', 'grace'] : lateness;
}

function depthOf(schema: DerivedSchema, table: AnyTable): number {
  return table.derivation === undefined ? 0 : 1 + depthOf(schema, tableNamed(schema, table.derivation.source));
}

function kindOf(schema: DerivedSchema, table: AnyTable): Kind {
  const { derivation } = table;
  if (derivation === undefined) throw new Error('not derived');
  const source = tableNamed(schema, derivation.source);
  const exprs =
    derivation.kind === 'view'
      ? [...derivation.columns.values()]
      : [...derivation.dimensions.values(), ...derivation.aggregates.flatMap(({ arg, by }) => [arg, by])];
  const where = textOf(derivation.where ?? null);
  const shape = where.includes('"related"')
    ? 'whereRelation'
    : textOf(exprs).includes('"path"')
      ? 'throughRelation'
      : derivation.where === undefined
        ? 'plain'
        : 'whereOwn';
  const window = derivation.kind === 'view' ? undefined : derivation.window;
  const grace = window?.graceMs !== undefined;
  const retention = table.retentionMs !== undefined;
  return {
    source: sourceKind(schema, source),
    window: derivation.kind === 'view' ? 'view' : windowKind(window),
    lateness: grace ? (retention ? 'graceAndRetention' : 'grace') : retention ? 'retention' : 'noGrace',
    shape,
    functions: derivation.kind === 'view' ? [] : derivation.aggregates.map(({ fn }) => fn),
  };
}

const textOf = (data: unknown): string =>
  JSON.stringify(data, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

function sourceKind(schema: DerivedSchema, source: AnyTable): Kind['source'] {
  if (source.derivation !== undefined) return source.derivation.kind;
  if (!isKept(schema, source)) return 'stream';
  return source.mode === 'APPEND' ? 'append' : 'upsert';
}

function windowKind(
  window: { readonly sizes: readonly unknown[]; readonly hop?: unknown; readonly sessionGap?: unknown } | undefined,
): Kind['window'] {
  if (window === undefined) return 'none';
  if (window.sessionGap !== undefined) return 'session';
  if (window.hop !== undefined) return 'hopping';
  return window.sizes.length > 1 ? 'severalIntervals' : 'tumbling';
}

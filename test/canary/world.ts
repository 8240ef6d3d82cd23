import type { Random } from '../support/random.ts';
import type { Asking } from './generate-where.ts';
import type { State } from './rows.ts';
import { canariesIn, mayRead, mayReadColumn, sightOf, type Principal, type Sight } from './sight.ts';
import type { ColumnSpec, Operation, SchemaSpec, TableSpec } from './spec.ts';
import { statesOf, type Commit } from './state.ts';
import type { Mint } from './tokens.ts';

/** What was written so far, and who may know what of it. A commit's number is that of the state behind it: 0 is before all. */
export class World {
  readonly schema: SchemaSpec;
  readonly mint: Mint;
  readonly #commits: Commit[] = [];
  /** The store's version behind each commit. */
  readonly #versions: number[];
  #states: readonly State[];
  readonly #sights = new WeakMap<Principal, Map<string, Sight>>();
  readonly #canaries = new WeakMap<Sight, ReadonlySet<string>>();

  constructor(schema: SchemaSpec, mint: Mint, version: number) {
    this.schema = schema;
    this.mint = mint;
    this.#versions = [version];
    this.#states = statesOf(schema, []);
  }

  get newest(): number {
    return this.#commits.length;
  }

  add(commit: Commit, version: number): void {
    this.#commits.push(commit);
    this.#versions.push(version);
    this.#states = statesOf(this.schema, this.#commits);
  }

  /** The commit that a version of the store is as of. */
  commitAt(version: number): number {
    return this.#versions.findLastIndex((each) => each <= version);
  }

  state(commit: number): State {
    const state = this.#states[commit];
    if (state === undefined) throw new Error(`there is no commit ${commit}`);
    return state;
  }

  sight(principal: Principal, operation: Operation, commit: number): Sight {
    const known = this.#sights.get(principal) ?? new Map<string, Sight>();
    this.#sights.set(principal, known);
    const id = `${operation} ${commit}`;
    const sight = known.get(id) ?? sightOf(this.schema, this.state(commit), principal, operation);
    known.set(id, sight);
    return sight;
  }

  canaries(principal: Principal, operation: Operation, commit: number): ReadonlySet<string> {
    const sight = this.sight(principal, operation, commit);
    const canaries = this.#canaries.get(sight) ?? canariesIn(sight, this.mint);
    this.#canaries.set(sight, canaries);
    return canaries;
  }

  /** Somebody who asks and guesses well: values that rows have now, had, or will never show. */
  asking(random: Random, principal: Principal, operation: Operation): Asking {
    const { schema } = this;
    const careless = random.int(8) === 0;
    return {
      random,
      schema,
      guess: (table, column) => guess(random, this.state(this.newest - random.int(this.newest)), table, column),
      avoids: (table, column) => !careless && !isOpen(schema, table, column, principal, operation),
    };
  }
}

function isOpen(
  schema: SchemaSpec,
  table: TableSpec,
  column: ColumnSpec | undefined,
  principal: Principal,
  operation: Operation,
): boolean {
  if (!mayRead(schema, table, principal, operation)) return false;
  return column === undefined || mayReadColumn(schema, table, column.rules, principal, operation);
}

function guess(random: Random, state: State, table: TableSpec, column: ColumnSpec): unknown {
  const rows = [...(state.get(table.name)?.values() ?? [])];
  return rows.length === 0 ? undefined : (random.pick(rows).values[column.name] ?? undefined);
}

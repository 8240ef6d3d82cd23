import type { DocumentNode, FieldNode } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import type { FieldPlan } from './execution.ts';
import type { Grants } from './grants.ts';
import type { OperationPlan } from './plan-operation.ts';
import type { Prepared } from './query.ts';
import type { Write } from './writer.ts';

/** What `prepare` makes and `execute` takes. */
export interface PreparedOperation extends Prepared {
  /** The operation as a query, without what does not decide its answer. */
  readonly executable: DocumentNode;
  /** What the caller may read. */
  readonly granted: Grants;
  readonly plans: ReadonlyMap<FieldNode, FieldPlan>;
  /** In the order of the document, for `explain`. */
  readonly paths: OperationPlan['paths'];
  /** The tables whose rows are read; empty for `_meta` alone. */
  readonly read: readonly Table[];
  /** Those that rules go by. */
  readonly deciding: readonly Table[];
  /** The variables as they were given. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Parts of it are skipped or not by its variables. */
  readonly skips: boolean;
  /** Writes its answers; absent: graphql runs it. */
  readonly write: Write | undefined;
  /** What its tables were like when it was executed last, whatever the variables. */
  readonly seen: Seen;
  /** The same operation has it for other variables. */
  shapeIdOf(variables: Prepared['variables']): string;
}

/** At one version of one store all tables have one state, and an operation one position. */
export interface Seen {
  storeId: string;
  version: number;
  position: string;
}

/** In what an operation may differ from one that is planned in the same way. */
export type Differing = Pick<PreparedOperation, 'granted' | 'variables' | 'inputs' | 'plans' | 'atLeast'>;

/**
 * The same operation with other variables, or for another caller of the same grants. Made for every request: whatever is seldom asked
 * for is found when it is.
 */
export class PreparedAgain implements PreparedOperation {
  readonly #first: PreparedOperation;
  readonly granted: Differing['granted'];
  readonly variables: Differing['variables'];
  readonly inputs: Differing['inputs'];
  readonly plans: Differing['plans'];
  readonly atLeast: Differing['atLeast'];

  constructor(first: PreparedOperation, { granted, variables, inputs, plans, atLeast }: Differing) {
    this.#first = first;
    this.granted = granted;
    this.variables = variables;
    this.inputs = inputs;
    this.plans = plans;
    this.atLeast = atLeast;
  }

  get kind() {
    return this.#first.kind;
  }
  get document() {
    return this.#first.document;
  }
  get operation() {
    return this.#first.operation;
  }
  get tables() {
    return this.#first.tables;
  }
  get grants() {
    return this.#first.grants;
  }
  get changes() {
    return this.#first.changes;
  }
  get executable() {
    return this.#first.executable;
  }
  get read() {
    return this.#first.read;
  }
  get deciding() {
    return this.#first.deciding;
  }
  get skips() {
    return this.#first.skips;
  }
  get write() {
    return this.#first.write;
  }
  get seen() {
    return this.#first.seen;
  }
  get shapeId() {
    return this.shapeIdOf(this.variables);
  }
  get paths() {
    return this.#first.paths.map((planned) => ({ ...planned, plan: this.plans.get(planned.node) ?? planned.plan }));
  }

  shapeIdOf(variables: Prepared['variables']): string {
    return this.#first.shapeIdOf(variables);
  }
}

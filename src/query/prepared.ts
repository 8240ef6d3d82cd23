import type { DocumentNode, FieldNode } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import type { FieldPlan } from './execution.ts';
import type { Grants } from './grants.ts';
import type { OperationPlan } from './plan-operation.ts';
import type { Prepared } from './query.ts';
import type { Write } from './writer.ts';

/** What `prepare` makes and `execute` takes: a copy of it by spread is as good. */
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

export function withVariables(
  prepared: PreparedOperation,
  variables: Prepared['variables'],
  plans: PreparedOperation['plans'],
): PreparedOperation {
  const { kind, document, operation, tables, grants, executable, granted, read, deciding, write, seen } = prepared;
  const { shapeIdOf } = prepared;
  return {
    kind,
    document,
    operation,
    variables,
    tables,
    grants,
    executable,
    granted,
    plans,
    read,
    deciding,
    skips: false,
    write,
    seen,
    shapeIdOf,
    // Seldom asked for, and never for queries that need not wait.
    get shapeId() {
      return shapeIdOf(variables);
    },
    get paths() {
      return prepared.paths.map((planned) => ({ ...planned, plan: plans.get(planned.node) ?? planned.plan }));
    },
  };
}

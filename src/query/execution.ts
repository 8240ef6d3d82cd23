import type { GraphQLResolveInfo } from 'graphql';
import type { FieldNode } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import { must } from '../common/errors.ts';
import type { Row } from '../model/row.ts';
import type { RowCopier } from '../store/row-copier.ts';
import type { Snapshot } from '../store/store.ts';
import type { Access } from './access.ts';
import type { Grants } from './grants.ts';
import type { ChangeMessage, ChangeStreamArguments, Progress } from './query.ts';
import type { Reading } from './reading.ts';

/** The context of one execution, which every resolver gets. All of it is read at one version. */
export interface Execution {
  readonly plans: ReadonlyMap<FieldNode, FieldPlan>;
  readonly grants: Grants;
  readonly reading: Reading;
  readonly snapshot: Snapshot;
  readonly progress: Progress;
  /** Encoded; over the operation's tables. */
  readonly position: string;
  /** What `_meta` says of the time; ms since 1970. */
  readonly nowMs: number;
  /** What a change stream's root field resolves to. */
  readonly message: ChangeMessage | undefined;
  /** Of rows that were found by nodeId, whose type GraphQL asks for. */
  readonly tablesOfNodes: WeakMap<Row, Table>;
}

/**
 * A field that reads rows, with its arguments: made once per operation in `prepare`, so that whatever is wrong with them
 * is known before anything runs.
 */
export interface FieldPlan {
  /** The tables that it reads, those that its `where` reaches included. */
  readonly tables: readonly Table[];
  /** The most rows that it gives, for the cost of what is selected of them. Default 1. */
  readonly rows?: number | undefined;
  /** `source` is what the parent field resolved to. */
  resolve(source: unknown, execution: Execution): unknown;
  /**
   * What `resolve` gives, as the text that the copier makes of its rows; undefined where they are not shown as they are stored, or not
   * read in one piece. Throws `Unwritable`. Absent: never.
   */
  copy?: ((source: unknown, execution: Execution, copier: RowCopier) => string | undefined) | undefined;
  /** For `explain`; absent where no row is read. */
  readonly lookup?: Lookup | undefined;
  readonly changes?: Omit<ChangeStreamArguments, 'responseName'> | undefined;
}

export type Lookup =
  { readonly kind: 'key'; readonly table: Table } | { readonly kind: 'access'; readonly access: Access };

/** Makes the plan of a field from its coerced arguments, for a caller with these grants. Throws GatewayError. */
export type PlanField = (args: Readonly<Record<string, unknown>>, grants: Grants) => FieldPlan;

/** Resolves every field that has a plan. */
export function resolvePlanned(
  source: unknown,
  _args: unknown,
  execution: Execution,
  info: GraphQLResolveInfo,
): unknown {
  const plan = info.fieldNodes[0] === undefined ? undefined : execution.plans.get(info.fieldNodes[0]);
  return must(plan, `${info.parentType.name}.${info.fieldName} was not planned`).resolve(source, execution);
}

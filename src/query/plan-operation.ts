import { getNamedType, isCompositeType, isInterfaceType, isObjectType, Kind } from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  GraphQLCompositeType,
  GraphQLError,
  GraphQLField,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import { must } from '../common/errors.ts';
import type { ReadOperation } from '../model/rule.ts';
import { toClientError } from './client-errors.ts';
import { countConditions } from './conditions.ts';
import type { FieldPlan, PlanField } from './execution.ts';
import { fragmentsByName } from './fragments.ts';
import { AskedGrants } from './grants.ts';
import type { Asked, Grants, TableGrant } from './grants.ts';
import { argumentValues, isIncluded } from './graphql-values.ts';
import type { Variables } from './graphql-values.ts';
import type { QueryLimits } from './query.ts';

export interface OperationPlan {
  /** Of every selected field that reads rows. */
  readonly plans: ReadonlyMap<FieldNode, FieldPlan>;
  /** The same with their places in the response, `songs.artist`, in the order of the document. */
  readonly paths: readonly PlannedField[];
  readonly tables: ReadonlySet<Table>;
  /** What the operation does with the tables. */
  readonly kind: ReadOperation;
  readonly grants: Grants;
  /** The grants that it was planned with; undefined of tables that the caller may not read. */
  readonly granted: ReadonlyMap<Table, TableGrant | undefined>;
  /** Whether the caller is an operator; undefined where nothing depends on it. */
  readonly operator: boolean | undefined;
  /** Of fields whose arguments cannot be used. */
  readonly errors: readonly GraphQLError[];
}

export interface PlannedField {
  readonly path: string;
  readonly plan: FieldPlan;
  readonly node: FieldNode;
  readonly field: GraphQLField<unknown, unknown>;
  readonly planner: PlanField;
  /** Coerced. */
  readonly args: Readonly<Record<string, unknown>>;
  /** What it was planned by. */
  readonly asked: Asked;
}

export interface PlanningOptions {
  readonly schema: GraphQLSchema;
  readonly planners: ReadonlyMap<string, PlanField>;
  /** The fields of Subscription that are change streams. */
  readonly changes: ReadonlySet<string>;
  readonly limits: QueryLimits;
  /** Of the caller. */
  readonly grantsOf: (operation: ReadOperation) => Grants;
  readonly onError: (error: unknown) => void;
}

const maxErrors = 20;

/**
 * Follows the selection of a valid operation, fragments included and skipped parts left out, and plans each field that reads
 * rows. Costs no more than the document is long: a fragment is followed once however often it is spread.
 */
export function planOperation(
  { schema, planners, changes, limits, grantsOf, onError }: PlanningOptions,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): OperationPlan {
  const isSubscription = operation.operation === 'subscription';
  const fragments = fragmentsByName(document);
  const followed = new Set<string>();
  const conditions = countConditions(limits);
  const plans = new Map<FieldNode, FieldPlan>();
  const paths: PlannedField[] = [];
  const tables = new Set<Table>();
  const errors: GraphQLError[] = [];
  const granted = new Map<Table, TableGrant | undefined>();
  let operator: boolean | undefined;
  let kind: ReadOperation = isSubscription ? 'LIVE' : 'QUERY';
  let grants = grantsOf(kind);
  const root = isSubscription ? schema.getSubscriptionType() : schema.getQueryType();
  follow(operation.selectionSet, must(root, 'the schema has the root type'), '');
  return { plans, paths, tables, kind, grants, granted, operator, errors };

  function follow({ selections }: SelectionSetNode, type: GraphQLCompositeType, path: string): void {
    for (const selection of selections) {
      if (errors.length >= maxErrors || conditions.exceeded) return;
      if (!guarded(selection, () => isIncluded(selection, variables))) continue;
      if (selection.kind === Kind.FIELD) {
        followField(selection, type, path);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value;
        follow(selection.selectionSet, condition === undefined ? type : compositeType(condition), path);
      } else {
        const name = selection.name.value;
        if (followed.has(name)) continue;
        followed.add(name);
        const fragment = must(fragments.get(name), `no fragment ${name}`);
        follow(fragment.selectionSet, compositeType(fragment.typeCondition.name.value), path);
      }
    }
  }

  function followField(node: FieldNode, type: GraphQLCompositeType, parentPath: string): void {
    const name = node.name.value;
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    // __typename, __schema and __type.
    if (field === undefined) return;
    if (isSubscription && parentPath === '' && changes.has(name)) {
      kind = 'CHANGES';
      grants = grantsOf(kind);
    }
    const path = parentPath === '' ? responseName(node) : `${parentPath}.${responseName(node)}`;
    const planner = planners.get(`${type.name}.${name}`);
    if (planner !== undefined) {
      const planned = guarded(node, (): PlannedField => {
        const args = argumentValues(field, node, variables);
        conditions.add(args['where']);
        conditions.add(args['orderBy']);
        const asked = new AskedGrants(grants);
        return { path, plan: planner(args, asked), node, field, planner, args, asked };
      });
      if (planned === undefined) return;
      for (const table of planned.asked.tables) granted.set(table, grants.find(table));
      if (planned.asked.operator) operator = grants.isOperator();
      plans.set(node, planned.plan);
      paths.push(planned);
      for (const table of planned.plan.tables) tables.add(table);
    }
    const result = getNamedType(field.type);
    if (node.selectionSet !== undefined && isCompositeType(result)) follow(node.selectionSet, result, path);
  }

  function guarded<T>(nodes: FieldNode | SelectionSetNode['selections'][number], run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      errors.push(toClientError(error, { nodes }, onError));
      return undefined;
    }
  }

  function compositeType(name: string): GraphQLCompositeType {
    const type = schema.getType(name);
    return must(isCompositeType(type) ? type : undefined, `no type ${name}`);
  }
}

export function responseName(node: FieldNode): string {
  return (node.alias ?? node.name).value;
}

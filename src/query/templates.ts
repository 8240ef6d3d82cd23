import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { CheckCost } from './check-cost.ts';
import { countConditions } from './conditions.ts';
import type { FieldPlan } from './execution.ts';
import type { Grants } from './grants.ts';
import { coerceVariables } from './graphql-values.ts';
import type { PlannedField } from './plan-operation.ts';
import { PreparedAgain } from './prepared.ts';
import type { PreparedOperation } from './prepared.ts';
import type { QueryLimits } from './query.ts';
import { hasVariable, quickArguments, quickVariables } from './quick-arguments.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * Operations that were prepared before, to be prepared again with other variables: what depends on none is kept, and what does is
 * planned anew. Remembered per operation and grants, as long as both are.
 */
export interface Templates {
  /** Undefined: it is to be prepared from the beginning, which also says what is wrong with it. */
  prepare(operation: OperationDefinitionNode, grants: Grants, inputs: Values): PreparedOperation | undefined;
  /** To be called with what was prepared from the beginning. */
  learn(prepared: PreparedOperation): void;
}

interface Template {
  readonly prepared: PreparedOperation;
  readonly coerce: (inputs: Values) => Values | undefined;
  readonly fields: readonly TemplateField[];
  /** None of the fields depends on variables. */
  readonly isFixed: boolean;
  /** Whether there are conditions to be counted. */
  readonly hasFilters: boolean;
}

interface TemplateField extends PlannedField {
  /** Absent: they depend on no variable. */
  readonly quickArgs: ((variables: Values) => Values | undefined) | undefined;
}

export interface TemplateOptions {
  readonly schema: GraphQLSchema;
  readonly limits: QueryLimits;
  readonly checkCost: CheckCost;
}

export function createTemplates({ schema, limits, checkCost }: TemplateOptions): Templates {
  const known = new WeakMap<OperationDefinitionNode, WeakMap<Grants, Template>>();

  function coerceByGraphQL(operation: OperationDefinitionNode, inputs: Values): Values | undefined {
    const variables = coerceVariables(schema, operation, inputs, true);
    return 'coerced' in variables ? variables.coerced : undefined;
  }

  function plansWith(
    { prepared, fields, hasFilters }: Template,
    grants: Grants,
    variables: Values,
  ): PreparedOperation['plans'] | undefined {
    const plans = new Map(prepared.plans);
    const conditions = hasFilters ? countConditions(limits) : undefined;
    let isOfOneSize = true;
    for (const { node, plan, planner, args: before, quickArgs } of fields) {
      const args = quickArgs === undefined ? before : quickArgs(variables);
      if (args === undefined) return undefined;
      conditions?.add(args['where']);
      conditions?.add(args['orderBy']);
      if (quickArgs === undefined) continue;
      const planned = planner(args, grants);
      // Another filter may lead to other tables, by which positions and grants go.
      if (!readsTheSame(planned, plan)) return undefined;
      isOfOneSize &&= planned.rows === plan.rows;
      plans.set(node, planned);
    }
    if (isOfOneSize) return plans;
    const { document, operation } = prepared;
    const tooCostly = checkCost({ document, operation, variables: { coerced: variables, native: variables }, plans });
    return tooCostly === undefined ? plans : undefined;
  }

  return {
    prepare(operation, grants, inputs) {
      const template = known.get(operation)?.get(grants);
      if (template === undefined) return undefined;
      try {
        const variables = template.coerce(inputs);
        if (variables === undefined) return undefined;
        const { prepared } = template;
        if (template.isFixed) return new PreparedAgain(prepared, inputs, variables, prepared.plans);
        const plans = plansWith(template, grants, variables);
        return plans && new PreparedAgain(prepared, inputs, variables, plans);
      } catch {
        // Whatever is wrong is found again, and said, by whoever begins anew.
        return undefined;
      }
    },
    learn(prepared) {
      const { operation, granted, paths } = prepared;
      if (prepared.kind === 'changes' || prepared.atLeast !== undefined || prepared.skips) return;
      const coerce = quickVariables(schema, operation) ?? ((inputs: Values) => coerceByGraphQL(operation, inputs));
      const fields = paths.map((planned): TemplateField => {
        const { node, field, args } = planned;
        const isFixed = !(node.arguments ?? []).some(({ value }) => hasVariable(value));
        return { ...planned, quickArgs: isFixed ? undefined : quickArguments(field, node, args) };
      });
      const byGrants = known.get(operation) ?? new WeakMap<Grants, Template>();
      known.set(operation, byGrants);
      const isFixed = fields.every(({ quickArgs }) => quickArgs === undefined);
      const hasFilters = fields.some(({ node }) =>
        (node.arguments ?? []).some(({ name: { value: name } }) => name === 'where' || name === 'orderBy'),
      );
      byGrants.set(granted, { prepared, coerce, fields, isFixed, hasFilters });
    },
  };
}

function readsTheSame({ tables }: FieldPlan, before: FieldPlan): boolean {
  return tables.length === before.tables.length && tables.every((table, i) => table === before.tables[i]);
}

/** Every operation is prepared from its beginning. */
export const noTemplates: Templates = { prepare: () => undefined, learn: () => {} };

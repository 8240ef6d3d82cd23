import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { RecentlyUsed } from '../common/recently-used.ts';
import { readAtLeast } from './at-least.ts';
import type { CheckCost } from './check-cost.ts';
import { countConditions } from './conditions.ts';
import type { FieldPlan } from './execution.ts';
import { AskedGrants, asksTheSame, grantIds } from './grants.ts';
import type { Asked, Grants } from './grants.ts';
import { coerceVariables } from './graphql-values.ts';
import type { Variables } from './graphql-values.ts';
import type { PlannedField } from './plan-operation.ts';
import { PreparedAgain } from './prepared.ts';
import type { PreparedOperation } from './prepared.ts';
import type { OperationRequest, QueryLimits } from './query.ts';
import { hasVariable, quickArguments, quickVariables } from './quick-arguments.ts';
import { atLeastDirective } from './schema.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * Operations that were prepared before, to be prepared again with other variables, or for another caller: what depends on neither is
 * kept, and what does is planned anew. Remembered per operation and what its caller is granted, whoever that is: what rules read of a
 * caller is in the identity of its grants. This is a security boundary, as a shape's identity is.
 */
export interface Templates {
  /** Undefined: it is to be prepared from the beginning, which also says what is wrong with it. */
  prepare(
    operation: OperationDefinitionNode,
    grants: Grants,
    inputs: Values,
    extensions: OperationRequest['extensions'],
  ): PreparedOperation | undefined;
  /** To be called with what was prepared from the beginning, and all of its caller that it was prepared by. */
  learn(prepared: PreparedOperation, grounds: Asked): void;
}

interface Template {
  readonly prepared: PreparedOperation;
  readonly coerce: (inputs: Values) => Variables | undefined;
  readonly fields: readonly TemplateField[];
  /** None of the fields depends on variables. */
  readonly isFixed: boolean;
  /** Whether there are conditions to be counted. */
  readonly hasFilters: boolean;
  /** Whether it may say itself what it waits for. */
  readonly hasAtLeast: boolean;
}

interface TemplateField extends PlannedField {
  /** Absent: they depend on no variable. */
  readonly quickArgs: ((variables: Values) => Values | undefined) | undefined;
}

/** Of one operation. */
interface Known {
  /** For callers that are known as objects: most are for a while, and need no text to be found by. */
  readonly byGrants: WeakMap<Grants, Template>;
  /** The grounds that it was planned on so far: filters that variables bring may lead to other tables. */
  readonly grounds: Asked[];
  /** Tells its texts from those of other operations. */
  readonly id: string;
}

export interface TemplateOptions {
  readonly schema: GraphQLSchema;
  readonly limits: QueryLimits;
  readonly checkCost: CheckCost;
}

/** A template takes some kilobytes. */
const maxTemplates = 2_000;
/** Of what callers are granted: a claim may be a long list. */
const maxCharacters = 4_000_000;
/** Whose operation has more of them is planned again for every caller. */
const maxGrounds = 8;

export function createTemplates({ schema, limits, checkCost }: TemplateOptions): Templates {
  const knownOperations = new WeakMap<OperationDefinitionNode, Known>();
  const byText = new RecentlyUsed<Template>(maxTemplates, maxCharacters);
  let operations = 0;

  function coerceByGraphQL(operation: OperationDefinitionNode, inputs: Values): Variables | undefined {
    const variables = coerceVariables(schema, operation, inputs, true);
    return 'coerced' in variables ? variables : undefined;
  }

  function plansWith(
    { prepared, fields, hasFilters }: Template,
    grants: Grants,
    variables: Variables,
  ): PreparedOperation['plans'] | undefined {
    const plans = new Map(prepared.plans);
    const conditions = hasFilters ? countConditions(limits) : undefined;
    let isOfOneSize = true;
    for (const { node, plan, planner, args: before, quickArgs, asked } of fields) {
      const args = quickArgs === undefined ? before : quickArgs(variables.coerced);
      if (args === undefined) return undefined;
      conditions?.add(args['where']);
      conditions?.add(args['orderBy']);
      if (quickArgs === undefined) continue;
      const asking = new AskedGrants(grants);
      const planned = planner(args, asking);
      // Another filter may lead to other tables, or ask what of them may be read: by both go positions and whose shape it is.
      if (!readsTheSame(planned, plan) || !asksTheSame(asking, asked)) return undefined;
      isOfOneSize &&= planned.rows === plan.rows;
      plans.set(node, planned);
    }
    if (isOfOneSize) return plans;
    const { document, operation } = prepared;
    const tooCostly = checkCost({ document, operation, variables, plans });
    return tooCostly === undefined ? plans : undefined;
  }

  function prepareWith(
    template: Template,
    granted: Grants,
    inputs: Values,
    extensions: OperationRequest['extensions'],
  ): PreparedOperation | undefined {
    try {
      const variables = template.coerce(inputs);
      if (variables === undefined) return undefined;
      const { prepared, isFixed, hasAtLeast } = template;
      const plans = isFixed ? prepared.plans : plansWith(template, granted, variables);
      if (plans === undefined) return undefined;
      const { operation, tables } = prepared;
      const atLeast =
        hasAtLeast || extensions?.['atLeast'] !== undefined
          ? readAtLeast(operation, variables, extensions, tables)
          : undefined;
      return new PreparedAgain(prepared, { granted, variables: variables.coerced, inputs, plans, atLeast });
    } catch {
      // Whatever is wrong is found again, and said, by whoever begins anew.
      return undefined;
    }
  }

  return {
    prepare(operation, grants, inputs, extensions) {
      const known = knownOperations.get(operation);
      if (known === undefined) return undefined;
      const template = known.byGrants.get(grants);
      if (template !== undefined) return prepareWith(template, grants, inputs, extensions);
      for (const grounds of known.grounds) {
        const found = byText.get(textOf(known, grounds, grants));
        const prepared = found && prepareWith(found, grants, inputs, extensions);
        if (found === undefined || prepared === undefined) continue;
        known.byGrants.set(grants, found);
        return prepared;
      }
      return undefined;
    },
    learn(prepared, grounds) {
      const { operation, granted, paths } = prepared;
      if (prepared.kind === 'changes' || prepared.skips) return;
      const hasAtLeast = (operation.directives ?? []).some(({ name }) => name.value === atLeastDirective.name);
      const coerce =
        // Only graphql knows its variables as directives take them.
        (hasAtLeast ? undefined : quickVariables(schema, operation)) ??
        ((inputs: Values) => coerceByGraphQL(operation, inputs));
      const fields = paths.map((planned): TemplateField => {
        const { node, field, args } = planned;
        const isFixed = !(node.arguments ?? []).some(({ value }) => hasVariable(value));
        return { ...planned, quickArgs: isFixed ? undefined : quickArguments(field, node, args) };
      });
      const isFixed = fields.every(({ quickArgs }) => quickArgs === undefined);
      const hasFilters = fields.some(({ node }) =>
        (node.arguments ?? []).some(({ name: { value: name } }) => name === 'where' || name === 'orderBy'),
      );
      const template = { prepared, coerce, fields, isFixed, hasFilters, hasAtLeast };
      let known = knownOperations.get(operation);
      if (known === undefined) {
        known = { byGrants: new WeakMap(), grounds: [], id: String((operations += 1)) };
        knownOperations.set(operation, known);
      }
      known.byGrants.set(granted, template);
      let ground = known.grounds.find((other) => asksTheSame(other, grounds));
      if (ground === undefined) {
        if (known.grounds.length === maxGrounds) return;
        known.grounds.push((ground = grounds));
      }
      byText.set(textOf(known, ground, granted), template);
    },
  };
}

/** Equal where an operation is planned in the same way. */
function textOf({ id }: Known, { tables, operator }: Asked, grants: Grants): string {
  const ids = grantIds(Array.from(tables, (table) => [table, grants.find(table)] as const));
  return JSON.stringify([id, ids, operator ? grants.isOperator() : null]);
}

function readsTheSame({ tables }: FieldPlan, before: FieldPlan): boolean {
  return tables.length === before.tables.length && tables.every((table, i) => table === before.tables[i]);
}

/** Every operation is prepared from its beginning. */
export const noTemplates: Templates = { prepare: () => undefined, learn: () => {} };

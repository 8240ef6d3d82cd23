import {
  getArgumentValues,
  getDirectiveValues,
  getVariableValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
} from 'graphql';
import type {
  FieldNode,
  GraphQLDirective,
  GraphQLError,
  GraphQLField,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionNode,
} from 'graphql';

/** Coerced variables; `native` is what this version of graphql hands to its own coercion (16: the same, 17: with sources). */
export interface Variables {
  readonly coerced: Readonly<Record<string, unknown>>;
  readonly native: Record<string, unknown>;
}

type Coerced =
  | { readonly errors: readonly GraphQLError[] }
  | { readonly coerced: Record<string, unknown> }
  | { readonly variableValues: { readonly coerced: Record<string, unknown> } & Record<string, unknown> };

/** This file is the only place that knows in which shape graphql 16 and 17 hand variables around. */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  inputs: Readonly<Record<string, unknown>>,
  hideSuggestions: boolean,
): Variables | readonly GraphQLError[] {
  const options = { maxErrors: hideSuggestions ? 5 : 20, hideSuggestions };
  const result = getVariableValues(schema, operation.variableDefinitions ?? [], inputs, options) as Coerced;
  if ('variableValues' in result) return { coerced: result.variableValues.coerced, native: result.variableValues };
  // 16 gives `errors` and no `coerced`, or the reverse.
  if ('coerced' in result && result.coerced !== undefined) return { coerced: result.coerced, native: result.coerced };
  return 'errors' in result ? result.errors : [];
}

/** The coerced arguments of a field, defaults included. Throws GraphQLError. */
export function argumentValues(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Variables,
): Readonly<Record<string, unknown>> {
  return getArgumentValues(field, node, variables.native);
}

/** The coerced arguments of a directive on the node; undefined where it has none of that name. Throws GraphQLError. */
export function directiveValues(
  directive: GraphQLDirective,
  node: OperationDefinitionNode | SelectionNode,
  variables: Variables,
): Readonly<Record<string, unknown>> | undefined {
  return getDirectiveValues(directive, node, variables.native);
}

/** False where `@skip` or `@include` leave the selection out. */
export function isIncluded(node: SelectionNode, variables: Variables): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true;
  if (directiveValues(GraphQLSkipDirective, node, variables)?.['if'] === true) return false;
  return directiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false;
}

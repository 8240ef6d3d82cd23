import { GraphQLError, Kind, MaxIntrospectionDepthRule, NoFragmentCyclesRule, specifiedRules, validate } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode, SelectionSetNode, ValidationRule } from 'graphql';
import { withCode } from './client-errors.ts';
import { fragmentsByName } from './fragments.ts';

export interface ValidationOptions {
  /** Bounds on what a document may hold. */
  readonly validationRules?: readonly ValidationRule[] | undefined;
  /** Whether `__schema` and `__type` may be asked for, and a misspelt name is answered with the ones it might be. Default true. */
  readonly introspection?: boolean | undefined;
}

/** Everything that is wrong with a document, or the first of it. */
export type ValidateDocument = (document: DocumentNode) => readonly GraphQLError[];

/** A client's mistakes are found by its own tools; whoever has none gets no list of what is not there. */
const maxErrors = { open: 20, closed: 5 } as const;

/**
 * Bounds come first, and cycles, which have none: the specification's rules compare fields with each other and fragments with
 * fragments, and are given only what is small.
 */
export function createValidation(
  schema: GraphQLSchema,
  { validationRules = [], introspection = true }: ValidationOptions,
): ValidateDocument {
  const options = { maxErrors: introspection ? maxErrors.open : maxErrors.closed, hideSuggestions: !introspection };
  const bounds = [NoFragmentCyclesRule, ...(introspection ? [] : [noIntrospection]), ...validationRules];
  const rules = [...specifiedRules, MaxIntrospectionDepthRule];
  return (document) => {
    const own = checkOperations(document);
    if (own.length > 0) return own;
    const unbounded = run(document, bounds);
    return unbounded.length > 0 ? unbounded : run(document, rules);
  };

  function run(document: DocumentNode, of: readonly ValidationRule[]): readonly GraphQLError[] {
    try {
      return validate(schema, document, of, options).map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
    } catch (error) {
      // A rule may give up instead of reporting.
      if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_VALIDATION_FAILED')];
      throw error;
    }
  }
}

const noIntrospection: ValidationRule = (context) => ({
  Field(node) {
    const { value: name } = node.name;
    if (name !== '__schema' && name !== '__type') return;
    const message = `Introspection is off here, so ${name} cannot be asked for (setting introspection). Tools get the API from: headgate print-schema`;
    const extensions = { code: 'FORBIDDEN', setting: 'introspection' };
    context.reportError(new GraphQLError(message, { nodes: node, extensions }));
  },
});

/** What the specification asks for and its rules in graphql 16 let pass. */
function checkOperations(document: DocumentNode): readonly GraphQLError[] {
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    if (definition.operation === 'mutation') {
      return invalid(
        'There are no mutations: rows come from topics. Write to the topic, and wait for the write with @atLeast.',
        definition,
      );
    }
    if (definition.operation === 'subscription' && hasConditions(document, definition.selectionSet)) {
      return invalid(
        'The root field of a subscription takes no @skip or @include: there is always exactly one.',
        definition,
      );
    }
    return [];
  });
}

function invalid(message: string, nodes: OperationDefinitionNode): readonly GraphQLError[] {
  return [new GraphQLError(message, { nodes, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })];
}

/** Whether the selection or the fragments at its top have conditions. */
function hasConditions(document: DocumentNode, selectionSet: SelectionSetNode): boolean {
  const fragments = fragmentsByName(document);
  const seen = new Set<string>();
  const look = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      const names = (selection.directives ?? []).map(({ name }) => name.value);
      if (names.includes('skip') || names.includes('include')) return true;
      if (selection.kind === Kind.FIELD) return false;
      if (selection.kind === Kind.INLINE_FRAGMENT) return look(selection.selectionSet);
      const name = selection.name.value;
      const fragment = fragments.get(name);
      if (seen.has(name) || fragment === undefined) return false;
      seen.add(name);
      return look(fragment.selectionSet);
    });
  return look(selectionSet);
}

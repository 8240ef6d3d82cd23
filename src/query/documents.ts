import { GraphQLError, Kind, Lexer, parse, Source, specifiedRules, TokenKind, validate } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode, SelectionSetNode, ValidationRule } from 'graphql';
import { GatewayError } from '../common/errors.ts';
import { toGraphQLError, withCode } from './client-errors.ts';
import { fragmentsByName } from './fragments.ts';
import { makeShape } from './shape.ts';
import type { OperationShape } from './shape.ts';
import type { QueryLimits } from './query.ts';

/** A valid document, and what of its operations does not depend on variables. */
export interface ValidDocument {
  readonly document: DocumentNode;
  readonly operations: readonly OperationDefinitionNode[];
  shape(operation: OperationDefinitionNode): OperationShape;
}

export interface Documents {
  /** Parses and validates; the most recently used valid documents are remembered by their text. */
  get(text: string): ValidDocument | readonly GraphQLError[];
}

const maxDocuments = 1_000;

export function createDocuments(
  schema: GraphQLSchema,
  limits: QueryLimits,
  validationRules: readonly ValidationRule[],
): Documents {
  const rules = [...specifiedRules, ...validationRules];
  const documentsByText = new Map<string, ValidDocument>();

  function read(text: string): ValidDocument | readonly GraphQLError[] {
    const document = parseDocument(text, limits);
    if (!('kind' in document)) return document;
    const errors = validateDocument(schema, document, rules);
    if (errors.length > 0) return errors;
    const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    const shapes = new Map<OperationDefinitionNode, OperationShape>();
    return {
      document,
      operations,
      shape(operation) {
        const shape = shapes.get(operation) ?? makeShape(document, operation);
        shapes.set(operation, shape);
        return shape;
      },
    };
  }

  return {
    get(text) {
      const known = documentsByText.get(text) ?? read(text);
      if (!('operations' in known)) return known;
      // A Map keeps the order of insertion: the first is the one not used for longest.
      documentsByText.delete(text);
      documentsByText.set(text, known);
      const [oldest] = documentsByText.keys();
      if (documentsByText.size > maxDocuments && oldest !== undefined) documentsByText.delete(oldest);
      return known;
    },
  };
}

function parseDocument(text: string, { maxDocumentLength, maxTokens }: QueryLimits): DocumentNode | GraphQLError[] {
  if (text.length > maxDocumentLength) {
    return [
      tooLarge(
        `is ${text.length} characters long`,
        `${maxDocumentLength} characters`,
        'maxDocumentLength',
        maxDocumentLength,
      ),
    ];
  }
  try {
    return parse(text, { maxTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (hasMoreTokens(text, maxTokens)) {
      return [tooLarge('has too many tokens', `${maxTokens} tokens`, 'maxTokens', maxTokens)];
    }
    return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
  }
}

function tooLarge(what: string, most: string, setting: string, limit: number): GraphQLError {
  return toGraphQLError(
    new GatewayError('LIMIT_EXCEEDED', `The document ${what}; at most ${most} are allowed (setting ${setting}).`, {
      setting,
      limit,
    }),
  );
}

function hasMoreTokens(text: string, maxTokens: number): boolean {
  const lexer = new Lexer(new Source(text));
  try {
    for (let tokens = 0; tokens <= maxTokens; tokens += 1) {
      if (lexer.advance().kind === TokenKind.EOF) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function validateDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
): readonly GraphQLError[] {
  const own = checkOperations(document);
  if (own.length > 0) return own;
  try {
    return validate(schema, document, rules).map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  } catch (error) {
    // A rule may give up instead of reporting.
    if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_VALIDATION_FAILED')];
    throw error;
  }
}

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

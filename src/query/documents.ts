import { GraphQLError, Kind, Lexer, parse, Source, TokenKind } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { GatewayError } from '../common/errors.ts';
import { RecentlyUsed } from '../common/recently-used.ts';
import { toGraphQLError, withCode } from './client-errors.ts';
import { makeShape } from './shape.ts';
import type { OperationShape } from './shape.ts';
import type { QueryLimits } from './query.ts';
import { createValidation } from './validate-document.ts';
import type { ValidationOptions } from './validate-document.ts';

/** A valid document, and what of its operations does not depend on variables. */
export interface ValidDocument {
  readonly document: DocumentNode;
  readonly operations: readonly OperationDefinitionNode[];
  shape(operation: OperationDefinitionNode): OperationShape;
}

export interface Documents {
  /** Parses and validates; the most recently used valid documents are remembered by their text. */
  get(text: string): ValidDocument | readonly GraphQLError[];
  /** Whether it is remembered. */
  has(text: string): boolean;
}

/** A parsed document takes some hundred times the memory of its text. */
const maxDocuments = 1_000;
const maxCharacters = 500_000;

export function createDocuments(schema: GraphQLSchema, limits: QueryLimits, validation: ValidationOptions): Documents {
  const validateDocument = createValidation(schema, validation);
  const known = new RecentlyUsed<ValidDocument>(maxDocuments, maxCharacters);

  function read(text: string): ValidDocument | readonly GraphQLError[] {
    const document = parseDocument(text, limits);
    if (!('kind' in document)) return document;
    const errors = validateDocument(document);
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
      const before = known.get(text);
      if (before !== undefined) return before;
      const document = read(text);
      if ('operations' in document) known.set(text, document);
      return document;
    },
    has: (text) => known.has(text),
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
    if (error instanceof RangeError)
      return [tooLarge('is nested too deep to be read', `${maxTokens} tokens`, 'maxTokens', maxTokens)];
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

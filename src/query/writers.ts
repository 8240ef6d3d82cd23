import { GraphQLIncludeDirective, GraphQLSkipDirective, Kind, visit } from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Catalog } from '../catalog/catalog.ts';
import { must } from '../common/errors.ts';
import type { PlanField } from './execution.ts';
import { fragmentsByName } from './fragments.ts';
import type { Variables } from './graphql-values.ts';
import { compileWriter } from './writer.ts';
import type { Write } from './writer.ts';

export interface OperationWriter {
  /** Absent: graphql is to run it. */
  readonly write: Write | undefined;
  /** Whether parts of it are skipped or not by its variables. */
  readonly skips: boolean;
}

/** What writes the answers of an operation. Made once, for as long as the operation is remembered. */
export type WriterOf = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
) => OperationWriter;

/** Each choice of what is skipped has a writer of its own; an operation that has more of them than this is left to graphql. */
const maxVariants = 16;

interface Writers {
  /** The variables that decide what is skipped. */
  readonly deciding: readonly string[];
  readonly byVariant: Map<string, Write | undefined>;
}

export function createWriters(
  catalog: Catalog,
  schema: GraphQLSchema,
  planners: ReadonlyMap<string, PlanField>,
): WriterOf {
  const known = new WeakMap<OperationDefinitionNode, Writers>();
  return (document, operation, variables) => {
    let writers = known.get(operation);
    if (writers === undefined) {
      writers = { deciding: decidingVariables(document), byVariant: new Map() };
      known.set(operation, writers);
    }
    const { deciding, byVariant } = writers;
    const skips = deciding.length > 0;
    const variant = deciding.map((name) => String(variables.coerced[name])).join();
    if (byVariant.has(variant)) return { write: byVariant.get(variant), skips };
    if (byVariant.size === maxVariants) return { write: undefined, skips };
    const root = operation.operation === 'subscription' ? schema.getSubscriptionType() : schema.getQueryType();
    const fragments = fragmentsByName(document);
    const write = compileWriter(
      { catalog, schema, planners, fragments, variables },
      must(root, 'the schema has the root type'),
      operation.selectionSet,
    );
    byVariant.set(variant, write);
    return { write, skips };
  };
}

const skipping: ReadonlySet<string> = new Set([GraphQLSkipDirective.name, GraphQLIncludeDirective.name]);

function decidingVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given = [] }) {
      if (!skipping.has(name.value)) return;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

/** graphql runs everything. */
export const noWriters: WriterOf = () => ({ write: undefined, skips: true });

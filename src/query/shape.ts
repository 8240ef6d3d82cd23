import { createHash } from 'node:crypto';
import { Kind, print, visit } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { OperationTypeNode } from 'graphql';
import { fragmentsByName } from './fragments.ts';
import { stableJson } from './stable-json.ts';

/** An operation without what does not decide its answer: its name, its kind, `@atLeast`, and variables used nowhere else. */
export interface OperationShape {
  /** As a query, with the fragments that it uses: what is run. Its fields are the nodes of the document itself. */
  readonly executable: DocumentNode;
  readonly text: string;
  readonly variableNames: readonly string[];
}

export function makeShape(document: DocumentNode, operation: OperationDefinitionNode): OperationShape {
  const fragments = usedFragments(document, operation);
  const used = new Set<string>();
  for (const definition of [operation, ...fragments]) {
    visit(definition.selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  }
  const { selectionSet, loc } = operation;
  const query: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value)),
    directives: (operation.directives ?? []).filter(({ name }) => name.value !== 'atLeast'),
    selectionSet,
    ...(loc === undefined ? {} : { loc }),
  };
  const executable: DocumentNode = { kind: Kind.DOCUMENT, definitions: [query, ...fragments] };
  return { executable, text: print(executable), variableNames: [...used].toSorted() };
}

/** What an answer depends on beside the operation and the data. */
export interface ShapeInputs {
  /** Coerced, with defaults. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What the caller is granted, by table; null where it may not read the table. */
  readonly grants: Readonly<Record<string, string | null>>;
  /** Whether it is an operator; undefined where nothing depends on it. */
  readonly operator: boolean | undefined;
}

/**
 * Equal for operations that have equal answers at every position; shared frames make it a security boundary, so nothing is
 * merged that is not the same text. A live query has the identity of the query it repeats.
 */
export function shapeId(
  fingerprint: string,
  kind: 'read' | 'changes',
  { text, variableNames }: OperationShape,
  { variables, grants, operator }: ShapeInputs,
): string {
  const values = variableNames.map((name) => [name, variables[name]]);
  return createHash('sha256')
    .update(
      [fingerprint, kind, text, stableJson(values), stableJson(grants), String(operator)]
        .map((part) => `${part.length}:${part}`)
        .join(''),
    )
    .digest('base64url');
}

/** In the order of their names, whatever their order in the document. */
function usedFragments(document: DocumentNode, operation: OperationDefinitionNode): readonly FragmentDefinitionNode[] {
  const known = fragmentsByName(document);
  const used = new Map<string, FragmentDefinitionNode>();
  const collect = ({ selectionSet }: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(selectionSet, {
      FragmentSpread({ name: { value: name } }) {
        const fragment = known.get(name);
        if (fragment === undefined || used.has(name)) return;
        used.set(name, fragment);
        collect(fragment);
      },
    });
  };
  collect(operation);
  return [...used.values()].toSorted((a, b) => (a.name.value < b.name.value ? -1 : 1));
}

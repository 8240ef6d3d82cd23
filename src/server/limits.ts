import {
  type ASTVisitor,
  GraphQLError,
  Kind,
  MaxIntrospectionDepthRule,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import type { ServerLimits } from '../config/limits.ts';

type DocumentLimits = Pick<ServerLimits, 'maxDepth' | 'maxAliases' | 'maxRootFields' | 'maxDirectives'>;

/**
 * Validation rules that bound what a document may ask for, fragments followed. Every fragment is measured once however
 * often it is spread, so that a document cannot be made to cost more than its length. Introspection is deep by nature: it has
 * a rule of its own, graphql's.
 */
export function limitRules(limits: DocumentLimits): readonly ValidationRule[] {
  return [(context) => measuring(context, limits), MaxIntrospectionDepthRule];
}

function measuring(context: ValidationContext, limits: DocumentLimits): ASTVisitor {
  const measure = createMeasure(context);
  const check = (operation: OperationDefinitionNode, found: number, limit: number, what: string, setting: string) => {
    if (found <= limit) return;
    const message = `The operation ${what}; at most ${limit} are allowed (setting ${setting}).`;
    context.reportError(new GraphQLError(message, { nodes: operation, extensions: { code: 'LIMIT_EXCEEDED' } }));
  };
  return {
    OperationDefinition(operation) {
      const { depth, aliases, directives, rootFields } = measure(operation.selectionSet);
      const own = operation.directives?.length ?? 0;
      check(operation, depth, limits.maxDepth, `is nested ${shown(depth)} levels deep`, 'maxDepth');
      check(operation, aliases, limits.maxAliases, `uses ${shown(aliases)} aliases`, 'maxAliases');
      check(operation, rootFields, limits.maxRootFields, `selects ${shown(rootFields)} root fields`, 'maxRootFields');
      check(
        operation,
        directives + own,
        limits.maxDirectives,
        `uses ${shown(directives + own)} directives`,
        'maxDirectives',
      );
      return false;
    },
    FragmentDefinition: () => false,
  };
}

/** Of a selection with its fragments followed. */
interface Size {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields at its top. */
  readonly rootFields: number;
}

const nothing: Size = { depth: 0, aliases: 0, directives: 0, rootFields: 0 };

function createMeasure(context: ValidationContext): (selection: SelectionSetNode) => Size {
  const sizes = new Map<FragmentDefinitionNode, Size>();

  function measure({ selections }: SelectionSetNode): Size {
    let { depth, aliases, directives, rootFields } = nothing;
    for (const selection of selections) {
      directives += selection.directives?.length ?? 0;
      const inner = innerOf(selection);
      directives += inner.directives;
      aliases += inner.aliases;
      if (selection.kind === Kind.FIELD) {
        rootFields += 1;
        if (!isIntrospection(selection)) depth = Math.max(depth, inner.depth + 1);
        if (selection.alias !== undefined) aliases += 1;
      } else {
        rootFields += inner.rootFields;
        depth = Math.max(depth, inner.depth);
      }
    }
    return { depth, aliases, directives, rootFields };
  }

  function innerOf(selection: SelectionSetNode['selections'][number]): Size {
    if (selection.kind !== Kind.FRAGMENT_SPREAD) {
      return selection.selectionSet === undefined ? nothing : measure(selection.selectionSet);
    }
    const fragment = context.getFragment(selection.name.value);
    if (fragment === undefined || fragment === null) return nothing;
    let size = sizes.get(fragment);
    if (size === undefined) {
      // A cycle is another rule's business; here it ends.
      sizes.set(fragment, nothing);
      size = measure(fragment.selectionSet);
      sizes.set(fragment, size);
    }
    return size;
  }

  return measure;
}

function isIntrospection({ name }: FieldNode): boolean {
  return name.value === '__schema' || name.value === '__type';
}

/** Spread upon spread makes numbers that nobody wants to read. */
function shown(count: number): string {
  return count > 1_000_000 ? 'more than 1,000,000' : String(count);
}

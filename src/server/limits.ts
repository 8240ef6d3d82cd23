import {
  type ASTVisitor,
  GraphQLError,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import type { ServerLimits } from '../config/limits.ts';

type DocumentLimits = Pick<ServerLimits, 'maxFields' | 'maxDepth' | 'maxAliases' | 'maxRootFields' | 'maxDirectives'>;
type Measured = OperationDefinitionNode | FragmentDefinitionNode;

/**
 * Validation rules that bound what a document may ask for, fragments followed. Every fragment is measured once however
 * often it is spread, so that a document cannot be made to cost more than its length. Introspection is deep by nature: it has
 * a rule of its own, graphql's.
 */
export function limitRules(limits: DocumentLimits): readonly ValidationRule[] {
  return [(context) => measuring(context, limits)];
}

function measuring(context: ValidationContext, limits: DocumentLimits): ASTVisitor {
  const measure = createMeasure(context);
  const check = (of: Measured, found: number, setting: keyof DocumentLimits, what: string): void => {
    const limit = limits[setting];
    if (found <= limit) return;
    const name = of.kind === Kind.OPERATION_DEFINITION ? 'operation' : `fragment ${of.name.value}`;
    const message = `The ${name} ${what}; at most ${limit} are allowed (setting ${setting}).`;
    context.reportError(
      new GraphQLError(message, { nodes: of, extensions: { code: 'LIMIT_EXCEEDED', setting, limit } }),
    );
  };
  let hasTooMany = false;
  // Where a fragment has too many, so has whatever spreads it.
  const checkFields = (of: Measured, fields: number): void => {
    if (hasTooMany) return;
    hasTooMany = fields > limits.maxFields;
    check(of, fields, 'maxFields', `selects ${shown(fields)} fields, each fragment counted as one more`);
  };
  return {
    OperationDefinition(operation) {
      const { fields, depth, aliases, directives, rootFields } = measure(operation.selectionSet);
      const all = directives + (operation.directives?.length ?? 0);
      checkFields(operation, fields);
      check(operation, depth, 'maxDepth', `is nested ${shown(depth)} levels deep`);
      check(operation, aliases, 'maxAliases', `uses ${shown(aliases)} aliases`);
      check(operation, rootFields, 'maxRootFields', `selects ${shown(rootFields)} root fields`);
      check(operation, all, 'maxDirectives', `uses ${shown(all)} directives`);
      return false;
    },
    // One that no operation uses is validated all the same.
    FragmentDefinition(fragment) {
      checkFields(fragment, measure(fragment.selectionSet).fields);
      return false;
    },
  };
}

/** Of a selection with its fragments followed. */
interface Size {
  /** Selections: fields, fragments and spreads of them. */
  readonly fields: number;
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields at its top. */
  readonly rootFields: number;
}

const nothing: Size = { fields: 0, depth: 0, aliases: 0, directives: 0, rootFields: 0 };

function createMeasure(context: ValidationContext): (selection: SelectionSetNode) => Size {
  const sizes = new Map<FragmentDefinitionNode, Size>();

  function measure({ selections }: SelectionSetNode): Size {
    let { fields, depth, aliases, directives, rootFields } = nothing;
    for (const selection of selections) {
      directives += selection.directives?.length ?? 0;
      const inner = innerOf(selection);
      fields += inner.fields + 1;
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
    return { fields, depth, aliases, directives, rootFields };
  }

  function innerOf(selection: SelectionNode): Size {
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

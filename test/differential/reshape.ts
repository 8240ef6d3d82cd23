import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  Kind,
  parse,
  parseValue,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type {
  ArgumentNode,
  DirectiveNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLInputType,
  GraphQLSchema,
  ObjectFieldNode,
  SelectionNode,
  ValueNode,
} from 'graphql';
import type { Random } from '../support/random.ts';

export interface Asked {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * The same question in other words: aliases, parts in fragments of either kind, fields twice and parts skipped, by constants and by
 * variables.
 */
export function reshape(random: Random, schema: GraphQLSchema, { document, variables }: Asked): Asked {
  const types = new TypeInfo(schema);
  const fragments: FragmentDefinitionNode[] = [];
  const added = new Map<string, { readonly type: string; readonly value: unknown }>();
  let parsed;
  try {
    parsed = parse(document);
  } catch {
    return { document, variables };
  }

  function directives(): readonly DirectiveNode[] {
    if (random.int(8) > 0) return [];
    const name = random.pick(['skip', 'include']);
    const variable = random.int(2) === 0 ? `s${random.int(3)}` : undefined;
    if (variable !== undefined) added.set(variable, { type: 'Boolean!', value: random.int(2) === 0 });
    const value = variable === undefined ? String(random.int(2) === 0) : `$${variable}`;
    const field = parse(`{ a @${name}(if: ${value}) }`).definitions[0];
    const [selection] = field?.kind === Kind.OPERATION_DEFINITION ? field.selectionSet.selections : [];
    return selection?.directives ?? [];
  }

  function wrapped(selection: SelectionNode): SelectionNode {
    const type = types.getParentType()?.name;
    const selectionSet = { kind: Kind.SELECTION_SET, selections: [selection] } as const;
    switch (type === undefined ? 3 : random.int(12)) {
      case 0:
        return { kind: Kind.INLINE_FRAGMENT, selectionSet, directives: directives() };
      case 1:
        return {
          kind: Kind.INLINE_FRAGMENT,
          typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type ?? '' } },
          selectionSet,
          directives: directives(),
        };
      case 2: {
        const name = { kind: Kind.NAME, value: `R${fragments.length}` } as const;
        const typeCondition = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type ?? '' } } as const;
        fragments.push({ kind: Kind.FRAGMENT_DEFINITION, name, typeCondition, selectionSet });
        return { kind: Kind.FRAGMENT_SPREAD, name, directives: directives() };
      }
      default:
        return selection;
    }
  }

  /** A value as it is written in a document, with some of its leaves in variables. */
  function literal(type: GraphQLInputType, value: unknown): ValueNode {
    if (value === null || value === undefined) return { kind: Kind.NULL };
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      const values = Array.isArray(value) ? (value as readonly unknown[]) : [value];
      return { kind: Kind.LIST, values: values.map((each) => literal(nullable.ofType, each)) };
    }
    // What is of no use as one stands as it is.
    if (isInputObjectType(nullable) && typeof value === 'object' && !Array.isArray(value)) {
      const types = nullable.getFields();
      const fields = Object.entries(value).map(([name, member]): ObjectFieldNode => {
        const known = types[name]?.type;
        return {
          kind: Kind.OBJECT_FIELD,
          name: { kind: Kind.NAME, value: name },
          value: known === undefined ? parseValue(JSON.stringify(member)) : literal(known, member),
        };
      });
      return { kind: Kind.OBJECT, fields };
    }
    if (isInputObjectType(nullable)) return parseValue(JSON.stringify(value));
    if (random.int(2) === 0) {
      const name = `l${added.size}`;
      added.set(name, { type: String(type), value });
      return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } };
    }
    if (isEnumType(nullable)) return { kind: Kind.ENUM, value: String(value) };
    return parseValue(JSON.stringify(value));
  }

  /** Variables that are used once may be written out; which they are is seen as the document is walked. */
  const written = new Set(Object.keys(variables).filter(() => random.int(3) > 0));

  const shaped = visit(
    parsed,
    visitWithTypeInfo(types, {
      Argument(node): ArgumentNode | undefined {
        const type = types.getInputType();
        if (node.value.kind !== Kind.VARIABLE || !written.has(node.value.name.value) || !type) return undefined;
        return { ...node, value: literal(type, variables[node.value.name.value]) };
      },
      Field: {
        leave(node): SelectionNode | FieldNode {
          const alias =
            node.alias === undefined && random.int(6) === 0
              ? { alias: { kind: Kind.NAME, value: `${node.name.value}${random.int(3)}` } as const }
              : {};
          return wrapped({ ...node, ...alias, directives: [...(node.directives ?? []), ...directives()] });
        },
      },
      SelectionSet: {
        leave(node) {
          const [first] = node.selections;
          const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
          const extra = random.int(6) === 0 ? [typename] : random.int(6) === 0 && first !== undefined ? [first] : [];
          return { ...node, selections: [...node.selections, ...extra] };
        },
      },
      OperationDefinition: {
        leave(node) {
          const declared = [...added].map(
            ([name, { type }]) => parse(`query ($${name}: ${type}) { a }`).definitions[0],
          );
          const definitions = declared.flatMap((each) =>
            each?.kind === Kind.OPERATION_DEFINITION ? (each.variableDefinitions ?? []) : [],
          );
          const kept = (node.variableDefinitions ?? []).filter(({ variable }) => !written.has(variable.name.value));
          return { ...node, variableDefinitions: [...kept, ...definitions] };
        },
      },
    }),
  );
  const kept = Object.entries(variables).filter(([name]) => !written.has(name));
  return {
    document: print({ ...shaped, definitions: [...shaped.definitions, ...fragments] }),
    variables: Object.fromEntries([...kept, ...[...added].map(([name, { value }]) => [name, value] as const)]),
  };
}

/** The type that the document declares for the variable. */
export function typeOf({ document }: Asked, name: string): string {
  return new RegExp(`\\$${name}: ([^,)]+)`).exec(document)?.[1] ?? '';
}

/** The same document with other variables: values of their types, seldom none or null, or what is wrong there. */
export function reask(random: Random, asked: Asked, values: ReadonlyMap<string, readonly unknown[]>): Asked {
  const { document, variables } = asked;
  const entries = Object.entries(variables).flatMap(([name, value]): [string, unknown][] => {
    const known = values.get(typeOf(asked, name)) ?? [value];
    switch (random.int(40)) {
      case 0:
        return [];
      case 1:
        return [[name, null]];
      case 2:
        return [[name, random.pick(['', 0, -1, 1.5, true, [], {}, '1', 2 ** 40])]];
      default:
        return [[name, random.int(2) === 0 ? value : random.pick(known)]];
    }
  });
  return { document, variables: Object.fromEntries(entries) };
}

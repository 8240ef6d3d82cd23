import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { must } from '../common/errors.ts';
import type { FieldPlan } from './execution.ts';
import { fragmentsByName } from './fragments.ts';
import { isIncluded } from './graphql-values.ts';
import type { Variables } from './graphql-values.ts';
import { responseName } from './plan-operation.ts';

/** What an operation may ask for at most. Numbers end at 2^53. */
export interface Cost {
  /** Every field once, those inside a list once for each row that the list may have. Without introspection. */
  readonly fields: number;
  /** The fields of `__schema` and `__type`. */
  readonly introspected: number;
  /** Where most of the fields are. */
  readonly largest: LargeList | undefined;
}

/** A list and its share of the cost: without the lists inside it, but as often as it is asked for. */
export interface LargeList {
  /** `artists.songs`, relative to where it was measured. */
  readonly path: string;
  readonly node: FieldNode;
  readonly field: GraphQLField<unknown, unknown>;
  readonly rows: number;
  readonly fields: number;
  /** The list is one of a connection, by which it goes. */
  readonly ofConnection: boolean;
}

export interface CostOptions {
  readonly schema: GraphQLSchema;
  /** Of lists that no plan gives: members by `Type.field`. */
  readonly listSizes: ReadonlyMap<string, number>;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Variables;
  /** Of the fields that read rows. */
  readonly plans: ReadonlyMap<FieldNode, FieldPlan>;
}

/** Of a selection, with the lists around it left out of account. */
interface Size extends Cost {
  /** Fields that are in no list. */
  readonly single: number;
}

const nothing: Size = { fields: 0, introspected: 0, single: 0, largest: undefined };
const leaf: Size = { ...nothing, fields: 1, single: 1 };

/**
 * Measures a valid operation before it runs, skipped parts left out. A fragment is measured once however often it is spread (once
 * for each size of page, where it is one of connections), so that measuring costs no more than the document is long.
 */
export function measureCost({ schema, listSizes, document, operation, variables, plans }: CostOptions): Cost {
  const fragments = fragmentsByName(document);
  const sizes = new Map<string, Size>();
  const root = operation.operation === 'subscription' ? schema.getSubscriptionType() : schema.getQueryType();
  return sizeOf(operation.selectionSet, must(root, 'the schema has the root type'), 1);

  /** `page`: the rows of the connection that the selection belongs to, else 1. */
  function sizeOf({ selections }: SelectionSetNode, type: GraphQLCompositeType, page: number): Size {
    let { fields, introspected, single, largest } = nothing;
    for (const selection of selections) {
      if (!isIncluded(selection, variables)) continue;
      const size = sizeOfOne(selection, type, page);
      fields = capped(fields + size.fields);
      single = capped(single + size.single);
      introspected = capped(introspected + size.introspected);
      largest = larger(largest, size.largest);
    }
    return { fields, introspected, single, largest };
  }

  function sizeOfOne(selection: SelectionNode, type: GraphQLCompositeType, page: number): Size {
    if (selection.kind === Kind.FIELD) return sizeOfField(selection, type, page);
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      return sizeOf(selection.selectionSet, condition === undefined ? type : compositeType(condition), page);
    }
    const name = selection.name.value;
    const id = `${page} ${name}`;
    let size = sizes.get(id);
    if (size === undefined) {
      const { typeCondition, selectionSet } = must(fragments.get(name), `no fragment ${name}`);
      size = sizeOf(selectionSet, compositeType(typeCondition.name.value), page);
      sizes.set(id, size);
    }
    return size;
  }

  function sizeOfField(node: FieldNode, type: GraphQLCompositeType, page: number): Size {
    const name = node.name.value;
    const field = fieldOf(type, name);
    const result = field === undefined ? undefined : getNamedType(field.type);
    if (field === undefined || node.selectionSet === undefined || !isCompositeType(result)) return leaf;
    const plan = plans.get(node);
    if (isListType(getNullableType(field.type))) {
      const rows = plan === undefined ? (listSizes.get(`${type.name}.${name}`) ?? page) : rowsOf(plan);
      const ofConnection = plan === undefined && page !== 1;
      return sizeOfList({ node, field, rows, ofConnection }, sizeOf(node.selectionSet, result, 1));
    }
    const inner = sizeOf(node.selectionSet, result, plan === undefined ? 1 : rowsOf(plan));
    const fields = capped(1 + inner.fields);
    if (isIntrospection(name)) return { ...nothing, introspected: fields };
    const { largest } = inner;
    return {
      ...inner,
      fields,
      single: capped(1 + inner.single),
      largest:
        largest?.ofConnection === true && plan !== undefined
          ? { ...largest, path: responseName(node), node, field, ofConnection: false }
          : placed(largest, node),
    };
  }

  function compositeType(name: string): GraphQLCompositeType {
    const type = schema.getType(name);
    return must(isCompositeType(type) ? type : undefined, `no type ${name}`);
  }
}

function fieldOf(type: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  if (name === '__schema') return SchemaMetaFieldDef;
  if (name === '__type') return TypeMetaFieldDef;
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

function isIntrospection(name: string): boolean {
  return name === '__schema' || name === '__type';
}

function sizeOfList(list: Pick<LargeList, 'node' | 'field' | 'rows' | 'ofConnection'>, inner: Size): Size {
  const { node, rows } = list;
  const itself = { ...list, path: responseName(node), fields: capped(rows * inner.single) };
  const inside = placed(inner.largest, node);
  return {
    ...leaf,
    fields: capped(1 + rows * inner.fields),
    largest: larger(itself, inside && { ...inside, fields: capped(rows * inside.fields) }),
  };
}

function rowsOf({ rows = 1 }: FieldPlan): number {
  return rows;
}

function larger(a: LargeList | undefined, b: LargeList | undefined): LargeList | undefined {
  return a === undefined || (b !== undefined && b.fields > a.fields) ? b : a;
}

function placed(list: LargeList | undefined, node: FieldNode): LargeList | undefined {
  return list && { ...list, path: `${responseName(node)}.${list.path}` };
}

function capped(count: number): number {
  return Math.min(count, Number.MAX_SAFE_INTEGER);
}

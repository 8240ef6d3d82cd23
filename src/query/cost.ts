import {
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
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
  /** `artists.songs`, from where it was measured. */
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
  /** By which parts are skipped; absent: none is. */
  readonly variables?: Variables | undefined;
  /** Of the fields that read rows. */
  readonly plans: ReadonlyMap<FieldNode, FieldPlan>;
}

/** Of a selection, with the lists around it left out of account. Made for every request: no spreading, and nothing twice. */
class Size implements Cost {
  readonly fields: number;
  readonly introspected: number;
  /** Fields that are in no list. */
  readonly single: number;
  readonly largest: LargeList | undefined;

  constructor(fields: number, introspected: number, single: number, largest: LargeList | undefined) {
    this.fields = capped(fields);
    this.introspected = capped(introspected);
    this.single = capped(single);
    this.largest = largest;
  }
}

const leaf = new Size(1, 0, 1, undefined);

/**
 * Measures a valid operation before it runs, skipped parts left out. A fragment is measured once however often it is spread (once
 * for each size of page, where it is one of connections), so that measuring costs no more than the document is long.
 */
export function measureCost(options: CostOptions): Cost {
  const { schema, operation } = options;
  const root = operation.operation === 'subscription' ? schema.getSubscriptionType() : schema.getQueryType();
  return new Measure(options).sizeOf(operation.selectionSet, must(root, 'the schema has the root type'), 1);
}

class Measure {
  readonly #options: CostOptions;
  readonly #sizes = new Map<string, Size>();
  #fragments: ReturnType<typeof fragmentsByName> | undefined;

  constructor(options: CostOptions) {
    this.#options = options;
  }

  /** `page`: the rows of the connection that the selection belongs to, else 1. */
  sizeOf({ selections }: SelectionSetNode, type: GraphQLCompositeType, page: number): Size {
    const { variables } = this.#options;
    let fields = 0;
    let introspected = 0;
    let single = 0;
    let largest: LargeList | undefined;
    for (const selection of selections) {
      if (variables !== undefined && !isIncluded(selection, variables)) continue;
      const size = this.#sizeOfOne(selection, type, page);
      fields += size.fields;
      introspected += size.introspected;
      single += size.single;
      largest = larger(largest, size.largest);
    }
    return new Size(fields, introspected, single, largest);
  }

  #sizeOfOne(selection: SelectionNode, type: GraphQLCompositeType, page: number): Size {
    if (selection.kind === Kind.FIELD) {
      return selection.selectionSet === undefined
        ? leaf
        : this.#sizeOfField(selection, selection.selectionSet, type, page);
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      return this.sizeOf(selection.selectionSet, condition === undefined ? type : this.#compositeType(condition), page);
    }
    const name = selection.name.value;
    const id = `${page} ${name}`;
    let size = this.#sizes.get(id);
    if (size === undefined) {
      this.#fragments ??= fragmentsByName(this.#options.document);
      const { typeCondition, selectionSet } = must(this.#fragments.get(name), `no fragment ${name}`);
      size = this.sizeOf(selectionSet, this.#compositeType(typeCondition.name.value), page);
      this.#sizes.set(id, size);
    }
    return size;
  }

  #sizeOfField(node: FieldNode, selection: SelectionSetNode, type: GraphQLCompositeType, page: number): Size {
    const name = node.name.value;
    const field = fieldOf(type, name);
    // Whatever has a selection is of such a type.
    const result = getNamedType(field.type) as GraphQLCompositeType;
    const plan = this.#options.plans.get(node);
    const planned = plan?.rows ?? 1;
    if (isListType(isNonNullType(field.type) ? field.type.ofType : field.type)) {
      const rows = plan === undefined ? (this.#options.listSizes.get(`${type.name}.${name}`) ?? page) : planned;
      const inner = this.sizeOf(selection, result, 1);
      const inside = inner.largest && placed(inner.largest, node, rows);
      const ofConnection = plan === undefined && page !== 1;
      const itself = { path: responseName(node), node, field, rows, fields: capped(rows * inner.single), ofConnection };
      return new Size(1 + rows * inner.fields, 0, 1, larger(itself, inside));
    }
    // A connection has its rows in lists of its own.
    const { fields, single, largest } = this.sizeOf(selection, result, planned);
    if (isIntrospection(name)) return new Size(0, 1 + fields, 0, undefined);
    if (largest?.ofConnection === true && plan !== undefined) {
      const connection = { ...largest, path: responseName(node), node, field, ofConnection: false };
      return new Size(1 + fields, 0, 1 + single, connection);
    }
    return new Size(1 + fields, 0, 1 + single, largest && placed(largest, node, 1));
  }

  #compositeType(name: string): GraphQLCompositeType {
    const type = this.#options.schema.getType(name);
    return must(isCompositeType(type) ? type : undefined, `no type ${name}`);
  }
}

function fieldOf(type: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> {
  if (name === '__schema') return SchemaMetaFieldDef;
  if (name === '__type') return TypeMetaFieldDef;
  return must('getFields' in type ? type.getFields()[name] : undefined, `no field ${type.name}.${name}`);
}

function isIntrospection(name: string): boolean {
  return name === '__schema' || name === '__type';
}

function larger(a: LargeList | undefined, b: LargeList | undefined): LargeList | undefined {
  return a === undefined || (b !== undefined && b.fields > a.fields) ? b : a;
}

/** The list as it is seen from around the field. */
function placed(list: LargeList, node: FieldNode, times: number): LargeList {
  return { ...list, path: `${responseName(node)}.${list.path}`, fields: capped(times * list.fields) };
}

function capped(count: number): number {
  return count < Number.MAX_SAFE_INTEGER ? count : Number.MAX_SAFE_INTEGER;
}

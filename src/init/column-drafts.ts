import { json, objectsOf, scalar } from './draft.ts';
import type { ColumnDraft, ObjectDraft, TypeDraft } from './draft.ts';
import { capitalized, fieldNameOf, safeTypeName, singularName, unused } from './names.ts';
import { isIdName, scalarOf } from './scalar-type.ts';
import { valuesOf } from './shape.ts';
import type { Shape } from './shape.ts';

/** From so many records on, a value that all of them have is taken for one that all will have. */
export const enoughRecords = 20;
/** More members than that are a document, not columns. */
const maxObjectMembers = 24;
const maxFlatMembers = 4;
/** Columns of one table: what has more is better written by hand. */
const maxColumns = 200;

export interface ColumnsInput {
  /** What the values of the records are; where they have an envelope, what is in it. */
  readonly shape: Shape;
  readonly path: readonly string[];
  /** How many records had such a value. */
  readonly records: number;
  /** Names that columns cannot have; those that they get are added. */
  readonly names: Set<string>;
  /** Likewise of types. */
  readonly types: Set<string>;
  readonly owner: string;
}

export interface ColumnsDraft {
  readonly columns: readonly ColumnDraft[];
  readonly objects: readonly ObjectDraft[];
  /** How many members were too many. */
  readonly left: number;
}

/** Names that mean something else in the API or its filters. */
export const reservedNames: readonly string[] = ['and', 'or', 'not', 'nodeId'];

/** The columns of a table: its value's members, with small objects that have an id of their own laid out flat. */
export function draftColumns(input: ColumnsInput): ColumnsDraft {
  const columns: ColumnDraft[] = [];
  const objects: ObjectDraft[] = [];
  let left = 0;

  function add(wanted: string, path: readonly string[], shape: Shape): void {
    if (columns.length >= maxColumns) {
      left += 1;
      return;
    }
    const { type, note } = typeOf(path.at(-1) ?? '', wanted, shape, input, objects, 0);
    columns.push({
      name: unused(reservedNames.includes(wanted) ? `${wanted}Value` : wanted, input.names),
      type,
      required: input.records >= enoughRecords && valuesOf(shape) === input.records,
      from: { kind: 'value', path: [...input.path, ...path] },
      indexed: false,
      hidden: false,
      note,
    });
  }

  for (const [member, shape] of input.shape.members) {
    // A path has no empty step, and none that begins with what stands for the whole key.
    if (member === '' || member === '$') continue;
    const name = fieldNameOf(member);
    if (!isFlat(shape)) {
      add(name, [member], shape);
      continue;
    }
    for (const [inner, innerShape] of shape.members) {
      if (inner === '') continue;
      add(`${name}${capitalized(fieldNameOf(inner))}`, [member, inner], innerShape);
    }
  }
  return { columns, objects: objectsOf(columns, objects), left };
}

/** `customer: { id, name }` is read as `customerId` and `customerName`: a row of its own, seen from here. */
function isFlat({ kinds, isMap, members }: Shape): boolean {
  if (kinds.size !== 1 || !kinds.has('object') || isMap || members.size > maxFlatMembers) return false;
  const isScalar = (shape: Shape) => !shape.kinds.has('object') && !shape.kinds.has('list');
  return [...members.values()].every(isScalar) && [...members.keys()].some((name) => isIdName(name));
}

interface TypeChoice {
  readonly type: TypeDraft;
  readonly note?: string | undefined;
}

function typeOf(
  member: string,
  name: string,
  shape: Shape,
  input: ColumnsInput,
  objects: ObjectDraft[],
  depth: number,
): TypeChoice {
  const chosen = scalarOf(member, shape);
  if (chosen !== undefined) return { type: scalar(chosen.scalar), note: chosen.note };
  if (shape.kinds.size > 1) return { type: json, note: 'values of several kinds in the records seen' };
  if (shape.kinds.has('object')) return objectOf(name, shape, input, objects, depth);
  const { element } = shape;
  if (element === undefined || valuesOf(element) === 0)
    return { type: json, note: 'an empty list in every record seen' };
  const inner = typeOf(singularName(member), singularName(name), element, input, objects, depth + 1);
  // A list of lists is JSON, and so is one of what is JSON anyway.
  if (inner.type.kind === 'list' || (inner.type.kind === 'scalar' && inner.type.scalar === 'JSON'))
    return { type: json };
  return { type: { kind: 'list', element: inner.type, elementRequired: element.nulls === 0 } };
}

/** An embedded type, where its members have names of GraphQL and are not too many; else JSON. */
function objectOf(
  wanted: string,
  { members, isMap, count, nulls }: Shape,
  input: ColumnsInput,
  objects: ObjectDraft[],
  depth: number,
): TypeChoice {
  const names = [...members.keys()];
  const plain = names.every((name) => /^[A-Za-z]\w*$/.test(name) && name !== 'isNull');
  // Members that most of the objects do not have are keys of a map.
  const seen = [...members.values()].reduce((sum, member) => sum + member.count, 0);
  const scattered = names.length > 3 && seen < ((count - nulls) * names.length) / 2;
  if (isMap || scattered || !plain || names.length === 0 || names.length > maxObjectMembers || depth > 2) {
    return { type: json };
  }
  const found: ObjectDraft[] = [];
  const fields = [...members].map(([name, shape]) => ({
    name,
    type: typeOf(name, name, shape, input, found, depth + 1).type,
  }));
  const base = safeTypeName(capitalized(wanted));
  const name = unused(input.types.has(base) ? safeTypeName(`${input.owner}${capitalized(wanted)}`) : base, input.types);
  objects.push({ name, fields }, ...found);
  return { type: { kind: 'object', name } };
}

import { getNamedType, getNullableType, isLeafType, isListType, isNonNullType, isObjectType } from 'graphql';
import type {
  FieldNode,
  GraphQLLeafType,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLResolveInfo,
  SelectionSetNode,
} from 'graphql';
import type { Catalog } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import { must } from '../common/errors.ts';
import type { Row } from '../model/row.ts';
import { RowCopier } from '../store/row-copier.ts';
import type { CopiedColumn } from '../store/row-copier.ts';
import { collectFields } from './collect-fields.ts';
import type { Collecting } from './collect-fields.ts';
import type { Execution, PlanField } from './execution.ts';
import { Unwritable } from './unwritable.ts';
import { writeJson } from './write-json.ts';

/** Writes what a source gives as JSON text. Throws `Unwritable` where only graphql can tell what comes of it. */
export type Write = (source: unknown, execution: Execution) => string;

export interface WriterOptions extends Collecting {
  readonly catalog: Catalog;
  readonly planners: ReadonlyMap<string, PlanField>;
}

/**
 * Turns the selection of a valid operation into closures, once: each knows its names, its columns and what may be null, so that
 * nothing is looked up, and no value held, while it runs. Columns of rows are copied as they are stored. Undefined where graphql alone
 * can run it: types that the data decides (`node`), and introspection.
 */
export function compileWriter(
  options: WriterOptions,
  root: GraphQLObjectType,
  selection: SelectionSetNode,
): Write | undefined {
  try {
    return compileSelection(options, root, [selection]);
  } catch (error) {
    if (error instanceof Unwritable) return undefined;
    throw error;
  }
}

function compileSelection(
  options: WriterOptions,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): Write {
  const prefixes: string[] = [];
  const writes: Write[] = [];
  for (const [name, nodes] of collectFields(options, type, selectionSets)) {
    prefixes.push(`${prefixes.length === 0 ? '{' : ','}${JSON.stringify(name)}:`);
    writes.push(compileField(options, type, nodes));
  }
  if (writes.length === 0) return () => '{}';
  return (source, execution) => {
    let text = '';
    for (let i = 0; i < writes.length; i += 1) {
      text += prefixes[i] as string;
      text += (writes[i] as Write)(source, execution);
    }
    return `${text}}`;
  };
}

function compileField(options: WriterOptions, type: GraphQLObjectType, nodes: readonly FieldNode[]): Write {
  const node = must(nodes[0], 'a field is selected somewhere');
  const fieldName = node.name.value;
  if (fieldName === '__typename') {
    const text = JSON.stringify(type.name);
    return () => text;
  }
  const field = type.getFields()[fieldName];
  if (field === undefined) throw new Unwritable();
  const column = columnOf(options.catalog, type, fieldName);
  if (column !== undefined && isLeafType(getNamedType(field.type))) {
    return writeColumn(column, isNonNullType(field.type));
  }
  const selections = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const complete = compileType(options, field.type, selections);
  if (options.planners.has(`${type.name}.${fieldName}`)) {
    const copier = copierOf(options, field.type, selections);
    return (source, execution) => {
      const plan = must(execution.plans.get(node), `${type.name}.${fieldName} was not planned`);
      const copied = copier && plan.copy?.(source, execution, copier);
      return copied ?? complete(plan.resolve(source, execution), execution);
    };
  }
  if (field.args.length > 0) throw new Unwritable();
  // All that resolvers of this schema look at; graphql's default one, too.
  const info = { fieldName } as GraphQLResolveInfo;
  const resolve = field.resolve ?? ((source: unknown) => (source as Readonly<Record<string, unknown>>)[fieldName]);
  return (source, execution) => complete(resolve(source, {}, execution, info), execution);
}

/** For a list of rows of which nothing but columns is asked. */
function copierOf(
  options: WriterOptions,
  type: GraphQLOutputType,
  selections: readonly SelectionSetNode[],
): RowCopier | undefined {
  const rowType = getNamedType(type);
  if (!isListType(getNullableType(type)) || !isObjectType(rowType)) return undefined;
  const columns: CopiedColumn[] = [];
  let before = '{';
  for (const [name, [node]] of collectFields(options, rowType, selections)) {
    const fieldName = must(node, 'a field is selected somewhere').name.value;
    before += `${columns.length === 0 && before === '{' ? '' : ','}${JSON.stringify(name)}:`;
    if (fieldName === '__typename') {
      before += JSON.stringify(rowType.name);
      continue;
    }
    const column = columnOf(options.catalog, rowType, fieldName);
    const shown = rowType.getFields()[fieldName]?.type;
    if (column === undefined || shown === undefined || !isLeafType(getNamedType(shown))) return undefined;
    columns.push({ before, column, required: isNonNullType(shown) });
    before = '';
  }
  return new RowCopier(columns, `${before}}`);
}

/** The column that the field shows, where the type is that of a table's rows. */
function columnOf({ tablesByName }: Catalog, { name }: GraphQLObjectType, fieldName: string): Column | undefined {
  const column = tablesByName.get(name)?.columnsByName.get(fieldName);
  return column?.hidden === true ? undefined : column;
}

function writeColumn(column: Column, required: boolean): Write {
  return (source, { reading }) => {
    const text = (source as Row).json(column);
    if (required && text === 'null') throw new Unwritable();
    reading.deliverText(text);
    return text;
  };
}

function compileType(options: WriterOptions, type: GraphQLOutputType, selections: readonly SelectionSetNode[]): Write {
  if (isNonNullType(type)) {
    const complete = compileType(options, type.ofType, selections);
    return (value, execution) => {
      if (value === null || value === undefined) throw new Unwritable();
      return complete(value, execution);
    };
  }
  const complete = compileNullable(options, type, selections);
  return (value, execution) => (value === null || value === undefined ? 'null' : complete(value, execution));
}

function compileNullable(
  options: WriterOptions,
  type: GraphQLOutputType,
  selections: readonly SelectionSetNode[],
): Write {
  if (isListType(type)) return writeList(compileType(options, type.ofType, selections));
  if (isLeafType(type)) return writeLeaf(type);
  if (isObjectType(type)) return compileSelection(options, type, selections);
  throw new Unwritable();
}

function writeList(writeElement: Write): Write {
  return (value, execution) => {
    if (!Array.isArray(value)) throw new Unwritable();
    let text = '[';
    for (let i = 0; i < value.length; i += 1) {
      if (i > 0) text += ',';
      text += writeElement(value[i], execution);
    }
    return `${text}]`;
  };
}

function writeLeaf(type: GraphQLLeafType): Write {
  return (value) => {
    const serialized: unknown = type.serialize(value);
    if (serialized === null || serialized === undefined) throw new Unwritable();
    return writeJson(serialized);
  };
}

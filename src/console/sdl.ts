import { parse } from 'graphql';
import type { FieldDefinitionNode, InputValueDefinitionNode, TypeDefinitionNode, TypeNode } from 'graphql';

/** The generated API as the gateway prints it, and its types by name: what can be selected, filtered and ordered by. */
export interface Sdl {
  readonly text: string;
  readonly types: ReadonlyMap<string, TypeDefinitionNode>;
}

export function readSdl(text: string): Sdl {
  const { definitions } = parse(text, { noLocation: true });
  const types = definitions.filter((each): each is TypeDefinitionNode => each.kind.endsWith('TypeDefinition'));
  return { text, types: new Map(types.map((type) => [type.name.value, type])) };
}

/** What an operator is given. */
export interface Operand {
  readonly type: string;
  readonly many: boolean;
  /** Of an enum. */
  readonly choices: readonly string[] | undefined;
}

export interface FilterColumn {
  readonly name: string;
  readonly operands: ReadonlyMap<string, Operand>;
}

/** By what rows of a table may be filtered: its own columns, with the operators of their types. */
export function filterColumns(sdl: Sdl, table: string, columns: readonly string[]): readonly FilterColumn[] {
  return inputFields(sdl, `${table}Where`).flatMap(({ name, type }) => {
    if (!columns.includes(name.value)) return [];
    const operands = inputFields(sdl, named(type)).flatMap((field): [string, Operand][] => {
      const operand = operandOf(sdl, field.type);
      return field.name.value === 'mode' || operand === undefined ? [] : [[field.name.value, operand]];
    });
    return operands.length === 0 ? [] : [{ name: name.value, operands: new Map(operands) }];
  });
}

/** The columns that rows may be ordered by. */
export function orderColumns(sdl: Sdl, table: string): ReadonlySet<string> {
  return new Set(inputFields(sdl, `${table}OrderBy`).map(({ name }) => name.value));
}

/** A selection of whole values of these fields: of an object, all that is in it. */
export function selectionOf(sdl: Sdl, type: string, fields: readonly string[]): string {
  return outputFields(sdl, type)
    .filter(({ name }) => fields.includes(name.value))
    .map((field) => {
      const inner = outputFields(sdl, named(field.type)).map(({ name }) => name.value);
      return inner.length === 0
        ? field.name.value
        : `${field.name.value} { ${selectionOf(sdl, named(field.type), inner)} }`;
    })
    .join(' ');
}

export interface Relation {
  readonly name: string;
  readonly target: string;
  readonly many: boolean;
}

/** The fields of a table that lead to rows of others. */
export function relationsOf(sdl: Sdl, table: string, tables: readonly string[]): readonly Relation[] {
  return outputFields(sdl, table).flatMap(({ name, type }) => {
    const target = named(type);
    return tables.includes(target) ? [{ name: name.value, target, many: isList(type) }] : [];
  });
}

function inputFields({ types }: Sdl, name: string): readonly InputValueDefinitionNode[] {
  const type = types.get(name);
  return type?.kind === 'InputObjectTypeDefinition' ? (type.fields ?? []) : [];
}

function outputFields({ types }: Sdl, name: string): readonly FieldDefinitionNode[] {
  const type = types.get(name);
  return type?.kind === 'ObjectTypeDefinition' ? (type.fields ?? []) : [];
}

function operandOf({ types }: Sdl, type: TypeNode): Operand | undefined {
  const definition = types.get(named(type));
  if (definition?.kind === 'InputObjectTypeDefinition') return undefined;
  const choices =
    definition?.kind === 'EnumTypeDefinition' ? (definition.values ?? []).map(({ name }) => name.value) : undefined;
  return { type: named(type), many: isList(type), choices };
}

function named(type: TypeNode): string {
  return type.kind === 'NamedType' ? type.name.value : named(type.type);
}

function isList(type: TypeNode): boolean {
  return type.kind === 'NonNullType' ? isList(type.type) : type.kind === 'ListType';
}

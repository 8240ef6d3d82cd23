import type {
  EnumTypeDefinitionNode,
  FieldDefinitionNode,
  ObjectTypeDefinitionNode,
  TypeNode as TypeReference,
} from 'graphql';
import { didYouMean } from '../common/did-you-mean.ts';
import type { ColumnType, ObjectField, ScalarName } from '../model/value.ts';
import { readDirectives } from './arguments.ts';
import type { DeclaredEnum, DeclaredObject } from './declared.ts';
import { columnScalars } from './definitions.ts';
import type { TypeNode } from './definitions.ts';
import type { Report } from './report.ts';

/** What a field's type leads to. */
export type FieldType =
  | { readonly kind: 'column'; readonly type: ColumnType; readonly required: boolean }
  | { readonly kind: 'rows'; readonly target: string; readonly shape: 'one' | 'many' | 'wrong' };

export interface ColumnTypes {
  /** Undefined where the type is unknown or not supported; it is reported. */
  resolve(type: TypeReference): FieldType | undefined;
  /** Enums and embedded objects that columns use, in order of declaration. */
  used(): { readonly enums: readonly DeclaredEnum[]; readonly objects: readonly DeclaredObject[] };
}

/**
 * Resolves the types of fields. `tables` are the names of types that are tables; `ignored` those that cannot be judged, to
 * which a reference is reported no further. `intervalEnums` are made for aggregations; views of them may have such columns.
 */
export function createColumnTypes(
  types: ReadonlyMap<string, TypeNode>,
  tables: ReadonlySet<string>,
  ignored: ReadonlySet<string>,
  intervalEnums: readonly DeclaredEnum[],
  report: Report,
): ColumnTypes {
  const enums = new Map<string, DeclaredEnum>();
  const generated = new Map(intervalEnums.map((each) => [each.name.value, each]));
  const objects = new Map<string, DeclaredObject>();
  /** Embedded objects whose fields are being resolved, outermost first. */
  const open: string[] = [];

  function resolve(type: TypeReference): FieldType | undefined {
    const target = types.get(nameOf(type).value);
    if (target?.kind === 'ObjectTypeDefinition' && tables.has(target.name.value)) {
      return { kind: 'rows', target: target.name.value, shape: shapeOf(type) };
    }
    const bare = type.kind === 'NonNullType' ? type.type : type;
    const column = bare.kind === 'ListType' ? resolveList(bare.type) : resolveNamed(bare);
    return column && { kind: 'column', type: column, required: type.kind === 'NonNullType' };
  }

  function resolveList(type: TypeReference): ColumnType | undefined {
    const bare = type.kind === 'NonNullType' ? type.type : type;
    if (bare.kind === 'ListType') {
      report.add(type, 'Lists of lists are not supported. Use JSON, or a list of an embedded type.');
      return undefined;
    }
    const element = resolveNamed(bare);
    return element && { kind: 'list', element, elementRequired: type.kind === 'NonNullType' };
  }

  function resolveNamed(type: TypeReference): ColumnType | undefined {
    const name = nameOf(type).value;
    if (columnScalars.has(name)) return { kind: 'scalar', scalar: name as ScalarName };
    const target = types.get(name);
    const made = generated.get(name);
    if (target === undefined && made !== undefined) {
      return { kind: 'enum', name, values: made.values.map((value) => value.name) };
    }
    if (target === undefined) {
      const known = [...columnScalars, ...types.keys(), ...generated.keys()];
      report.add(type, `There is no type ${name}.${scalarHints[name] ?? didYouMean(name, known)}`);
      return undefined;
    }
    if (ignored.has(name)) return undefined;
    return target.kind === 'EnumTypeDefinition' ? resolveEnum(target) : resolveObject(target, type);
  }

  function resolveEnum(node: EnumTypeDefinitionNode): ColumnType {
    const name = node.name.value;
    let declared = enums.get(name);
    if (declared === undefined) {
      readDirectives(node.directives, 'ENUM', report);
      const values = (node.values ?? []).map((value) => ({
        name: value.name.value,
        description: value.description?.value,
        deprecationReason: readDirectives(value.directives, 'ENUM_VALUE', report).one('deprecated')?.args.reason,
      }));
      reportTwice(node.values ?? [], 'value', name, report);
      if (values.length === 0) report.add(node.name, `${name} has no values. Write enum ${name} { … }.`);
      declared = { name: node.name, description: node.description?.value, values };
      enums.set(name, declared);
    }
    return { kind: 'enum', name, values: declared.values.map((value) => value.name) };
  }

  function resolveObject(node: ObjectTypeDefinitionNode, use: TypeReference): ColumnType | undefined {
    const name = node.name.value;
    const known = objects.get(name);
    if (known !== undefined) return known.type;
    if (open.includes(name)) {
      report.add(
        use,
        `${[...open.slice(open.indexOf(name)), name].join(' → ')}: an embedded object cannot contain itself. Use JSON, or make it a table.`,
      );
      return undefined;
    }
    open.push(name);
    const directives = readDirectives(node.directives, 'OBJECT', report);
    for (const directive of node.directives ?? []) {
      const written = directive.name.value;
      if (directives.has(written)) report.add(directive, `@${written} works on tables, and ${name} has no @table.`);
    }
    if ((node.fields ?? []).length === 0) report.add(node.name, `${name} has no fields. Write type ${name} { … }.`);
    reportTwice(node.fields ?? [], 'field', name, report);
    const fields = (node.fields ?? []).flatMap((field) => resolveField(name, field) ?? []);
    open.pop();
    const type = { kind: 'object', name, fields } as const;
    objects.set(name, { name: node.name, description: node.description?.value, type });
    return type;
  }

  function resolveField(owner: string, field: FieldDefinitionNode): ObjectField | undefined {
    const name = field.name.value;
    const directives = readDirectives(field.directives, 'FIELD_DEFINITION', report);
    for (const directive of field.directives ?? []) {
      const written = directive.name.value;
      if (written === 'deprecated' || !directives.has(written)) continue;
      report.add(directive, `@${written} works on the fields of tables; ${owner} is embedded in a column.`);
    }
    if ((field.arguments ?? []).length > 0)
      report.add(field.name, `Fields take no arguments in a schema; remove those of "${name}".`);
    const resolved = resolve(field.type);
    if (resolved === undefined) return undefined;
    if (resolved.kind === 'rows') {
      report.add(
        field.type,
        `${owner} is embedded in a column and cannot relate to rows of ${resolved.target}. ` +
          `Put the relation on the table, or give ${owner} a @table.`,
      );
      return undefined;
    }
    return {
      name,
      type: resolved.type,
      required: resolved.required,
      description: field.description?.value,
      deprecationReason: directives.one('deprecated')?.args.reason,
    };
  }

  return {
    resolve,
    used: () => {
      const order = [...types.keys()];
      const inOrder = (a: { name: { value: string } }, b: { name: { value: string } }): number =>
        order.indexOf(a.name.value) - order.indexOf(b.name.value);
      return {
        enums: [...[...enums.values()].toSorted(inOrder), ...intervalEnums],
        objects: [...objects.values()].toSorted(inOrder),
      };
    },
  };
}

/** `X`, `[X!]!`, or another shape, which no relation has. */
function shapeOf(type: TypeReference): 'one' | 'many' | 'wrong' {
  if (type.kind === 'NamedType') return 'one';
  const list = type.kind === 'NonNullType' ? type.type : undefined;
  const many = list?.kind === 'ListType' && list.type.kind === 'NonNullType' && list.type.type.kind === 'NamedType';
  return many ? 'many' : 'wrong';
}

function nameOf(type: TypeReference): { readonly value: string } {
  return type.kind === 'NamedType' ? type.name : nameOf(type.type);
}

/** Reports names that are there twice in one type. */
export function reportTwice(
  nodes: readonly { readonly name: FieldDefinitionNode['name'] }[],
  what: string,
  owner: string,
  report: Report,
): void {
  const seen = new Set<string>();
  for (const { name } of nodes) {
    if (seen.has(name.value)) report.add(name, `${owner} has the ${what} "${name.value}" twice.`);
    if (name.value.startsWith('__')) report.add(name, `"${name.value}": names that start with "__" are GraphQL's own.`);
    seen.add(name.value);
  }
}

/** Names that other databases and languages use. */
const scalarHints: Readonly<Record<string, string>> = {
  Long: ' Use BigInt.',
  Int64: ' Use BigInt.',
  Int8: ' Use BigInt, or Int for 32 bits.',
  Double: ' Use Float.',
  Number: ' Use Int, Float or Decimal.',
  Integer: ' Use Int.',
  Bool: ' Use Boolean.',
  Text: ' Use String.',
  Timestamp: ' Use DateTime.',
  Datetime: ' Use DateTime.',
  Instant: ' Use DateTime.',
  Time: ' Use DateTime, or String for a time of day.',
  BigDecimal: ' Use Decimal.',
  Numeric: ' Use Decimal.',
  Object: ' Use JSON.',
  Map: ' Use JSON.',
  Any: ' Use JSON.',
};

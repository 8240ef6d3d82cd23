import type { ASTNode, NameNode } from 'graphql';
import type { DeclaredSchema, DeclaredTable } from '../config/declared.ts';
import { columnScalars } from '../config/definitions.ts';
import { placeText } from '../config/report.ts';
import type { Report } from '../config/report.ts';
import {
  changesField,
  connectionField,
  filterTypes,
  fixedTypes,
  lookupField,
  pluralOf,
  singularOf,
  tableTypeSuffixes,
} from './names.ts';

/** The names of a table's root fields: as its directive says, or derived from the type's name. */
export function rootNames({ name, origin }: DeclaredTable): { readonly singular: string; readonly plural: string } {
  const { args } = origin.directive;
  const singular = args.singular ?? singularOf(name.value);
  return { singular, plural: args.plural ?? pluralOf(singular) };
}

/** Reports names that the generated API would have twice, with both origins. */
export function checkNames(schema: DeclaredSchema, report: Report): void {
  checkTypes(schema, report);
  checkRootFields(schema, report);
  for (const table of schema.tables) checkFields(table, report);
  for (const { name, type } of schema.objects) {
    if (type.fields.some((field) => field.name === 'isNull')) {
      report.add(
        name,
        `A field of the embedded ${name.value} cannot be called "isNull", which is a word of filters. Rename it.`,
      );
    }
  }
}

function checkTypes(schema: DeclaredSchema, report: Report): void {
  const made = schema.enums.filter(({ madeFor }) => madeFor !== undefined);
  const written = schema.enums.filter(({ madeFor }) => madeFor === undefined);
  const names: readonly NameNode[] = [...schema.tables, ...written, ...schema.objects].map(({ name }) => name);
  const origins = new Map<string, string>();
  for (const fixed of fixedTypes) origins.set(fixed, 'a type that every API has');
  for (const scalar of columnScalars) {
    origins.set(scalar, 'a scalar');
    for (const filter of filterTypes(scalar)) origins.set(filter, `the filter for ${scalar} columns`);
  }
  for (const { name } of made) {
    origins.set(name.value, `the enum made for the intervals of an aggregation (${placeText(name)})`);
  }
  for (const name of [...names, ...made.map((each) => each.name)]) {
    for (const filter of filterTypes(name.value)) {
      origins.set(filter, `the filter made for ${name.value} (${placeText(name)})`);
    }
  }
  for (const name of names) {
    const suffix = tableTypeSuffixes.find((each) => name.value.endsWith(each));
    const origin = origins.get(name.value);
    if (name.value.startsWith('_')) {
      report.add(name, `${name.value}: types that start with "_" are Headgate's own. Rename it.`);
    } else if (suffix !== undefined) {
      report.add(name, `${name.value}: types that end in "${suffix}" are generated for tables. Rename it.`);
    } else if (origin !== undefined) {
      report.add(name, `The API would have ${name.value} twice: it is also ${origin}. Rename this type.`);
    }
  }
}

interface RootField {
  readonly name: string;
  readonly what: string;
  readonly node: ASTNode;
  /** How to give it another name. */
  readonly remedy: string;
}

function checkRootFields(schema: DeclaredSchema, report: Report): void {
  const fieldsByName = new Map<string, RootField | undefined>([
    ['node', undefined],
    ['_meta', undefined],
  ]);
  for (const table of schema.tables) {
    if (!checkGivenNames(table, report)) continue;
    for (const field of rootFields(table)) {
      if (!fieldsByName.has(field.name)) {
        fieldsByName.set(field.name, field);
        continue;
      }
      const other = fieldsByName.get(field.name);
      const origin = other === undefined ? 'every API' : `${other.what} (${placeText(other.node)})`;
      report.add(
        field.node,
        `The API would have the root field "${field.name}" twice: for ${field.what}, and for ${origin}. ${field.remedy}`,
      );
    }
  }
}

function checkGivenNames({ origin }: DeclaredTable, report: Report): boolean {
  const { directive } = origin;
  let valid = true;
  for (const argument of ['singular', 'plural'] as const) {
    const name = directive.args[argument];
    if (name === undefined || /^[A-Za-z][A-Za-z0-9_]*$/.test(name)) continue;
    valid = false;
    report.add(
      directive.at(argument),
      `@${directive.node.name.value}(${argument}:) is the name of a field: letters, digits and "_", with a letter first; not "${name}".`,
    );
  }
  return valid;
}

function rootFields(declared: DeclaredTable): readonly RootField[] {
  if (declared.hidden) return [];
  const { singular, plural } = rootNames(declared);
  const { expose, indexes } = declared;
  const { directive } = declared.origin;
  const type = declared.name.value;
  const fields: RootField[] = [];
  const one = { node: directive.args.singular === undefined ? declared.name : directive.at('singular') };
  const many = { node: directive.args.plural === undefined ? declared.name : directive.at('plural') };
  const renameOne = `Set @${directive.node.name.value}(singular: …) of ${type}.`;
  const renameMany = `Set @${directive.node.name.value}(plural: …) of ${type}.`;
  if (expose.query || expose.live) {
    fields.push({ name: singular, what: `one ${type}`, ...one, remedy: renameOne });
    fields.push({ name: plural, what: `the list of ${type}`, ...many, remedy: renameMany });
    fields.push({ name: connectionField(plural), what: `the connection of ${type}`, ...many, remedy: renameMany });
    for (const { columns, unique, node } of indexes) {
      if (!unique || columns.some((column) => column.hidden !== undefined)) continue;
      const name = lookupField(singular, columns);
      fields.push({ name, what: `the lookup of ${type} by a unique index`, node, remedy: renameOne });
    }
  }
  if (expose.changes) {
    fields.push({ name: changesField(singular), what: `the changes of ${type}`, ...one, remedy: renameOne });
  }
  return fields;
}

const filterWords: ReadonlySet<string> = new Set(['and', 'or', 'not']);

function checkFields(table: DeclaredTable, report: Report): void {
  const type = table.name.value;
  for (const field of [...table.columns, ...table.relations]) {
    const { name, node } = field;
    const read = 'role' in field && !field.from && !field.computed && !field.aggregate;
    const rename = `Rename it${read ? `, with @from(path: "${name}")` : ''}.`;
    if (filterWords.has(name)) {
      report.add(node.name, `A field cannot be called "${name}", which is a word of filters. ${rename}`);
    }
    if (name === 'nodeId') {
      report.add(node.name, `${type} has a field "nodeId" in the generated API already (Relay's global id). ${rename}`);
    }
    if (name === 'id' && table.key !== undefined && !table.key.some((column) => column.name === 'id')) {
      report.add(
        node.name,
        `"id" is not the key of ${type}, and clients know rows by it: the API gives ${type} an "id" made of its key. ${rename}`,
      );
    } else if (name === 'id' && table.key !== undefined && table.key.length > 1) {
      report.add(
        node.name,
        `"id" is one of several key columns of ${type}, and the API gives ${type} an "id" made of them all. ${rename}`,
      );
    }
  }
}

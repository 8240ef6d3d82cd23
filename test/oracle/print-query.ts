import { rootName } from './answer.ts';
import { parseJson, printJson, type Json } from './json.ts';
import type {
  ChangesPlan,
  FieldSelection,
  ListArguments,
  OrderTerm,
  PageArguments,
  QueryPlan,
  RootSelection,
  Selection,
} from './plan.ts';
import { Random } from './random.ts';
import { printType } from './schema-text.ts';
import { columnOf, tableOf, type SchemaSpec, type TableSpec } from './spec.ts';
import { toJson } from './values.ts';
import { printLiteral, printWhere, printWhereJson, type Where } from './where.ts';

/** What is sent: a document and its variables. */
export interface Request {
  readonly document: string;
  readonly variables: Record<string, unknown>;
}

/** `seed` decides what goes into variables and fragments, which never changes the answer. */
export function printQuery(
  schema: SchemaSpec,
  plan: QueryPlan,
  operation: 'query' | 'subscription',
  seed: number,
): Request {
  const writer = new Writer(schema, new Random(seed));
  return writer.finish(operation, plan.roots.map((root) => writer.root(root)).join('\n'));
}

export interface ChangesStart {
  readonly after?: string | undefined;
  readonly snapshot?: boolean | undefined;
}

export function printChanges(schema: SchemaSpec, plan: ChangesPlan, start: ChangesStart, seed: number): Request {
  const writer = new Writer(schema, new Random(seed));
  return writer.finish('subscription', writer.changes(plan, start));
}

class Writer {
  readonly #schema: SchemaSpec;
  readonly #random: Random;
  readonly #declared: string[] = [];
  readonly #variables: Record<string, unknown> = {};
  readonly #fragments: string[] = [];

  constructor(schema: SchemaSpec, random: Random) {
    this.#schema = schema;
    this.#random = random;
  }

  finish(operation: 'query' | 'subscription', body: string): Request {
    const declared = this.#declared.length === 0 ? '' : `(${this.#declared.join(', ')})`;
    const name = declared !== '' || this.#random.chance(0.5) ? ' Oracle' : '';
    const document = [`${operation}${name}${declared} {\n${body}\n}`, ...this.#fragments].join('\n');
    return { document, variables: this.#variables };
  }

  root(root: RootSelection): string {
    const table = tableOf(this.#schema, root.table);
    const name = `${root.alias === undefined ? '' : `${root.alias}: `}${rootName(table, root)}`;
    switch (root.kind) {
      case 'list':
        return `  ${name}${this.#listArguments(table, root.args)} ${this.#select(table, root.select)}`;
      case 'row': {
        const args = root.by.map((column, i) => {
          const { type } = columnOf(table, column);
          return `${column}: ${this.#value(`${printType(type)}!`, toJson(type, root.values[i] ?? null), type.kind === 'enum')}`;
        });
        return `  ${name}(${args.join(', ')}) ${this.#select(table, root.select)}`;
      }
      case 'node': {
        const id = this.#value('ID!', { t: 'str', value: root.nodeId }, false);
        return `  ${name}(nodeId: ${id}) { ... on ${table.name} ${this.#select(table, root.select)} }`;
      }
      case 'connection': {
        const parts = root.parts.map((part) => {
          if (part === 'edges') return `edges { cursor node ${this.#select(table, root.select)} }`;
          if (part === 'nodes') return `nodes ${this.#select(table, root.select)}`;
          return part === 'pageInfo' ? 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }' : part;
        });
        return `  ${name}${this.#pageArguments(table, root.args)} { ${parts.join(' ')} }`;
      }
    }
  }

  changes(plan: ChangesPlan, start: ChangesStart): string {
    const table = tableOf(this.#schema, plan.table);
    const args = this.#where(table, plan.where);
    if (plan.operations !== undefined) args.push(`operations: [${plan.operations.join(', ')}]`);
    if (start.snapshot !== undefined) args.push(`snapshot: ${start.snapshot}`);
    if (start.after !== undefined)
      args.push(`after: ${this.#value('String', { t: 'str', value: start.after }, false)}`);
    const previous = plan.previous.length === 0 ? '' : ` previous ${this.#select(table, plan.previous)}`;
    const change = `operation rowId node ${this.#select(table, plan.select)}${previous} changedFields timestamp`;
    const message = `changes { ${change} } deletedIds deletedNodeIds position live reset complete`;
    return `  ${table.singular}Changes${printArguments(args)} { ${message} }`;
  }

  #listArguments(table: TableSpec, args: ListArguments): string {
    const printed = [...this.#where(table, args.where), ...this.#order(table, args.orderBy)];
    if (args.limit !== undefined) printed.push(`limit: ${this.#number(args.limit)}`);
    if (args.offset !== undefined) printed.push(`offset: ${this.#number(args.offset)}`);
    return printArguments(this.#random.shuffled(printed));
  }

  #pageArguments(table: TableSpec, args: PageArguments): string {
    const printed = [...this.#where(table, args.where), ...this.#order(table, args.orderBy)];
    if (args.first !== undefined) printed.push(`first: ${this.#number(args.first)}`);
    if (args.last !== undefined) printed.push(`last: ${this.#number(args.last)}`);
    if (args.after !== undefined) printed.push(`after: ${JSON.stringify(args.after.text)}`);
    if (args.before !== undefined) printed.push(`before: ${JSON.stringify(args.before.text)}`);
    return printArguments(printed);
  }

  #where(table: TableSpec, where: Where | undefined): string[] {
    if (where === undefined) return [];
    if (!this.#random.chance(0.35)) return [`where: ${printWhere(this.#schema, table, where)}`];
    const variable = this.#variable(`${table.name}Where`, JSON.parse(printWhereJson(this.#schema, table, where)));
    return [`where: ${variable}`];
  }

  #order(table: TableSpec, orderBy: readonly OrderTerm[] | undefined): string[] {
    if (orderBy === undefined) return [];
    if (this.#random.chance(0.3)) {
      const value = orderBy.map(({ column, direction }) => ({ [column]: direction }));
      return [`orderBy: ${this.#variable(`[${table.name}OrderBy!]`, value)}`];
    }
    const terms = orderBy.map(({ column, direction }) => `{ ${column}: ${direction} }`);
    return [`orderBy: ${terms.length === 1 && this.#random.chance(0.3) ? terms.join('') : `[${terms.join(', ')}]`}`];
  }

  #number(value: number): string {
    return this.#value('Int', { t: 'num', text: String(value) }, false);
  }

  #value(type: string, json: Json, bareStrings: boolean): string {
    if (!this.#random.chance(0.4)) return printLiteral(json, bareStrings);
    return this.#variable(type, JSON.parse(printJson(json)));
  }

  #variable(type: string, value: unknown): string {
    const name = `v${this.#declared.length}`;
    this.#declared.push(`$${name}: ${type}`);
    this.#variables[name] = value;
    return `$${name}`;
  }

  #select(table: TableSpec, select: readonly Selection[]): string {
    const fields = select.map((selection) => this.#selection(table, selection));
    // What a fragment holds stays where it was in the order.
    if (fields.length > 1 && this.#random.chance(0.2)) {
      const from = this.#random.int(fields.length);
      const held = fields.slice(from, from + this.#random.between(1, 3));
      // `previous` has a type of its own, on which these fragments are not defined.
      if (!select.every((s) => s.kind === 'column')) fields.splice(from, held.length, this.#fragment(table, held));
    }
    return `{ ${fields.join(' ')} }`;
  }

  #fragment(table: TableSpec, fields: readonly string[]): string {
    if (this.#random.chance(0.4)) return `... on ${table.name} { ${fields.join(' ')} }`;
    if (this.#random.chance(0.3)) return `... @include(if: true) { ${fields.join(' ')} }`;
    const name = `Fragment${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${table.name} { ${fields.join(' ')} }`);
    return `...${name}`;
  }

  #selection(table: TableSpec, selection: Selection): string {
    const alias = selection.alias === undefined ? '' : `${selection.alias}: `;
    switch (selection.kind) {
      case 'column':
        return `${alias}${selection.name}${printFields(selection.fields)}`;
      case 'typename':
        return `${alias}__typename`;
      case 'id':
      case 'nodeId':
        return `${alias}${selection.kind}`;
      case 'one':
      case 'many': {
        const relation = table.relations.find((r) => r.name === selection.relation);
        if (relation === undefined) throw new Error(`no relation ${selection.relation}`);
        const target = tableOf(this.#schema, relation.target);
        const args = selection.kind === 'many' ? this.#listArguments(target, selection.args) : '';
        return `${alias}${selection.relation}${args} ${this.#select(target, selection.select)}`;
      }
    }
  }
}

function printArguments(args: readonly string[]): string {
  return args.length === 0 ? '' : `(${args.join(', ')})`;
}

function printFields(fields: readonly FieldSelection[] | undefined): string {
  if (fields === undefined) return '';
  return ` { ${fields.map((f) => `${f.alias === undefined ? '' : `${f.alias}: `}${f.name}${printFields(f.fields)}`).join(' ')} }`;
}

/** For a failure's report. */
export function printRequest({ document, variables }: Request): string {
  return `${document}\nvariables: ${printJson(parseJson(JSON.stringify(variables)))}`;
}

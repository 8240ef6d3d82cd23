import { claimText } from './claims.ts';
import { anyLeaf, leavesOf, operandOf, opsOf, type Leaf } from './generate-where.ts';
import type { Json } from './json.ts';
import type { Random } from './random.ts';
import { tableOf, type AuthSpec, type ReadKind, type RuleSpec, type SchemaSpec, type TableSpec } from './spec.ts';
import type { Op, Where, WhereMember } from './where.ts';

/** A claim that rules read: where it is, and of which column it is to have a value. */
export interface ClaimSpec {
  readonly path: readonly string[];
  readonly table: string;
  readonly leaf: Leaf;
  /** A list of values where the operator takes one. */
  readonly list: boolean;
}

export const roleNames = ['editor', 'support', 'viewer'] as const;
/** May read everything, nearly. */
export const auditorRole = 'auditor';
const kinds: readonly ReadKind[] = ['QUERY', 'LIVE', 'CHANGES'];
const auditing: RuleSpec = { roles: [auditorRole] };

export interface Ruled {
  readonly schema: SchemaSpec;
  readonly claims: readonly ClaimSpec[];
}

/**
 * The same tables and one that says who may see what, with rules on types and fields, and some of it hidden. `far`: mostly by
 * what indexes of other tables tell.
 */
export function addRules(random: Random, plain: SchemaSpec, far: boolean): Ruled {
  const schema = hideColumns(random, addGrants(random, plain));
  const writer = new RuleWriter(random, schema, far);
  // One at least is audited whole: its answers tell the versions.
  const audited = random.pick(schema.tables.filter(({ hidden }) => hidden !== true)).name;
  const tables = schema.tables.map((table): TableSpec => {
    if (table.hidden === true) return table;
    const guard = (chance: number): readonly RuleSpec[] | undefined =>
      random.chance(chance) ? withAuditor(random, writer.rules(table), 0.75) : undefined;
    const isIndexed = (name: string): boolean => table.indexes.some((index) => index.columns.includes(name));
    const columns = table.columns.map((column) =>
      column.hidden === true || table.key.includes(column.name)
        ? column
        : { ...column, auth: guard(isIndexed(column.name) ? 0.25 : 0.15) },
    );
    const relations = table.relations.map((relation) => ({ ...relation, auth: guard(0.15) }));
    const auth = typeRules(random, writer, table, table.name === audited);
    return { ...table, columns, relations, auth };
  });
  return { schema: { ...schema, tables }, claims: writer.claims };
}

function typeRules(random: Random, writer: RuleWriter, table: TableSpec, audited: boolean): AuthSpec | undefined {
  const draw = random.int(100);
  if (draw < 18) return undefined;
  if (draw < 25) return { kind: 'public' };
  return { kind: 'rules', rules: withAuditor(random, writer.rules(table), audited ? 1 : 0.85) };
}

function withAuditor(random: Random, rules: readonly RuleSpec[], chance: number): readonly RuleSpec[] {
  return random.chance(chance) ? random.shuffled([...rules, auditing]) : rules;
}

/** Who holds what: a table of permissions, to be asked by rules through relations. */
function addGrants(random: Random, schema: SchemaSpec): SchemaSpec {
  const target = random.pick(schema.tables);
  const references = target.key.map((name, i) => {
    const type = target.columns.find((column) => column.name === name)?.type;
    if (type === undefined) throw new Error('a key without column');
    return { name: `ofRef${i}`, type, required: random.chance(0.3) };
  });
  const names = references.map(({ name }) => name);
  const grant: TableSpec = {
    name: 'Grant',
    singular: 'grant',
    plural: 'grants',
    topic: 'grant-topic',
    partitions: 2,
    mode: 'UPSERT',
    keyFormat: 'STRING',
    keyFormatWritten: false,
    key: ['id'],
    columns: [
      { name: 'id', type: { kind: 'scalar', scalar: 'ID' }, required: true },
      { name: 'holder', type: { kind: 'scalar', scalar: 'ID' }, required: random.chance(0.5) },
      { name: 'level', type: { kind: 'scalar', scalar: 'Int' }, required: false },
      ...references,
    ],
    relations: [{ name: 'of', target: target.name, many: false, columns: names, references: target.key }],
    indexes: [
      { columns: names, unique: false },
      ...(random.chance(0.7) ? [{ columns: ['holder'], unique: false }] : []),
    ],
    limit: { default: 50, max: 1000 },
    hidden: random.chance(0.35),
  };
  const tables = schema.tables.map((table) => {
    if (table !== target) return table;
    const held = { name: 'held', target: 'Grant', many: true, columns: target.key, references: names };
    return { ...table, relations: [...table.relations, held] };
  });
  return { ...schema, tables: [...tables, grant] };
}

function hideColumns(random: Random, schema: SchemaSpec): SchemaSpec {
  const tables = schema.tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) =>
      !table.key.includes(column.name) && random.chance(0.08) ? { ...column, hidden: true } : column,
    ),
  }));
  return { ...schema, tables };
}

class RuleWriter {
  readonly claims: ClaimSpec[] = [];
  readonly #random: Random;
  readonly #schema: SchemaSpec;
  readonly #far: boolean;

  constructor(random: Random, schema: SchemaSpec, far: boolean) {
    this.#random = random;
    this.#schema = schema;
    this.#far = far;
  }

  rules(table: TableSpec): readonly RuleSpec[] {
    const random = this.#random;
    return Array.from({ length: this.#far ? 1 : random.pick([1, 1, 2, 2, 3]) }, () => {
      // Few are for everybody who has an identity.
      const where = random.chance(0.88) ? this.#where(table, 2) : undefined;
      return {
        roles: random.chance(where === undefined ? 0.9 : 0.3) ? random.some(roleNames, 1, 2) : undefined,
        operations: random.chance(0.2) ? random.some(kinds, 1, 2) : undefined,
        where,
      };
    });
  }

  #where(table: TableSpec, depth: number): Where {
    const random = this.#random;
    const first = this.#member(table, depth);
    const members = [first];
    if (random.chance(0.12)) {
      const second = this.#member(table, depth);
      if (nameOf(second) !== nameOf(first)) members.push(second);
    }
    const where = { members };
    const draw = random.int(100);
    if (draw < 8) return { members: [{ kind: 'not', of: where }] };
    if (draw < 16) return { members: [{ kind: 'or', of: [where, { members: [anyLeaf(random, table)] }] }] };
    return where;
  }

  #member(table: TableSpec, depth: number): WhereMember {
    const random = this.#random;
    const draw = random.int(this.#far ? 50 : 100);
    const relations = depth > 0 && draw < 45 ? table.relations.filter(({ many }) => many === draw < 25) : [];
    if (relations.length > 0) {
      const relation = random.pick(relations);
      const target = tableOf(this.#schema, relation.target);
      // What an index of the other table tells may lead to the rows from there.
      const leaves = random.chance(this.#far ? 0.85 : 0.45)
        ? leavesOf(target).filter((leaf) => isFirstInIndex(target, leaf))
        : [];
      if (leaves.length > 0) {
        const of = { members: [this.#claimed(target, leaves, ['eq', 'in'])] };
        return { kind: 'related', relation: relation.name, quantifier: relation.many ? 'some' : 'one', of };
      }
      const quantifier = relation.many ? random.pick(['some', 'some', 'some', 'none', 'every'] as const) : 'one';
      return { kind: 'related', relation: relation.name, quantifier, of: this.#where(target, depth - 1) };
    }
    return draw >= 90 ? anyLeaf(random, table) : this.#claimed(table, leavesOf(table));
  }

  /** A comparison of one of these with claims. */
  #claimed(table: TableSpec, all: readonly Leaf[], wished?: readonly Op[]): WhereMember {
    const random = this.#random;
    const leaves = all.filter(({ type }) => claimable(type).length > 0);
    const holder = leaves.find(({ column }) => column === 'holder');
    const few = leaves.filter(isOfFew);
    const leaf =
      holder !== undefined && random.chance(0.6)
        ? holder
        : random.pick(few.length > 0 && random.chance(0.5) ? few : leaves);
    const { type, column, path } = leaf;
    const fitting = claimable(type).filter((op) => wished?.includes(op));
    const op = random.pick(fitting.length > 0 ? fitting : random.chance(0.5) ? claimable(type) : likely(type));
    const takesList = ['in', 'notIn', 'hasSome', 'hasEvery'].includes(op);
    const written: Json =
      takesList && random.chance(0.35)
        ? { t: 'arr', items: this.#items(table, leaf) }
        : { t: 'str', value: this.#claim(table, leaf, takesList) };
    const isText = type.kind === 'scalar' && type.scalar === 'String' && !['gt', 'gte', 'lt', 'lte'].includes(op);
    return {
      kind: 'column',
      column,
      path,
      conditions: [{ op, operand: null, written }],
      insensitive: isText && random.chance(0.2),
    };
  }

  #items(table: TableSpec, leaf: Leaf): readonly Json[] {
    const random = this.#random;
    const element = leaf.type.kind === 'list' ? leaf.type.element : leaf.type;
    const claim: Json = { t: 'str', value: this.#claim(table, leaf, false) };
    const others = Array.from({ length: random.int(3) }, () => operandOf(random, element).written);
    return random.shuffled([claim, ...others]);
  }

  /** What objects have without being given it, and what is inside of a text: of the column's type, were it a claim. */
  #nobodys(leaf: Leaf): readonly string[] {
    const text = this.claims.find((each) => typeName(each.leaf) === 'String' && !each.list);
    const isNumber = ['Int', 'Float', 'BigInt', 'Decimal'].includes(typeName(leaf));
    return isNumber && text !== undefined ? [...text.path, 'length'] : ['constructor', 'name'];
  }

  #claim(table: TableSpec, leaf: Leaf, list: boolean): string {
    const random = this.#random;
    const alike = this.claims.filter((claim) => claim.list === list && typeName(claim.leaf) === typeName(leaf));
    if (alike.length > 0 && random.chance(0.6)) return claimText(random.pick(alike).path);
    if (random.chance(0.05)) return claimText(this.#nobodys(leaf));
    const name = `c${this.claims.length}`;
    const path = random.pick([[name], [name], ['org', name], [`https://headgate.test/${name}`, 'value']]);
    this.claims.push({ path, table: table.name, leaf, list });
    return claimText(path);
  }
}

function isFirstInIndex({ key, indexes }: TableSpec, { column, path }: Leaf): boolean {
  return path.length === 0 && (key[0] === column || indexes.some(({ columns }) => columns[0] === column));
}

/** Columns in which rows often have what a claim has. */
function isOfFew({ type, column }: Leaf): boolean {
  if (type.kind === 'list' || type.kind === 'enum') return true;
  return (type.kind === 'scalar' && type.scalar === 'Boolean') || column.startsWith('parent');
}

/** Operators that often hold. */
function likely(type: Leaf['type']): readonly Op[] {
  const ops = claimable(type).filter((op) => ['eq', 'in', 'neq', 'notIn', 'has', 'hasSome'].includes(op));
  return ops.length > 0 ? ops : claimable(type);
}

function claimable(type: Leaf['type']): readonly Op[] {
  return opsOf(type).filter((op) => op !== 'isNull' && op !== 'isEmpty');
}

/** Of the values that a claim for it has. */
function typeName({ type }: Leaf): string {
  const element = type.kind === 'list' ? type.element : type;
  return element.kind === 'scalar' ? element.scalar : element.kind === 'enum' ? element.name : element.kind;
}

function nameOf(member: WhereMember): string {
  return member.kind === 'column' ? member.column : member.kind === 'related' ? member.relation : member.kind;
}

import { claimText } from './claims.ts';
import { anyLeaf, leavesOf, operandOf, opsOf, type Leaf } from './generate-where.ts';
import type { Json } from './json.ts';
import type { Random } from './random.ts';
import { tableOf, type ReadKind, type RuleSpec, type SchemaSpec, type TableSpec } from './spec.ts';
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
const kinds: readonly ReadKind[] = ['QUERY', 'LIVE', 'CHANGES'];

/** Draws rules, and the claims that they read. `far`: mostly by what indexes of other tables tell. */
export class RuleWriter {
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

  /** What objects have without being given it, and what is inside of a text or list: of the column's type, were it a claim. */
  #nobodys(leaf: Leaf): readonly string[] {
    const others = this.claims.filter((each) => typeName(each.leaf) === 'String' || each.list);
    const isNumber = ['Int', 'Float', 'BigInt', 'Decimal'].includes(typeName(leaf));
    return isNumber && others.length > 0 ? [...this.#random.pick(others).path, 'length'] : ['constructor', 'name'];
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

import { parseJson, type Json } from './json.ts';
import { tableOf, type SchemaSpec, type TableSpec, type TypeSpec } from './spec.ts';
import { fromRecord, isBad, type NaiveValue } from './values.ts';
import { valueAt, type Condition, type Where, type WhereMember } from './where.ts';

/** What is known of a caller; one of whom nothing is known is undefined. */
export interface Caller {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly roles: readonly string[];
}

const prefix = '$jwt.';

/** How a rule names a claim: a dot inside a name is escaped. */
export function claimText(path: readonly string[]): string {
  return prefix + path.map((name) => name.replaceAll('.', '\\.')).join('.');
}

function pathOf(text: string): readonly string[] {
  const path = [''];
  for (let i = prefix.length; i < text.length; i += 1) {
    const escaped = text.startsWith('\\.', i);
    if (escaped) i += 1;
    if (text.charAt(i) === '.' && !escaped) path.push('');
    else path.push((path.pop() ?? '') + text.charAt(i));
  }
  return path;
}

export function isClaim(json: Json): json is Extract<Json, { t: 'str' }> {
  return json.t === 'str' && json.value.startsWith(prefix);
}

/** The claim's value; undefined where the caller has none. What is inside of texts and lists is no claim. */
export function claimAt(claims: Caller['claims'], path: readonly string[]): unknown {
  let at: unknown = claims;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.keys(at).includes(name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** Missing, null, or no value of the column's type. */
const unusable = Symbol('unusable');
type Bound<T> = T | typeof unusable;

/** The filter with the caller's claims in place; undefined where one of them cannot be used, whatever surrounds it. */
export function bindWhere(
  schema: SchemaSpec,
  table: TableSpec,
  where: Where,
  claims: Caller['claims'],
): Where | undefined {
  const members = where.members.map((member) => bindMember(schema, table, member, claims));
  return members.includes(undefined) ? undefined : { members: members.filter((member) => member !== undefined) };
}

function bindMember(
  schema: SchemaSpec,
  table: TableSpec,
  member: WhereMember,
  claims: Caller['claims'],
): WhereMember | undefined {
  switch (member.kind) {
    case 'and':
    case 'or': {
      const of = member.of.map((part) => bindWhere(schema, table, part, claims));
      return of.includes(undefined) ? undefined : { kind: member.kind, of: of.filter((part) => part !== undefined) };
    }
    case 'not': {
      const of = bindWhere(schema, table, member.of, claims);
      return of && { kind: 'not', of };
    }
    case 'related': {
      const target = table.relations.find(({ name }) => name === member.relation)?.target ?? '';
      const of = bindWhere(schema, tableOf(schema, target), member.of, claims);
      return of && { ...member, of };
    }
    case 'column': {
      const { type } = valueAt(table, member.column, member.path, undefined);
      const conditions: Condition[] = [];
      for (const condition of member.conditions) {
        const operand = bindOperand(type, condition, claims);
        if (operand === unusable) return undefined;
        conditions.push({ ...condition, operand });
      }
      return { ...member, conditions };
    }
  }
}

function bindOperand(type: TypeSpec, { op, operand, written }: Condition, claims: Caller['claims']): Bound<NaiveValue> {
  const isElement = op === 'has' || op === 'hasSome' || op === 'hasEvery';
  const leaf = isElement && type.kind === 'list' ? type.element : type;
  const isList = op === 'in' || op === 'notIn' || op === 'hasSome' || op === 'hasEvery';
  if (isClaim(written)) {
    const claim = claimAt(claims, pathOf(written.value));
    if (!isList) return valueOf(leaf, claim);
    return all((Array.isArray(claim) ? (claim as unknown[]) : [claim]).map((each) => valueOf(leaf, each)));
  }
  if (!isList || written.t !== 'arr' || !written.items.some(isClaim)) return operand;
  return all(
    written.items.map((item) => {
      if (isClaim(item)) return valueOf(leaf, claimAt(claims, pathOf(item.value)));
      const value = fromRecord(leaf, item);
      return isBad(value) ? unusable : value;
    }),
  );
}

function all(values: readonly Bound<NaiveValue>[]): Bound<readonly NaiveValue[]> {
  const usable = values.filter((value) => value !== unusable);
  return usable.length < values.length ? unusable : usable;
}

/** A claim as a column's value: what a client may write as an argument, a claim may be. */
function valueOf(type: TypeSpec, claim: unknown): Bound<NaiveValue> {
  const text = JSON.stringify(claim) as string | undefined;
  if (text === undefined || claim === null) return unusable;
  // Beyond this a number does not say which it is.
  if (typeof claim === 'number' && Math.abs(claim) > Number.MAX_SAFE_INTEGER && isExact(type)) return unusable;
  const value = fromRecord(type, parseJson(text));
  return isBad(value) || value === null ? unusable : value;
}

function isExact(type: TypeSpec): boolean {
  return type.kind === 'scalar' && ['ID', 'BigInt', 'Decimal'].includes(type.scalar);
}

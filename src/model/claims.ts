import { coerceInput, CoercionError } from './coerce.ts';
import type { ClaimOperand, Predicate } from './predicate.ts';
import type { ClaimPath, RuleFilter } from './rule.ts';
import { unreachable } from '../common/errors.ts';
import { elementOf } from './value.ts';
import type { ColumnType, Value } from './value.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** How claims are written in a rule's filter: `$jwt.org.tenant`. */
const prefix = '$jwt.';

/** The names in a path, from the outside in. A dot inside a name is written `\.`. */
export function pathNames(path: string): readonly string[] {
  return path.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'));
}

/** What an operand's text says of claims: a path, nothing, or that it is meant to and cannot be read. */
export function readClaimPath(text: string): ClaimPath | 'misspelt' | undefined {
  if (!text.startsWith('$')) return undefined;
  const claim = pathNames(text.slice(prefix.length));
  return text.startsWith(prefix) && claim.every((name) => name !== '') ? { claim } : 'misspelt';
}

/** The value at a path; undefined where there is none. Inherited members are none, nor is what a list has (`length`). */
export function claimAt(claims: Claims, path: readonly string[]): unknown {
  let value: unknown = claims;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, name)) return undefined;
    value = (value as Claims)[name];
  }
  return value;
}

/** A claim is missing, or has a value that its column cannot have. */
class Unusable extends Error {}

/** The filter with the caller's claims put in; undefined where one of them cannot be used: then the rule grants nothing. */
export function bindClaims({ unbound }: RuleFilter, claims: Claims): Predicate | undefined {
  try {
    return bind(unbound, claims);
  } catch (error) {
    if (error instanceof Unusable) return undefined;
    throw error;
  }
}

/** The claims that a filter refers to. */
export function claimPaths({ unbound }: RuleFilter): readonly ClaimPath['claim'][] {
  return pathsIn(unbound);
}

function pathsIn(predicate: Predicate): readonly ClaimPath['claim'][] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.parts.flatMap(pathsIn);
    case 'not':
    case 'related':
      return pathsIn(predicate.part);
    case 'compare': {
      const { claims } = predicate;
      if (claims === undefined) return [];
      const operands = 'items' in claims ? claims.items : [claims];
      return operands.flatMap((operand) => ('claim' in operand ? [operand.claim] : []));
    }
    default:
      return unreachable(predicate);
  }
}

function bind(predicate: Predicate, claims: Claims): Predicate {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { kind: predicate.kind, parts: predicate.parts.map((part) => bind(part, claims)) };
    case 'not':
      return { kind: 'not', part: bind(predicate.part, claims) };
    case 'related':
      return { ...predicate, part: bind(predicate.part, claims) };
    case 'compare': {
      if (predicate.claims === undefined) return predicate;
      const { claims: operand, ...rest } = predicate;
      return { ...rest, operand: operandOf(operand, predicate, claims) };
    }
    default:
      return unreachable(predicate);
  }
}

function operandOf(
  operand: ClaimOperand,
  { op, type }: Extract<Predicate, { kind: 'compare' }>,
  claims: Claims,
): Value {
  switch (op) {
    case 'in':
    case 'notIn':
      return listOf(operand, type, claims);
    case 'hasSome':
    case 'hasEvery':
      return listOf(operand, elementOf(type), claims);
    case 'has':
      return valueOf(operand, elementOf(type), claims);
    default:
      return valueOf(operand, type, claims);
  }
}

function listOf(operand: ClaimOperand, type: ColumnType, claims: Claims): readonly Value[] {
  if ('items' in operand) {
    return operand.items.map((item) => ('value' in item ? item.value : valueOf(item, type, claims)));
  }
  const claim = claimAt(claims, operand.claim);
  // As everywhere in GraphQL, one value stands for a list of one.
  return (Array.isArray(claim) ? (claim as readonly unknown[]) : [claim]).map((each) => coerce(type, each));
}

function valueOf(operand: ClaimOperand, type: ColumnType, claims: Claims): Value {
  if ('items' in operand) throw new Unusable();
  return coerce(type, claimAt(claims, operand.claim));
}

function coerce(type: ColumnType, claim: unknown): Value {
  if (claim === undefined || claim === null) throw new Unusable();
  try {
    return coerceInput(type, claim);
  } catch (error) {
    if (error instanceof CoercionError) throw new Unusable();
    throw error;
  }
}

import { CoercionError, coerceInput } from '../model/coerce.ts';
import { readClaimPath } from '../model/claims.ts';
import type { ClaimOperand, CompareOp } from '../model/predicate.ts';
import type { ClaimPath } from '../model/rule.ts';
import { elementOf } from '../model/value.ts';
import type { ColumnType, Value } from '../model/value.ts';

/** Where in an input: `['or', 1, 'title', 'eq']`. */
export type Path = readonly (string | number)[];

/** A filter that means nothing. The message is written for whoever wrote the filter. */
export class WhereError extends Error {
  override readonly name = 'WhereError';
  readonly path: Path;

  constructor(message: string, path: Path) {
    super(message);
    this.path = path;
  }
}

/** What is compared with, in the column's type. Throws WhereError. */
export function readOperand(type: ColumnType, op: CompareOp, operand: unknown, path: Path): Value {
  if (operand === null) throw new WhereError(nullMessage('isNull: true'), path);
  switch (op) {
    case 'isNull':
    case 'isEmpty':
      if (typeof operand !== 'boolean') throw new WhereError(`"${op}" takes true or false.`, path);
      return operand;
    case 'in':
    case 'notIn':
      return readList(type, op, operand, path);
    case 'hasSome':
    case 'hasEvery':
      return readList(elementOf(type), op, operand, path);
    case 'has':
      return readValue(elementOf(type), operand, path);
    default:
      return readValue(type, operand, path);
  }
}

/** Undefined where the operand refers to no claim. */
export function readClaims(type: ColumnType, op: CompareOp, operand: unknown, path: Path): ClaimOperand | undefined {
  const whole = claimOf(operand, path);
  const isList = op === 'in' || op === 'notIn' || op === 'hasSome' || op === 'hasEvery';
  if (!isList || !Array.isArray(operand)) {
    if (whole === undefined || (op !== 'isNull' && op !== 'isEmpty')) return whole;
    throw new WhereError(`"${op}" takes true or false, not a claim.`, path);
  }
  const claims = operand.map((element: unknown, i) => claimOf(element, [...path, i]));
  if (claims.every((claim) => claim === undefined)) return undefined;
  const element = op === 'in' || op === 'notIn' ? type : elementOf(type);
  return {
    items: claims.map((claim, i) => claim ?? { value: readList(element, op, [operand[i]], path)[0] ?? null }),
  };
}

function claimOf(operand: unknown, path: Path): ClaimPath | undefined {
  if (typeof operand === 'string' && operand.indexOf('$jwt.') > 0) {
    throw new WhereError('A claim is a text of its own, such as "$jwt.sub": it cannot be a part of another.', path);
  }
  const claim = typeof operand === 'string' ? readClaimPath(operand) : undefined;
  if (claim !== 'misspelt') return claim;
  throw new WhereError(
    `A claim of the caller is written "$jwt.sub" or "$jwt.org.tenant", not "${operand as string}".`,
    path,
  );
}

function readList(type: ColumnType, op: CompareOp, operand: unknown, path: Path): readonly Value[] {
  if (!Array.isArray(operand)) throw new WhereError(`"${op}" takes a list.`, path);
  return operand.map((element: unknown, i) => {
    if (element === null || element === undefined) {
      throw new WhereError(`"${op}" takes values, not null. Add { isNull: true } with "or".`, [...path, i]);
    }
    return readValue(type, element, [...path, i]);
  });
}

function readValue(type: ColumnType, operand: unknown, path: Path): Value {
  try {
    return coerceInput(type, operand);
  } catch (error) {
    if (error instanceof CoercionError) throw new WhereError(error.message, path);
    throw error;
  }
}

export function nullMessage(instead: string): string {
  return `null is not a value to compare with. Leave the operator out for no constraint, or write ${instead}.`;
}

import { GatewayError } from '../common/errors.ts';
import type { QueryLimits } from './query.ts';

/** Values of a list that take as much time as one condition. */
const valuesPerCondition = 20;

/** Counts the conditions of an operation's filters and orders as they are met. `add` throws LIMIT_EXCEEDED. */
export interface Conditions {
  readonly exceeded: boolean;
  /** The coerced `where` or `orderBy` of a field. */
  add(argument: unknown): void;
}

/**
 * Planning looks at every condition, and a variable may be used by many fields: so they are counted over all fields, before any of
 * them is planned. Called for every request.
 */
export function countConditions({ maxConditions: limit }: QueryLimits): Conditions {
  let count = 0;

  function add(input: unknown): void {
    if (typeof input !== 'object' || input === null) return;
    if (Array.isArray(input)) {
      count += input.length / valuesPerCondition;
      input.forEach(add);
    } else {
      for (const member of Object.values(input)) {
        count += 1;
        if (count > limit) break;
        add(member);
      }
    }
    if (count > limit) throw tooMany(limit);
  }

  return {
    add,
    get exceeded() {
      return count > limit;
    },
  };
}

function tooMany(limit: number): GatewayError {
  return new GatewayError(
    'LIMIT_EXCEEDED',
    `The filters and orders of the operation have more than ${limit} conditions in all, ${valuesPerCondition} values of a list counted as one (setting maxConditions). Use in for many values of one column, and each filter once.`,
    { setting: 'maxConditions', limit },
  );
}

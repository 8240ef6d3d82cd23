import type { Column } from '../catalog/column.ts';
import type { Predicate } from '../model/predicate.ts';
import type { Access, RangePath } from './access.ts';
import { conjuncts } from './column-facts.ts';
import { lanesOf } from './lanes.ts';
import type { Reading } from './reading.ts';
import { scan } from './scan.ts';

/** How many rows an access (without fixed columns) leads to. */
export function countRows(reading: Reading, access: Access): number {
  const { table, path, predicate } = access;
  if (predicate === undefined) return reading.count(table);
  let count = 0;
  if (path.kind === 'range' && path.index !== undefined && isCovered(path, conjuncts(predicate))) {
    let cut = 0;
    for (const lane of lanesOf(table, path, new Map())) {
      for (const entry of reading.entries(table, path.index, { ...lane.range, keysOnly: true })) {
        reading.spend(1);
        if (entry.cut) cut += 1;
        else count += 1;
      }
    }
    // Of a value that was cut, the row alone tells whether it belongs.
    if (cut === 0) return count;
    count = 0;
  }
  for (const _row of scan(reading, access)) count += 1;
  return count;
}

/** Whether the ranges of the path hold exactly what the predicate keeps, as far as nothing was cut. */
export function isCovered({ columns, equal, range }: RangePath, parts: readonly Predicate[]): boolean {
  const seen = new Set<Column>();
  let prefixes = 0;
  return parts.every((part) => {
    if (part.kind !== 'compare' || part.insensitive || part.path.length > 0 || part.mask !== undefined) return false;
    const place = columns.indexOf(part.column);
    switch (part.op) {
      case 'eq':
      case 'in':
        return isEqualTo(place) && isFirst(part.column);
      case 'isNull':
        if (part.operand === true) return isEqualTo(place) && isFirst(part.column);
        return place === equal.length && range !== undefined;
      case 'gt':
      case 'gte':
      case 'lt':
      case 'lte':
        return place === equal.length && range !== undefined;
      case 'startsWith':
        prefixes += 1;
        return place === equal.length && range !== undefined && prefixes === 1;
      default:
        return false;
    }
  });

  /** A fixed column is equal to something else. */
  function isEqualTo(place: number): boolean {
    return equal[place] !== undefined;
  }

  function isFirst(column: Column): boolean {
    return !seen.has(column) && seen.add(column) !== undefined;
  }
}

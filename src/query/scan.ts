import type { Relation } from '../catalog/column.ts';
import { must, unreachable } from '../common/errors.ts';
import { evaluate } from '../model/evaluate.ts';
import { MaskedRow, storedRow } from '../model/masked-row.ts';
import type { ColumnReader, Predicate } from '../model/predicate.ts';
import type { Row } from '../model/row.ts';
import { equalValues } from '../model/value.ts';
import type { Value } from '../model/value.ts';
import { keyText } from '../store/keys.ts';
import { isPointLookup } from './access.ts';
import type { Access, RangePath, ThroughPath } from './access.ts';
import { scanLane } from './lane-scan.ts';
import { lanesOf, narrow } from './lanes.ts';
import type { Lane } from './lanes.ts';
import { mergeSorted } from './merge.ts';
import { compareRows } from './order.ts';
import type { Masks } from './ordering.ts';
import type { Reading } from './reading.ts';
import { TopRows } from './top-rows.ts';
import { unindexedScan } from './unindexed-scan.ts';
import { isWithin } from './window.ts';
import type { Window } from './window.ts';

/** A table with no more rows than this is read as a whole rather than from other tables. */
const smallTable = 100;

/**
 * The rows of an access in its order, each once, read as they are consumed. `fixed`: the values of its fixed columns, none of
 * them null.
 */
export function scan(
  reading: Reading,
  access: Access,
  fixed: readonly Value[] = [],
  window: Window = {},
): Iterable<Row> {
  const { table, path, order } = access;
  const compare = compareRows(order);
  const see = makeSight(reading, access, fixed);
  const keep = (stored: Row): Row | undefined => {
    const row = see(stored);
    return row !== undefined && isWithin(order, row, window) ? row : undefined;
  };
  const fixedValues = new Map(access.fixed.map((column, i) => [column, fixed[i] ?? null]));
  if (path.kind !== 'range') {
    const rows = new Map<string, Row>();
    for (const part of path.kind === 'union' ? path.parts : [path]) {
      const found = part.kind === 'range' ? collected(part, lanesOf(table, part, fixedValues)) : collectThrough(part);
      if (found === undefined) {
        const otherwise = must(access.otherwise, 'there is another way than through a relation');
        return scan(reading, { ...access, path: otherwise }, fixed, window);
      }
      for (const row of found) rows.set(keyText(row.key), row);
    }
    return [...rows.values()].sort(compare);
  }
  const lanes = lanesOf(table, path, fixedValues);
  // Values that are cut alike share a lane, and its rows do not stand in the order of one value.
  const mixed = lanes.some((lane) => lane.cut) && path.equal.some((values) => (values?.length ?? 1) > 1);
  if (path.ordering.kind === 'sort' || mixed) {
    const top = new TopRows(compare, window.most ?? Infinity);
    collect(path, lanes, (row) => top.add(row));
    return top.sorted();
  }
  if (isPointLookup(path)) return mergeSorted(lanes.map(point), compare);
  const narrowed = lanes.flatMap((lane) => narrow(table, path, order, lane, window) ?? []);
  const sources = narrowed.map((lane) => scanLane(reading, access, path, lane, window, see));
  return sources.length === 1 && sources[0] !== undefined ? sources[0] : mergeSorted(sources, compare);

  function collect(part: RangePath, lanesOfPart: readonly Lane[], add: (row: Row) => void): void {
    if (isPointLookup(part)) {
      for (const lane of lanesOfPart) point(lane).forEach(add);
      return;
    }
    for (const lane of lanesOfPart) {
      for (const entry of reading.entries(table, part.index, lane.range)) {
        const row = keep(entry.row());
        if (row !== undefined) add(row);
      }
    }
  }

  function collected(part: RangePath, lanesOfPart: readonly Lane[]): Row[] {
    const rows: Row[] = [];
    collect(part, lanesOfPart, (row) => rows.push(row));
    return rows;
  }

  /** Undefined where it is less work to look at every row of the table. */
  function collectThrough({ target, references, columns, path: back }: ThroughPath): Row[] | undefined {
    const places = new Map<string, readonly Value[]>();
    const most = reading.sizeOf(table);
    if (most <= Math.min(smallTable, reading.limits.scanLimit)) return undefined;
    let looked = 0;
    for (const row of scan(reading, target)) {
      looked += 1;
      if (looked > most) return undefined;
      const values = references.map((column) => row.value(column));
      if (!values.includes(null)) places.set(valuesId(values), values);
    }
    return [...places.values()].flatMap((values) => {
      const related = columns.map((column, i) => [column, values[i] ?? null] as const);
      return collected(back, lanesOf(table, back, new Map([...fixedValues, ...related])));
    });
  }

  function point({ range: { lower } }: Lane): readonly Row[] {
    const stored = lower === undefined ? undefined : reading.get(table, lower);
    const row = stored && keep(stored);
    return row === undefined ? [] : [row];
  }
}

/** Whether no index narrows the rows that it looks at: then these are counted, and are no more than `scanLimit`. */
export function isLimited({ predicate, path }: Access): boolean {
  if (path.kind !== 'range' || path.bounded) return false;
  return predicate !== undefined || path.ordering.kind === 'sort' || path.ordering.kind === 'grouped';
}

/**
 * A row that the path led to as it is to be seen; undefined where it is none of those asked for. Counts rows looked at where no
 * index narrows them.
 */
function makeSight(reading: Reading, access: Access, fixed: readonly Value[]): (row: Row) => Row | undefined {
  const { predicate } = access;
  const limited = isLimited(access);
  const size = predicate === undefined ? 0 : operands(predicate);
  let looked = 0;
  return (row) => {
    looked += 1;
    if (limited && looked > reading.limits.scanLimit) throw unindexedScan(access, reading.limits.scanLimit);
    for (const [i, column] of access.fixed.entries()) {
      if (!equalValues(column.type, row.value(column), fixed[i] ?? null)) return undefined;
    }
    if (predicate !== undefined) {
      reading.work.predicatesTested += 1;
      reading.compare(size);
      if (evaluate(predicate, row, related) !== true) return undefined;
    }
    return masked(reading, access.masks, row);
  };

  function* related(from: ColumnReader, relation: Relation): Iterable<Row> {
    for (const row of relatedRows(reading, from, relation)) {
      reading.compare(size);
      yield row;
    }
  }
}

/** The row as a caller sees it whose grant has these masks. */
export function masked(reading: Reading, masks: Masks, row: Row): Row {
  if (masks.size === 0) return row;
  return new MaskedRow(row, (column) => {
    const mask = masks.get(column);
    return mask === undefined || holds(reading, mask, row);
  });
}

/** Whether a rule holds for a row. It is the stored row that rules see. */
export function holds(reading: Reading, rule: Predicate, row: Row): boolean {
  reading.work.predicatesTested += 1;
  reading.compare(operands(rule));
  return evaluate(rule, storedRow(row), (from, relation) => relatedRows(reading, from, relation)) === true;
}

/** How many values a row is compared with at most. */
export function operands(predicate: Predicate): number {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.parts.reduce((sum, part) => sum + operands(part), 1);
    case 'not':
      return operands(predicate.part);
    case 'related':
      return operands(predicate.part) + maskOperands(predicate.mask) + maskOperands(predicate.only);
    case 'compare':
      return (
        maskOperands(predicate.mask) + (Array.isArray(predicate.operand) ? Math.max(1, predicate.operand.length) : 1)
      );
    default:
      return unreachable(predicate);
  }
}

function maskOperands(mask: Predicate | undefined): number {
  return mask === undefined ? 0 : operands(mask);
}

/** The rows that a relation leads to, all of them, in key order; read once per execution, as far as they are asked for. */
export function relatedRows(reading: Reading, row: ColumnReader, relation: Relation): Iterable<Row> {
  const { access, columns } = must(reading.relations.get(relation), `no relation ${relation.name}`);
  const values = columns.map((column) => row.value(column));
  if (values.includes(null)) return [];
  return reading.remember(access, valuesId(values), () => reading.lazily(scan(reading, access, values)));
}

/** Equal for equal values of the same columns. */
export function valuesId(values: readonly Value[]): string {
  return JSON.stringify(values, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

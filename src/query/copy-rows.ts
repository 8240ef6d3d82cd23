import type { Index } from '../catalog/catalog.ts';
import type { Column } from '../catalog/column.ts';
import type { Value } from '../model/value.ts';
import { ByteText } from '../store/row-copier.ts';
import type { RowCopier } from '../store/row-copier.ts';
import type { Access, RangePath } from './access.ts';
import { conjuncts } from './column-facts.ts';
import { isCovered } from './count.ts';
import { lanesOf } from './lanes.ts';
import type { Reading } from './reading.ts';
import { operands } from './scan.ts';
import { Unwritable } from './unwritable.ts';

/** Lists are written one after the other, each to its end. */
const text = new ByteText();

/** An access whose rows can be copied: they stand in one range of an index in the order asked for, and its keys tell all that is. */
export interface CopyAccess {
  readonly access: Access;
  readonly path: RangePath & { readonly index: Index };
  /** What it takes to test a row. */
  readonly comparisons: number;
}

/** Of a list. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
}

export interface CopiedRows {
  /** JSON. */
  readonly text: string;
  readonly rows: number;
}

/** Undefined where rows are to be read to tell which they are, how they are ordered or what is seen of them. */
export function copyAccess(access: Access): CopyAccess | undefined {
  const { path, predicate, masks, fixed } = access;
  if (path.kind !== 'range' || path.index === undefined || path.ordering.kind !== 'exact') return undefined;
  if (masks.size > 0 || !fixed.every((column) => isFixedIn(path, column))) return undefined;
  if (predicate !== undefined && !isCovered(path, conjuncts(predicate))) return undefined;
  return {
    access,
    path: { ...path, index: path.index },
    comparisons: predicate === undefined ? 0 : operands(predicate),
  };
}

function isFixedIn({ columns, equal }: RangePath, column: Column): boolean {
  const place = columns.indexOf(column);
  return place >= 0 && place < equal.length;
}

/**
 * A page of an access as JSON, straight from the bytes of its rows. `fixed`: the values of its fixed columns, none of them null. Undefined
 * where that cannot be. Throws `Unwritable` where that is seen only on the way.
 */
export function copyRows(
  reading: Reading,
  { access, path, comparisons }: CopyAccess,
  fixed: readonly Value[],
  page: Page,
  copier: RowCopier,
): CopiedRows | undefined {
  const { table } = access;
  const fixedValues = new Map(access.fixed.map((column, i) => [column, fixed[i] ?? null]));
  const [lane, ...others] = lanesOf(table, path, fixedValues);
  if (lane === undefined || others.length > 0 || lane.cut) return undefined;
  const { range } = lane;
  text.reset();
  text.byte(0x5b);
  const rows = reading.copyRows({ table, index: path.index }, { ...page, range }, { copier, to: text, comparisons });
  if (rows === undefined) return undefined;
  if (rows === false) throw new Unwritable();
  text.reserve(1);
  text.byte(0x5d);
  return { text: text.toString(), rows };
}

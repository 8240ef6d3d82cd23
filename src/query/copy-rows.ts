import { ByteText } from '../store/row-copier.ts';
import type { RowCopier } from '../store/row-copier.ts';
import type { Access } from './access.ts';
import { conjuncts } from './column-facts.ts';
import { isCovered } from './count.ts';
import { lanesOf } from './lanes.ts';
import type { Page } from './list-plan.ts';
import type { Reading } from './reading.ts';
import { operands } from './scan.ts';
import { Unwritable } from './unwritable.ts';

/** Lists are written one after the other, each to its end. */
const text = new ByteText();

/**
 * A page of an access as JSON, straight from the bytes of its rows: where they stand in one range of an index in the order asked for,
 * and its keys tell all that the filter asks. Undefined for any other. Throws `Unwritable` where that is seen only on the way.
 */
export function copyRows(reading: Reading, access: Access, page: Page, copier: RowCopier): string | undefined {
  const { table, path, predicate, masks, fixed } = access;
  if (path.kind !== 'range' || path.index === undefined || path.ordering.kind !== 'exact') return undefined;
  if (masks.size > 0 || fixed.length > 0) return undefined;
  if (predicate !== undefined && !isCovered(path, conjuncts(predicate))) return undefined;
  const [lane, ...others] = lanesOf(table, path, new Map());
  if (lane === undefined || others.length > 0 || lane.cut) return undefined;
  const { range } = lane;
  const comparisons = predicate === undefined ? 0 : operands(predicate);
  text.reset();
  text.byte(0x5b);
  const { index } = path;
  const copied = reading.copyRows({ table, index }, { ...page, range }, { copier, to: text, comparisons });
  if (copied === undefined) return undefined;
  if (!copied) throw new Unwritable();
  text.reserve(1);
  text.byte(0x5d);
  const written = text.toString();
  reading.deliverText(written);
  return written;
}

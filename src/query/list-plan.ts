import type { Table } from '../catalog/catalog.ts';
import type { Row } from '../model/row.ts';
import type { Value } from '../model/value.ts';
import type { Access } from './access.ts';
import { readCount, readOffset, readWhere, relatedTables } from './arguments.ts';
import { copyAccess, copyRows } from './copy-rows.ts';
import type { CopiedRows, Page } from './copy-rows.ts';
import type { Execution, PlanField } from './execution.ts';
import { grantedAccess, grantedRelation, tablesOf } from './granted-access.ts';
import type { AccessOptions } from './granted-access.ts';
import { readOrder } from './order.ts';
import type { QueryLimits } from './query.ts';
import type { Reading } from './reading.ts';
import type { RelationAccess } from './relation-access.ts';
import { holds, scan, valuesId } from './scan.ts';
import { stableJson } from './stable-json.ts';

export interface PlanOptions extends AccessOptions {
  readonly limits: QueryLimits;
}

/** `songs(where, orderBy, limit, offset)` */
export function planList(options: PlanOptions, table: Table): PlanField {
  const { catalog, limits } = options;
  return (args, grants) => {
    const where = readWhere(catalog, table, args['where']);
    const access = grantedAccess(options, grants, table, where, readOrder(grants, table, args['orderBy']));
    const page = readPage(table, limits, args);
    const copied = copyAccess(access);
    return {
      tables: tablesOf(catalog, access),
      rows: page.limit,
      lookup: { kind: 'access', access },
      resolve: (_source, execution) => take(execution, access, [], page),
      copy:
        copied && ((_source, { reading }, copier) => delivered(reading, copyRows(reading, copied, [], page, copier))),
    };
  };
}

/** `song.plays(where, orderBy, limit, offset)` */
export function planRelatedList(options: PlanOptions, link: RelationAccess): PlanField {
  const { catalog, limits } = options;
  const { owner, relation, target } = link;
  return (args, grants) => {
    const where = readWhere(catalog, target, args['where']);
    const access = grantedRelation(options, grants, link, where, readOrder(grants, target, args['orderBy']));
    // `node` may ask for rows of a table that the caller may not read at all: it has none to follow this from.
    const mask = grants.find(owner)?.relations.get(relation);
    const page = readPage(target, limits, args);
    const argsId = stableJson(args);
    const copied = copyAccess(access);
    /** Of the columns that the rows are found by; undefined where there are none. */
    const valuesOf = (row: Row, reading: Reading): readonly Value[] | undefined => {
      if (mask !== undefined && !holds(reading, mask, row)) return undefined;
      const values = link.columns.map((column) => row.value(column));
      return values.includes(null) ? undefined : values;
    };
    return {
      tables: [...tablesOf(catalog, access), ...relatedTables(catalog, mask)],
      rows: page.limit,
      lookup: { kind: 'access', access },
      resolve: (source, execution) => {
        const { reading } = execution;
        const values = valuesOf(source as Row, reading);
        if (values === undefined) return [];
        let rows: readonly Row[] | undefined;
        const remembered = reading.remember(link, `${valuesId(values)} ${argsId}`, () => {
          rows = take(execution, access, values, page);
          return rows;
        });
        if (rows === undefined) reading.spend(remembered.length);
        return remembered;
      },
      copy:
        copied &&
        ((source, { reading }, copier) => {
          if (!reading.copies) return undefined;
          const values = valuesOf(source as Row, reading);
          if (values === undefined) return '[]';
          let made = false;
          const remembered = reading.remember(copier, valuesId(values), () => {
            made = true;
            return copyRows(reading, copied, values, page, copier);
          });
          if (!made && remembered !== undefined) reading.spend(remembered.rows);
          return delivered(reading, remembered);
        }),
    };
  };
}

function delivered(reading: Reading, copied: CopiedRows | undefined): string | undefined {
  if (copied === undefined) return undefined;
  reading.deliverText(copied.text);
  return copied.text;
}

function readPage(table: Table, limits: QueryLimits, args: Readonly<Record<string, unknown>>): Page {
  return {
    limit: readCount(table, 'limit', args['limit']) ?? table.limit.default,
    offset: readOffset(limits, args['offset']),
  };
}

function take(
  { reading }: Execution,
  access: Access,
  fixed: readonly Value[],
  { limit, offset }: Page,
): readonly Row[] {
  const rows: Row[] = [];
  if (limit === 0) return rows;
  const kept = fixed.length === 0 ? reading.kept?.rows(reading, access, offset + limit) : undefined;
  if (kept !== undefined) return kept.slice(offset);
  let skipped = 0;
  for (const row of scan(reading, access, fixed, { most: offset + limit })) {
    if (skipped < offset) {
      skipped += 1;
      continue;
    }
    rows.push(row);
    if (rows.length === limit) break;
  }
  return rows;
}

import type { Catalog, DerivedTable, Table } from '../catalog/catalog.ts';
import { recordBase } from '../catalog/dependants.ts';
import { must } from '../common/errors.ts';
import type { Work } from '../common/work.ts';
import type { Row } from '../model/row.ts';
import type { BadRecordCode, DeadLetter, WriteTransaction } from '../store/store.ts';
import type { Moves } from './moves.ts';

/** Keeps one derived table. `expired` takes the keys (`keyText`) of rows that go by retention alone. */
export interface Operator {
  readonly table: DerivedTable;
  /** Brings the table up to what its sources have become. */
  follow(tx: WriteTransaction, moves: Moves, expired: Set<string>): void;
  /** Once per commit, behind all records: what time alone does to the table. */
  passTime(tx: WriteTransaction, expired: Set<string>): void;
}

export interface OperatorContext {
  readonly catalog: Catalog;
  readonly work: Work;
  /** Told of rows that could not be derived; inside the transaction, so it must not throw. */
  readonly skipped: (table: Table, letter: DeadLetter) => void;
}

export function sourceOf(catalog: Catalog, table: DerivedTable): Table {
  return must(catalog.tablesByName.get(table.derivation.source), `no table ${table.derivation.source}`);
}

/** Records that a row of a source could not be used. */
export function skipRow(
  context: OperatorContext,
  tx: WriteTransaction,
  table: DerivedTable,
  row: Row,
  code: BadRecordCode,
  reason: string,
): void {
  const source = sourceOf(context.catalog, table);
  const { partition, offset, timestampMs } = row;
  const topic = recordBase(context.catalog, source)?.topic ?? source.name;
  const letter = { topic, partition, offset, timestampMs, code, reason };
  tx.addDeadLetter(table, letter);
  context.skipped(table, letter);
}

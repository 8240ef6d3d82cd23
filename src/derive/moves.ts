import type { Table } from '../catalog/catalog.ts';
import type { RowMove, WriteTransaction } from '../store/store.ts';

/** What a pass over the derived tables has moved so far, table by table; each is asked once it can move no more in this pass. */
export interface Moves {
  of(table: Table): readonly Move[];
}

/** A row between two moments of a commit. */
export interface Move extends RowMove {
  /** Retention removed it, here or in the table it comes from: what it was counted in keeps it. */
  readonly expired: boolean;
}

/** Drains every table once. `expired` says of a row that has gone whether retention took it. */
export function drainMoves(tx: WriteTransaction, expired: (table: Table, move: RowMove) => boolean): Moves {
  const moves = new Map<Table, readonly Move[]>();
  return {
    of(table) {
      let drained = moves.get(table);
      if (drained === undefined) {
        drained = tx.drain(table).map((move) => {
          const { key, before, after, timestampMs } = move;
          return { key, before, after, timestampMs, expired: after === undefined && expired(table, move) };
        });
        moves.set(table, drained);
      }
      return drained;
    },
  };
}

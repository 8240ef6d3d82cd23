import type { Catalog, DerivedTable, Table, TopicTable } from '../catalog/catalog.ts';
import { recordBase } from '../catalog/dependants.ts';
import type { Window } from '../catalog/derivation.ts';
import { must } from '../common/errors.ts';
import type { Work } from '../common/work.ts';
import { keyText } from '../store/keys.ts';
import type { DeadLetter, WriteTransaction } from '../store/store.ts';
import { createAggregation } from './aggregation.ts';
import type { Derive } from './derive.ts';
import { Lateness } from './lateness.ts';
import { drainMoves } from './moves.ts';
import type { Moves } from './moves.ts';
import { sourceOf } from './operator.ts';
import type { Operator, OperatorContext } from './operator.ts';
import { createSessions } from './sessions.ts';
import { createView } from './view.ts';

/** An aggregation that judges the records of a topic's table. */
interface Judge {
  readonly table: DerivedTable;
  readonly window: Window;
  readonly base: TopicTable;
}

export interface DeriveOptions {
  readonly catalog: Catalog;
  readonly work: Work;
  /** Told of rows and records that could not be used; inside the transaction, so it must not throw. */
  readonly skipped: (table: Table, letter: DeadLetter) => void;
}

/** The derived tables of a catalog; called by the fold, and by `build.ts` before the first record. */
export function createDerive({ catalog, work, skipped }: DeriveOptions): Derive {
  const context: OperatorContext = { catalog, work, skipped };
  const judges = catalog.derivedTables.flatMap((table): readonly Judge[] => {
    const { derivation } = table;
    if (derivation.kind !== 'aggregation' || derivation.window === undefined || !table.timed) return [];
    const base = recordBase(catalog, sourceOf(catalog, table));
    return base === undefined ? [] : [{ table, window: derivation.window, base }];
  });
  /** One per commit and aggregation; those of a commit that failed are forgotten with its transaction. */
  const latenesses = new WeakMap<WriteTransaction, Map<Judge, Lateness>>();

  function latenessOf(tx: WriteTransaction, judge: Judge): Lateness {
    const ofCommit = latenesses.get(tx) ?? new Map<Judge, Lateness>();
    latenesses.set(tx, ofCommit);
    let lateness = ofCommit.get(judge);
    if (lateness === undefined) {
      lateness = new Lateness(context, judge.table, judge.window, judge.base, tx.memory(judge.table));
      ofCommit.set(judge, lateness);
    }
    return lateness;
  }

  const operators = catalog.derivedTables.map((table): Operator => {
    const { derivation } = table;
    if (derivation.kind === 'view') return createView(context, table, derivation);
    const judge = judges.find((each) => each.table === table);
    const lateness = (tx: WriteTransaction) => judge && latenessOf(tx, judge);
    const { window } = derivation;
    if (window?.sessionGapMs === undefined) return createAggregation(context, table, derivation, lateness);
    return createSessions(context, table, { ...derivation, window }, lateness);
  });

  return {
    judges: (table) => judges.some(({ base }) => base === table),
    counts: (table) =>
      catalog.derivedTables.some(
        ({ derivation, bases }) => derivation.kind === 'aggregation' && bases.some((base) => base === table),
      ),
    observe(tx, table, record) {
      for (const judge of judges) if (judge.base === table) latenessOf(tx, judge).observe(tx, record);
    },
    tick(tx, tick) {
      const moved = judges.map((judge) => judge.window.clock === 'WALL' && latenessOf(tx, judge).tick(tx, tick));
      return moved.includes(true);
    },
    follow(tx) {
      for (const judge of judges) latenessOf(tx, judge).close(tx);
      const moves = drainMoves(tx, () => false);
      for (const operator of operators) operator.follow(tx, moves, new Set());
    },
    expire(tx) {
      const expiredOf = new Map<Table, Set<string>>();
      // Since `follow`, nothing but retention has moved the tables of topics.
      const moves: Moves = drainMoves(tx, (table, { key }) => {
        if (table.derivation === undefined) return true;
        return must(expiredOf.get(table), 'a table before those it is a source of').has(keyText(key));
      });
      for (const operator of operators) {
        const expired = new Set<string>();
        expiredOf.set(operator.table, expired);
        operator.follow(tx, moves, expired);
        operator.passTime(tx, expired);
      }
    },
    build(tx, table, rows) {
      const operator = must(
        operators.find((each) => each.table === table),
        'a derived table',
      );
      const source = sourceOf(catalog, table);
      const moves = rows.map((row) => {
        const { key, timestampMs } = row;
        return { key, before: undefined, after: row, timestampMs, expired: false };
      });
      operator.follow(tx, { of: (other) => (other === source ? moves : []) }, new Set());
    },
    settle(tx) {
      for (const table of catalog.derivedTables) {
        const states = table.bases.map((base) => tx.state(base));
        if (tx.state(table).phase !== 'filling' || states.some(({ phase }) => phase === 'filling')) continue;
        tx.setState(table, { phase: 'live', caughtUpMs: Math.max(...states.map(({ caughtUpMs }) => caughtUpMs)) });
      }
    },
  };
}

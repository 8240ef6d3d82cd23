import type { Catalog } from '../catalog/catalog.ts';
import type { TopicStart } from '../source/source.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import type { Fold } from './apply.ts';
import type { Sweep } from './incidents.ts';

export interface StartingPoint {
  readonly catalog: Catalog;
  /** Writable. */
  readonly store: Store;
  readonly fold: Fold;
}

/** Before the first record: sweeps begin, halted tables go on, new derived tables are made. Then: where to read each topic from. */
export function topicStarts({ catalog, store, fold }: StartingPoint, sweeps: readonly Sweep[]): readonly TopicStart[] {
  const starts: TopicStart[] = [];
  store.write((tx) => {
    for (const { table, partitions } of sweeps) for (const each of partitions) tx.beginSweep(table, each);
    for (const table of catalog.topicTables) {
      const state = tx.state(table);
      // A halted table tries its record again: the schema or the code may have changed.
      if (state.phase === 'halted') {
        tx.setState(table, { phase: state.caughtUpMs > 0 ? 'live' : 'filling', reason: undefined });
      }
    }
    for (const topic of fold.topics) starts.push(topicStart(tx, fold, topic));
  });
  fold.build(store);
  return starts;
}

/** The least offset over the tables that read the topic; a table without one asks for the start. */
function topicStart(tx: WriteTransaction, fold: Fold, topic: string): TopicStart {
  const next = new Map<number, number>();
  const anchors = new Map<number, string>();
  const readers = fold.tablesOf(topic).filter((table) => tx.state(table).phase !== 'recreated');
  const partitions = new Set(readers.flatMap((table) => [...(tx.offsets(table).get(topic)?.keys() ?? [])]));
  for (const partition of partitions) {
    const nexts = readers.map((table) =>
      tx.sweeping(table, partition) ? undefined : tx.offsets(table).get(topic)?.get(partition),
    );
    if (nexts.every((each) => each !== undefined)) next.set(partition, Math.min(...nexts));
    for (const table of readers) {
      const anchor = tx.anchors(table).get(partition);
      if (anchor !== undefined) anchors.set(partition, anchor);
    }
  }
  return { topic, next, anchors };
}

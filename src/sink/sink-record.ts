import type { Table } from '../catalog/catalog.ts';
import { must } from '../common/errors.ts';
import type { OpenedTopic, WriterResume } from '../source/topic-writer.ts';
import type { FeedPlace, SinkState, Store } from '../store/store.ts';
import { visibleColumns } from './outgoing.ts';

/** What is stored of a sink, and what of it still holds. */
export class SinkRecord {
  readonly #table: Table;
  readonly #store: Store;
  readonly #topic: string;
  #state: SinkState | undefined;

  constructor(table: Table, topic: string, store: Store) {
    this.#table = table;
    this.#store = store;
    this.#topic = topic;
    const snapshot = store.snapshot();
    this.#state = snapshot.sinkState(table);
    snapshot.release();
  }

  /** For `TopicWriter.open`. */
  get resume(): WriterResume {
    const state = this.#state?.topic === this.#topic ? this.#state : undefined;
    // What was stored of a store that lost commits may be an earlier epoch than the one that was used last.
    const producer = state?.storeId === this.#store.storeId ? state.producer : undefined;
    return {
      incarnation: state?.incarnation,
      // 0 where nobody has opened it yet.
      partitions: state?.partitions || undefined,
      producer,
      remember: (next) => this.#put({ ...this.#known(), producer: next }),
    };
  }

  /** The place from which the feed has to be sent; or why the topic has to be brought up to the table. */
  opened({ incarnation, partitions, exists }: OpenedTopic): FeedPlace | string {
    const columns = JSON.stringify([this.#table.key, visibleColumns(this.#table)].map((each) => each.map(nameOf)));
    const storeId = this.#store.storeId;
    const now: SinkState = { ...this.#known(), storeId, topic: this.#topic, incarnation, partitions, columns };
    const reason = this.#whyAnew(now, exists);
    this.#state = reason === undefined ? now : { ...now, sent: undefined };
    return reason ?? must(now.sent, 'a place');
  }

  /** `sent` as in `SinkState`. `inOrder`: nothing is on its way, so that the next process need not refuse it. */
  put(sent: FeedPlace | undefined, inOrder = false): void {
    const state = must(this.#state, 'a sink is stored before its topic was opened');
    this.#put({ ...state, sent, producer: inOrder ? undefined : state.producer });
  }

  #whyAnew(now: SinkState, exists: boolean): string | undefined {
    const before = this.#state;
    if (before?.sent === undefined) return 'it has not been brought up to the table yet';
    if (before.topic !== now.topic) return `the changes went to topic ${before.topic} before`;
    if (!exists) return 'the topic is gone';
    if (before.incarnation !== now.incarnation) return 'the topic was deleted and created again';
    if (before.storeId !== now.storeId) return 'the store lost commits that had not been flushed';
    if (before.columns !== now.columns) return 'the columns are others';
    return undefined;
  }

  #known(): SinkState {
    return (
      this.#state ?? {
        storeId: this.#store.storeId,
        topic: this.#topic,
        incarnation: '',
        partitions: 0,
        columns: '',
      }
    );
  }

  #put(state: SinkState): void {
    this.#store.putSinkState(this.#table, state);
    this.#state = state;
  }
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

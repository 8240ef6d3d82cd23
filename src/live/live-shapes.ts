import { Kind, type DocumentNode, type SelectionSetNode } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import type { Change } from '../model/change.ts';
import type { Prepared } from '../query/query.ts';
import type { Snapshot } from '../store/store.ts';
import { KeptAnswers } from './kept-answers.ts';
import type { FrameSink, HubOptions } from './live.ts';
import { LiveShape, type LiveMember, type LiveShapeHost } from './live-shape.ts';
import { Pace } from './pace.ts';
import type { ReadSet } from './read-set.ts';
import { Router } from './router.ts';
import type { Open } from './tally.ts';
import type { Turns } from './turns.ts';

/** Between two evaluations of a live query for the sake of `_meta` alone, ms. */
const defaultMetaRestMs = 1_000;

/** The live queries that somebody listens to, and who is concerned by what. */
export class LiveShapes {
  readonly #host: LiveShapeHost;
  readonly #turns: Turns;
  readonly #router: Router<LiveShape>;
  readonly #kept: KeptAnswers<LiveShape>;
  readonly #shapes = new Map<string, LiveShape>();
  readonly #readers = new Map<Table, TableReaders>();
  /** Shapes that select `_meta`: their answer changes with the clock and the broker. */
  readonly #metaShapes = new Set<LiveShape>();
  readonly #metaPace: Pace;
  #metaCount = 0;
  #members = 0;

  constructor(
    { store, engine, progress, now = Date.now, onFailure, metaRestMs = defaultMetaRestMs }: HubOptions,
    turns: Turns,
    sent: () => void,
  ) {
    const { work } = store;
    this.#turns = turns;
    this.#router = new Router(work);
    this.#kept = new KeptAnswers(work);
    this.#host = {
      engine,
      work,
      progress,
      now,
      metaCount: () => this.#metaCount,
      onFailure,
      // Of the ones that tell of it no note is taken: each of their frames would cause the next.
      sent: (shape) => {
        if (!shape.tellsMeta) sent();
      },
      kept: (shape, reader, snapshot) => this.#kept.of(shape, reader, snapshot),
      due: (shape) => turns.add(shape),
      evaluated: (shape, readSet, wasDirty) => this.#evaluated(shape, readSet, wasDirty),
    };
    this.#metaPace = new Pace(metaRestMs, () => {
      for (const shape of this.#metaShapes) if (shape.stale) this.#touchShape(shape);
    });
  }

  get size(): number {
    return this.#shapes.size;
  }

  get members(): number {
    return this.#members;
  }

  has(shapeId: string): boolean {
    return this.#shapes.has(shapeId);
  }

  tables(): Iterable<Table> {
    return this.#readers.keys();
  }

  add(prepared: Prepared, sink: FrameSink): { readonly shape: LiveShape; readonly member: LiveMember } {
    let shape = this.#shapes.get(prepared.shapeId);
    if (shape === undefined) {
      const tellsMeta = selectsMeta(prepared.document, prepared.operation.selectionSet);
      shape = new LiveShape(prepared, tellsMeta, this.#host);
      this.#shapes.set(prepared.shapeId, shape);
      for (const table of shape.tables) {
        const readers = this.#readers.get(table) ?? { shapes: new Set(), clean: 0 };
        this.#readers.set(table, readers);
        readers.shapes.add(shape);
      }
      if (tellsMeta) this.#metaShapes.add(shape);
    }
    this.#members += 1;
    return { shape, member: shape.add(sink) };
  }

  /** Frees the shape when it was the last. Idempotent. */
  remove(shape: LiveShape, member: LiveMember): void {
    if (member.line === undefined) return;
    shape.remove(member);
    this.#members -= 1;
    if (shape.size > 0) return;
    this.#countClean(shape, shape.dirty ? 0 : -1);
    this.#shapes.delete(shape.prepared.shapeId);
    this.#metaShapes.delete(shape);
    if (this.#metaShapes.size === 0) this.#metaPace.stop();
    this.#router.remove(shape);
    this.#kept.remove(shape);
    this.#turns.remove(shape);
    for (const table of shape.tables) {
      const readers = this.#readers.get(table);
      readers?.shapes.delete(shape);
      if (readers?.shapes.size === 0) this.#readers.delete(table);
    }
  }

  /** How many want to know of a change of the table: shapes that it could make dirty and that are not, and what shapes keep. */
  waiting(table: Table): number {
    return (this.#readers.get(table)?.clean ?? 0) + this.#kept.follows(table);
  }

  touch(table: Table, change: Change): void {
    this.#kept.touch(table, change, this.#touchShape);
    this.#router.touch(table, change, this.#touchShape);
  }

  /** Everything that reads the table may have changed. */
  touchTable(table: Table): void {
    this.#kept.lose(table);
    for (const shape of this.#readers.get(table)?.shapes ?? []) this.#touchShape(shape);
  }

  /** Everything up to the snapshot has been told. */
  followed(snapshot: Snapshot): void {
    this.#kept.check(snapshot, this.#touchShape);
  }

  /** What `_meta` says may have changed: who selects it is evaluated at once, or together with others a little later. */
  touchMeta(): void {
    this.#metaCount += 1;
    if (this.#metaShapes.size > 0) this.#metaPace.due();
  }

  *open(): Iterable<Open> {
    for (const { prepared, tally, size } of this.#shapes.values()) yield { prepared, tally, subscribers: size };
  }

  complete(): void {
    for (const shape of this.#shapes.values()) {
      shape.complete();
      this.#kept.remove(shape);
    }
    this.#shapes.clear();
    this.#readers.clear();
    this.#metaShapes.clear();
    this.#metaPace.stop();
    this.#members = 0;
  }

  readonly #touchShape = (shape: LiveShape): void => {
    if (shape.dirty) return;
    this.#countClean(shape, -1);
    shape.touch();
  };

  #evaluated(shape: LiveShape, readSet: ReadSet, wasDirty: boolean): void {
    this.#router.set(shape, readSet);
    if (wasDirty) this.#countClean(shape, 1);
  }

  #countClean(shape: LiveShape, step: number): void {
    for (const table of shape.tables) {
      const readers = this.#readers.get(table);
      if (readers !== undefined) readers.clean += step;
    }
  }
}

interface TableReaders {
  readonly shapes: Set<LiveShape>;
  /** How many of them are not dirty. */
  clean: number;
}

function selectsMeta(document: DocumentNode, { selections }: SelectionSetNode): boolean {
  return selections.some((selection) => {
    switch (selection.kind) {
      case Kind.FIELD:
        return selection.name.value === '_meta';
      case Kind.INLINE_FRAGMENT:
        return selectsMeta(document, selection.selectionSet);
      case Kind.FRAGMENT_SPREAD: {
        const { value } = selection.name;
        return document.definitions.some(
          (definition) =>
            definition.kind === Kind.FRAGMENT_DEFINITION &&
            definition.name.value === value &&
            selectsMeta(document, definition.selectionSet),
        );
      }
    }
  });
}

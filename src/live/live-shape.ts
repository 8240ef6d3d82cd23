import type { Table } from '../catalog/catalog.ts';
import { Line, type Link } from '../common/line.ts';
import type { Work } from '../common/work.ts';
import { encodePosition } from '../model/position.ts';
import { positionOf } from '../query/position-of.ts';
import type { Prepared, Progress, QueryEngine } from '../query/query.ts';
import type { Reader, Snapshot } from '../store/store.ts';
import type { Kept } from '../query/kept.ts';
import { dataOf, frameText, maskError } from './frame.ts';
import type { FrameSink } from './live.ts';
import { type ReadSet, RecordingReader } from './read-set.ts';
import { Tally } from './tally.ts';
import type { Job, Turn } from './turns.ts';

/** What a live query needs from the hub. */
export interface LiveShapeHost {
  readonly engine: QueryEngine;
  readonly work: Work;
  readonly progress: () => Progress;
  /** ms since 1970. */
  readonly now: () => number;
  /** Grows whenever what `_meta` says may have changed. */
  readonly metaCount: () => number;
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** A frame of the shape has been sent. */
  sent(shape: LiveShape): void;
  /** What the shape keeps, for one evaluation through this reader. */
  kept(shape: LiveShape, reader: RecordingReader, snapshot: Snapshot): Kept;
  /** The shape can do something: it wants a turn. */
  due(shape: LiveShape): void;
  /** The shape has been evaluated: this is what it depends on from now on. `wasDirty`: until now. */
  evaluated(shape: LiveShape, readSet: ReadSet, wasDirty: boolean): void;
}

/** One listener of a live query. It stands in one of three lines: in flight, up to date, or behind; in none once it has been removed. */
export interface LiveMember extends Link<LiveMember> {
  readonly sink: FrameSink;
  /** The answer last sent, as `LiveShape` counts them; 0 before the first. */
  sent: number;
  /** Of the last frame sent. */
  position: string | undefined;
  /** The sink can take the next. One for all frames: there are as many as subscribers. */
  readonly done: () => void;
}

/**
 * A live query: one answer, evaluated once per version however many listen.
 *
 *   clean ──touch──▶ dirty ──turn, somebody can take a frame──▶ evaluated ──other answer──▶ members behind ──send──▶ in flight
 *                                                                  └──same answer──▶ clean, at a newer position
 */
export class LiveShape implements Job {
  readonly prepared: Prepared;
  readonly tally: Tally;
  /** It selects `_meta`. */
  readonly tellsMeta: boolean;
  readonly #host: LiveShapeHost;
  /** A frame is on its way to them. */
  readonly #inFlight = new Line<LiveMember>();
  /** Idle, and hold the newest answer known. */
  #current = new Line<LiveMember>();
  /** Idle, and hold an older answer or none. */
  #behind = new Line<LiveMember>();
  #dirty = true;
  /** What `metaCount` was at the last evaluation. */
  #metaCount = 0;
  /** Counts answers: grows when an evaluation finds another one than before. */
  #answer = 0;
  #data = '';
  #errors: string | undefined;
  #frame: { readonly version: number; readonly position: string; readonly text: string } | undefined;

  constructor(prepared: Prepared, tellsMeta: boolean, host: LiveShapeHost) {
    this.prepared = prepared;
    this.tellsMeta = tellsMeta;
    this.tally = new Tally(host.work, host.now);
    this.#host = host;
  }

  get dirty(): boolean {
    return this.#dirty;
  }

  /** What `_meta` says may have changed, and nothing else: no reason to evaluate it at once, unless a frame is sent anyway. */
  get stale(): boolean {
    return this.tellsMeta && !this.#dirty && this.#metaCount !== this.#host.metaCount();
  }

  get size(): number {
    return this.#inFlight.size + this.#current.size + this.#behind.size;
  }

  get tables(): readonly Table[] {
    return this.prepared.tables;
  }

  add(sink: FrameSink): LiveMember {
    const member: LiveMember = {
      sink,
      sent: 0,
      position: undefined,
      line: undefined,
      before: undefined,
      behind: undefined,
      done: () => this.#done(member),
    };
    this.#behind.add(member);
    this.#host.due(this);
    return member;
  }

  remove(member: LiveMember): void {
    member.line?.remove(member);
  }

  /** The answer may have changed. */
  touch(): void {
    this.#dirty = true;
    // While every member has a frame in flight nobody could take the answer: it is computed when one can.
    if (this.#current.size + this.#behind.size > 0) this.#host.due(this);
  }

  /** True where the last frame sent to the member is what a pull query would answer now. */
  exact(member: LiveMember): boolean {
    return !this.#dirty && !this.stale && member.sent === this.#answer;
  }

  run(turn: Turn): boolean {
    if (this.#dirty) {
      if (this.#current.size + this.#behind.size === 0) return false;
      this.#evaluate(turn.snapshot);
    } else if (this.stale && this.#behind.size > 0) {
      // Its frames say what is at the turn's position.
      this.#evaluate(turn.snapshot);
    }
    for (let member = this.#behind.first; member !== undefined; member = this.#behind.first) {
      this.#send(member, turn.snapshot);
      if (turn.over()) break;
    }
    return this.#behind.size > 0;
  }

  complete(): void {
    for (const line of [this.#inFlight, this.#current, this.#behind]) {
      for (let member = line.first; member !== undefined; member = line.first) {
        this.remove(member);
        member.sink.complete();
      }
    }
  }

  #evaluate(snapshot: Snapshot): void {
    const reader = new RecordingReader(snapshot);
    reader.kept = this.#host.kept(this, reader, snapshot);
    const { data, errors } = this.#execute(snapshot, reader);
    const wasDirty = this.#dirty;
    this.#dirty = false;
    this.#metaCount = this.#host.metaCount();
    if (this.#answer === 0 || data !== this.#data || errors !== this.#errors) {
      this.#answer += 1;
      this.#data = data;
      this.#errors = errors;
      this.#frame = undefined;
      if (this.#behind.size === 0) [this.#behind, this.#current] = [this.#current, this.#behind];
      for (let member = this.#current.first; member !== undefined; member = this.#current.first) {
        this.#behind.add(member);
      }
    }
    this.#host.evaluated(this, reader.readSet(), wasDirty);
  }

  #execute(snapshot: Snapshot, reader: Reader): { readonly data: string; readonly errors?: string | undefined } {
    const { engine, work, progress, onFailure } = this.#host;
    work.shapesEvaluated += 1;
    try {
      return this.tally.evaluate(() => engine.execute(this.prepared, { snapshot, reader, progress: progress() }));
    } catch (error) {
      // The engine promises not to throw; should it, one query fails and not the process.
      onFailure?.(error);
      return { data: 'null', errors: JSON.stringify([maskError(error).toJSON()]) };
    }
  }

  #send(member: LiveMember, snapshot: Snapshot): void {
    const frame = this.#frameAt(snapshot);
    this.#inFlight.add(member);
    member.sent = this.#answer;
    member.position = frame.position;
    this.tally.sent();
    this.#host.sent(this);
    member.sink.send(frame.text, member.done);
  }

  #done(member: LiveMember): void {
    if (member.line !== this.#inFlight) return;
    (member.sent === this.#answer ? this.#current : this.#behind).add(member);
    if (this.#dirty || member.sent !== this.#answer) this.#host.due(this);
  }

  /** The answer is the same as at its evaluation (the shape is clean); the position is the snapshot's. */
  #frameAt(snapshot: Snapshot): { readonly position: string; readonly text: string } {
    if (this.#frame?.version !== snapshot.version) {
      const position = encodePosition(positionOf(this.prepared, snapshot));
      const text = frameText(this.#data, this.#errors, position);
      // It was put together from many pieces, which would all be kept with it.
      this.#data = dataOf(text, this.#data.length);
      this.tally.made(text);
      this.#frame = { version: snapshot.version, position, text };
    }
    return this.#frame;
  }
}

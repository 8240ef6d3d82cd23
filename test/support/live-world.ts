import { must } from '../../src/common/errors.ts';
import { createHub } from '../../src/live/hub.ts';
import type { FrameSink, Hub, LiveLimits, Subscription } from '../../src/live/live.ts';
import { coerceInput } from '../../src/model/coerce.ts';
import { decodePosition } from '../../src/model/position.ts';
import type { Progress } from '../../src/query/query.ts';
import { encodeBound, prefixRange } from '../../src/store/keys.ts';
import type { Reader } from '../../src/store/store.ts';
import { createRowsWorld, type RowsOptions, type RowsWorld } from './rows-world.ts';
import { createTinyEngine, rowObject, type TinyEngine } from './tiny-engine.ts';

/** A real store and a hub over tables of one's own, with queries that are functions. */
export interface LiveWorld extends RowsWorld, TinyEngine {
  readonly hub: Hub;
  listen(prepared: Parameters<Hub['subscribe']>[0]): Listener;
  /** Rows that the reader has under an index prefix. */
  rowsBy(reader: Reader, table: string, index: string, value: unknown, limit?: number): unknown[];
}

export interface WorldOptions extends RowsOptions {
  readonly limits?: Partial<LiveLimits>;
  readonly onFailure?: (error: unknown) => void;
  readonly progress?: () => Progress;
  /** Default 0. */
  readonly metaRestMs?: number;
}

export const liveLimits: LiveLimits = {
  snapshotLimit: 10_000,
  maxChangesPerMessage: 1_000,
  maxShapes: 100_000,
  maxHistoryRows: 200_000,
  maxWaitMs: 10_000,
  maxWaiting: 1_000,
};

export const idle: Progress = { connected: true, ends: new Map(), missingTopics: new Set(), records: new Map() };

export function createLiveWorld(schema: string, options: WorldOptions = {}): LiveWorld {
  const rows = createRowsWorld(schema, { ...options, closing: () => hub.close() });
  const tiny = createTinyEngine(rows.catalog);
  const hub = createHub({
    store: rows.store,
    engine: tiny.engine,
    tables: rows.catalog.tables,
    progress: options.progress ?? (() => idle),
    onFailure: options.onFailure,
    limits: { ...liveLimits, ...options.limits },
    now: options.now,
    metaRestMs: options.metaRestMs ?? 0,
  });
  return {
    ...rows,
    ...tiny,
    hub,
    listen(prepared) {
      const listener = new Listener();
      listener.subscription = hub.subscribe(prepared, listener);
      return listener;
    },
    rowsBy(reader, name, columns, value, limit = Infinity) {
      const table = rows.table(name);
      const index = rows.index(name, columns);
      const [first] = index.columns;
      const range = prefixRange(encodeBound(index.columns, [coerceInput(must(first, 'a column').type, value)]));
      const found: unknown[] = [];
      for (const { rowKey } of reader.scanIndex(table, index, range)) {
        found.push(rowObject(table, must(reader.get(table, rowKey), 'an indexed row')));
        if (found.length === limit) break;
      }
      return found;
    },
  };
}

export interface ReceivedFrame {
  readonly data: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
  readonly version: number | undefined;
  readonly position: string | undefined;
  readonly text: string;
}

/** A client: takes frames at once unless it is held, and lets a test wait for them. */
export class Listener implements FrameSink {
  subscription: Subscription | undefined;
  readonly frames: ReceivedFrame[] = [];
  completed = false;
  #held = false;
  #done: (() => void) | undefined;
  #waiting: (() => void)[] = [];

  send(text: string, done: () => void): void {
    const { data, errors, extensions } = JSON.parse(text) as {
      data: unknown;
      errors?: ReceivedFrame['errors'];
      extensions?: { position: string };
    };
    const position = extensions?.position;
    const version = position === undefined ? undefined : decodePosition(position).version;
    this.frames.push({ data, ...(errors && { errors }), version, position, text });
    if (this.#held) this.#done = done;
    else setImmediate(done);
    this.#wake();
  }

  complete(): void {
    this.completed = true;
    this.#wake();
  }

  /** From now on it takes no further frame, as a socket that does not drain. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#done?.();
    this.#done = undefined;
  }

  get last(): ReceivedFrame {
    return must(this.frames.at(-1), 'a frame');
  }

  /** Resolves once so many frames have arrived in all. */
  async until(count: number): Promise<ReceivedFrame> {
    while (this.frames.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return must(this.frames[count - 1], 'a frame');
  }

  async ended(): Promise<void> {
    while (!this.completed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  stop(): void {
    this.subscription?.stop();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** Lets everything that is scheduled happen. */
export async function quiet(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
}

import { createHash } from 'node:crypto';
import type { AggregationDefinition } from '../catalog/derivation.ts';
import type { ColumnType, Value } from '../model/value.ts';
import { valueFromJson, valueToJson } from '../model/value.ts';
import { prefixRange } from '../store/keys.ts';
import type { Memory } from '../store/store.ts';
import type { GroupInput } from '../aggregate/group.ts';

/** A session of a group of dimensions: its rows are no further apart than the gap. µs. */
export interface Session {
  readonly startUs: bigint;
  readonly endUs: bigint;
  /** Names its `Group`, whatever becomes of its bounds. */
  readonly id: number;
}

/**
 * The rows of sessions and the sessions themselves, in order of time, per group of dimensions:
 *
 *   0                                              the next id of a session
 *   1 length of the dimensions' key (2), that key, start (8)                                  end, id
 *   2 length of the dimensions' key (2), that key, event time (8), partition (4), offset (8), hash of the row's key (16)
 *                                                                                             what the row brings (JSON)
 *
 * The hash tells rows apart that no record wrote: those of an aggregation all have the same coordinates.
 */
export class SessionRows {
  readonly #memory: Memory;
  readonly #types: readonly { readonly arg: ColumnType | undefined; readonly by: ColumnType | undefined }[];

  constructor(memory: Memory, { aggregates }: AggregationDefinition) {
    this.#memory = memory;
    this.#types = aggregates.map(({ arg, by }) => ({ arg: arg?.type, by: by?.type }));
  }

  nextId(): number {
    const stored = this.#memory.get(nextIdKey);
    const id = stored === undefined ? 1 : stored.readDoubleLE(0);
    const next = Buffer.allocUnsafe(8);
    next.writeDoubleLE(id + 1, 0);
    this.#memory.put(nextIdKey, next);
    return id;
  }

  put(dimensions: Uint8Array, input: GroupInput): void {
    const { args, bys, key } = input;
    const fragments = this.#types.flatMap(({ arg, by }, i) => [
      arg === undefined ? 'null' : valueToJson(arg, args[i] ?? null),
      by === undefined ? 'null' : valueToJson(by, bys[i] ?? null),
    ]);
    const texts = [Buffer.from(key).toString('base64'), ...fragments];
    this.#memory.put(rowKeyOf(dimensions, input), Buffer.from(JSON.stringify(texts)));
  }

  remove(dimensions: Uint8Array, input: GroupInput): void {
    this.#memory.remove(rowKeyOf(dimensions, input));
  }

  /** Rows with an event time in [from, to], the oldest first. */
  between(dimensions: Uint8Array, fromUs: bigint, toUs: bigint): readonly GroupInput[] {
    const prefix = under(rowTag, dimensions);
    const range = {
      lower: Buffer.concat([prefix, timeBytes(fromUs)]),
      upper: Buffer.concat([prefix, timeBytes(toUs + 1n)]),
    };
    const rows: GroupInput[] = [];
    for (const { key, value } of this.#memory.scan(range))
      rows.push(this.#read(Buffer.from(key), value, prefix.length));
    return rows;
  }

  /** The nearest row before the instant (or at it, `inclusive`), or behind it. */
  nearest(dimensions: Uint8Array, atUs: bigint, side: 'before' | 'behind'): bigint | undefined {
    const prefix = under(rowTag, dimensions);
    const range =
      side === 'before'
        ? { lower: prefix, upper: Buffer.concat([prefix, timeBytes(atUs)]), reverse: true }
        : { lower: Buffer.concat([prefix, timeBytes(atUs)]), upper: prefixRange(prefix).upper };
    for (const { key } of this.#memory.scan(range)) return readTime(Buffer.from(key), prefix.length);
    return undefined;
  }

  /** Sessions that an instant belongs to, or would with this gap: at most two that it lies between. */
  around(dimensions: Uint8Array, atUs: bigint, gapUs: bigint): readonly Session[] {
    const prefix = under(sessionTag, dimensions);
    const upper = Buffer.concat([prefix, timeBytes(atUs + gapUs + 1n)]);
    const found: Session[] = [];
    for (const { key, value } of this.#memory.scan({ lower: prefix, upper, reverse: true })) {
      const session = { startUs: readTime(Buffer.from(key), prefix.length), ...readSession(value) };
      if (session.endUs + gapUs < atUs) break;
      found.push(session);
    }
    return found.toReversed();
  }

  putSession(dimensions: Uint8Array, { startUs, endUs, id }: Session): void {
    const value = Buffer.allocUnsafe(16);
    value.writeBigInt64LE(endUs, 0);
    value.writeDoubleLE(id, 8);
    this.#memory.put(Buffer.concat([under(sessionTag, dimensions), timeBytes(startUs)]), value);
  }

  removeSession(dimensions: Uint8Array, { startUs }: Session): void {
    this.#memory.remove(Buffer.concat([under(sessionTag, dimensions), timeBytes(startUs)]));
  }

  #read(key: Buffer, value: Buffer, at: number): GroupInput {
    const [rowKey = '', ...fragments] = JSON.parse(value.toString()) as string[];
    const read = (type: ColumnType | undefined, text: string | undefined): Value =>
      type === undefined || text === undefined ? null : valueFromJson(type, text);
    return {
      args: this.#types.map(({ arg }, i) => read(arg, fragments[2 * i])),
      bys: this.#types.map(({ by }, i) => read(by, fragments[2 * i + 1])),
      eventTime: readTime(key, at),
      partition: key.readUInt32BE(at + 8),
      offset: Number(key.readBigUInt64BE(at + 12)),
      key: Buffer.from(rowKey, 'base64'),
    };
  }
}

const nextIdKey = Buffer.from([0]);
const sessionTag = 1;
const rowTag = 2;
const keyHashBytes = 16;

function under(tag: number, dimensions: Uint8Array): Buffer {
  const head = Buffer.allocUnsafe(3);
  head[0] = tag;
  head.writeUInt16BE(dimensions.length, 1);
  return Buffer.concat([head, dimensions]);
}

function rowKeyOf(dimensions: Uint8Array, { eventTime, partition, offset, key }: GroupInput): Buffer {
  const hash = createHash('sha256').update(key).digest().subarray(0, keyHashBytes);
  const place = Buffer.allocUnsafe(12);
  place.writeUInt32BE(partition, 0);
  place.writeBigUInt64BE(BigInt(offset), 4);
  return Buffer.concat([under(rowTag, dimensions), timeBytes(eventTime), place, hash]);
}

/** In order of time, before 1970 too. */
function timeBytes(us: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, us) ^ (1n << 63n), 0);
  return bytes;
}

function readTime(bytes: Buffer, at: number): bigint {
  return BigInt.asIntN(64, bytes.readBigUInt64BE(at) ^ (1n << 63n));
}

function readSession(value: Buffer): { endUs: bigint; id: number } {
  return { endUs: value.readBigInt64LE(0), id: value.readDoubleLE(8) };
}

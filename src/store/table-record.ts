import type { TableState } from './store.ts';

/** All that changes with a table's commits and is no row: one small record, so that opening and counting are O(1). */
export interface TableRecord {
  readonly state: TableState;
  readonly rows: number;
  readonly streamTime: number;
  /** Set when the table leaves `filling`; before, there is no feed. */
  readonly feedHorizon: number | undefined;
  /** The version with which the table left `filling` last; absent in what earlier versions of Headgate wrote. */
  readonly filledVersion?: number | undefined;
  /** Of changes and headers. */
  readonly feedBytes: number;
  /** Numbers of the first dead letter kept and of the next one. */
  readonly firstLetter: number;
  readonly nextLetter: number;
}

export const newTableRecord: TableRecord = {
  state: { phase: 'filling', caughtUpMs: 0, gaps: 0, takenOver: 0, repeats: 0, bad: {} },
  rows: 0,
  streamTime: 0,
  feedHorizon: undefined,
  feedBytes: 0,
  firstLetter: 0,
  nextLetter: 0,
};

/** The store's own record: read by every snapshot, written by every commit. */
export interface Head {
  readonly version: number;
  /** Next offset in Headgate's own partition. */
  readonly ticks: number;
  /** The oldest version after which the feed has all commits that took one of Headgate's own numbers. */
  readonly ticksHorizon: number;
}

export function packHead({ version, ticks, ticksHorizon }: Head): Uint8Array {
  const bytes = Buffer.allocUnsafe(24);
  bytes.writeDoubleLE(version, 0);
  bytes.writeDoubleLE(ticks, 8);
  bytes.writeDoubleLE(ticksHorizon, 16);
  return bytes;
}

export function unpackHead(bytes: Buffer): Head {
  return { version: bytes.readDoubleLE(0), ticks: bytes.readDoubleLE(8), ticksHorizon: bytes.readDoubleLE(16) };
}

export function packJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

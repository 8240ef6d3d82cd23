import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceRecord } from '../../src/source/source.ts';
import { bareUpsert } from './bare-store.ts';
import type { BareStore, BareUpsert } from './bare-store.ts';
import { makeOrder, orderRecord } from './orders.ts';

export async function temporaryDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/**
 * What both sides of an ingest benchmark write: first every order, then round by round every second order at its next
 * revision; half of those move in the index.
 */
export class OrderHistory {
  readonly #orders: number;
  readonly #revisions = new Map<number, number>();
  #round = 0;
  #offset = 0;

  constructor(orders: number) {
    this.#orders = orders;
  }

  next(): { readonly records: SourceRecord[]; readonly upserts: BareUpsert[] } {
    const round = this.#round;
    this.#round += 1;
    const records: SourceRecord[] = [];
    const upserts: BareUpsert[] = [];
    for (let i = round % 2; i < this.#orders; i += round === 0 ? 1 : 2) {
      const before = this.#revisions.get(i);
      const revision = before === undefined ? 0 : before + 1 + ((i >> 1) % 2);
      this.#revisions.set(i, revision);
      const order = makeOrder(i, revision, this.#orders);
      records.push(orderRecord(order, this.#offset));
      upserts.push(bareUpsert(order, before === undefined ? undefined : makeOrder(i, before, this.#orders)));
      this.#offset += 1;
    }
    return { records, upserts };
  }
}

/** In commits of this size. */
export function writeBare(store: BareStore, upserts: readonly BareUpsert[], perCommit: number): void {
  for (let at = 0; at < upserts.length; at += perCommit) store.write(upserts.slice(at, at + perCommit), at + perCommit);
}

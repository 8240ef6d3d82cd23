import type { Table } from '../catalog/catalog.ts';
import type { KeptLetter } from '../store/store.ts';

/** False for what a row of another derived table was wrong with, or a group: these have no record of their own. */
export function isOfRecord({ derivation, bases }: Table, { topic }: KeptLetter): boolean {
  return derivation === undefined || bases.some((base) => base.topic === topic);
}

/** Where what is wrong stands. */
export function letterPlace(table: Table, letter: KeptLetter): string {
  const { topic, partition, offset } = letter;
  return isOfRecord(table, letter) ? `${topic}/${partition} at offset ${offset}` : `a row of ${topic}`;
}

import type { TestRecord } from '../../src/testing.ts';
import { tableOf, type SchemaSpec } from './spec.ts';
import type { Commit } from './state.ts';

/** As a producer sends them, each at a time of its own. */
export function toRecords(schema: SchemaSpec, commit: Commit, number: number): readonly TestRecord[] {
  return commit.map(({ key, table, value }, i) => ({
    topic: table,
    // Neither in the order of the commits nor in that of the records.
    timestamp: ((number * 37 + i * 101) % 1_000) * 1_000,
    ...(key.length === 0 ? {} : { key: key.length === 1 ? key[0] : keyOf(tableOf(schema, table).key, key) }),
    value,
  }));
}

function keyOf(names: readonly string[], key: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name, i) => [name, key[i]]));
}

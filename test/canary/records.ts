import type { TestRecord } from '../../src/testing.ts';
import { tableOf, type SchemaSpec } from './spec.ts';
import type { Commit } from './state.ts';

/** As a producer sends them. */
export function toRecords(schema: SchemaSpec, commit: Commit): readonly TestRecord[] {
  return commit.map(({ key, table, value }) => ({
    topic: table,
    ...(key.length === 0 ? {} : { key: key.length === 1 ? key[0] : keyOf(tableOf(schema, table).key, key) }),
    value,
  }));
}

function keyOf(names: readonly string[], key: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name, i) => [name, key[i]]));
}

import { columnAnswer, filtered, object, rowAnswer, type Expected } from './answer.ts';
import { jsonNull } from './json.ts';
import { keyName, type LogRecord, type Meanings, type NaiveRow, type World } from './naive.ts';
import type { ChangeKind, ChangesPlan } from './plan.ts';
import { hasSyntheticId, tableOf, type TableSpec } from './spec.ts';
import { printInstant, sameShown, toJson } from './values.ts';

/** What a commit does to the subscriber's set: the naive difference of the set before it and after it. */
export interface NaiveChange {
  readonly operation: ChangeKind;
  readonly key: NaiveRow['key'];
  readonly before: NaiveRow | undefined;
  readonly after: NaiveRow | undefined;
  /** Undefined where another row's change or retention caused it. */
  readonly timestampMs: number | undefined;
}

export function changesOf(
  plan: ChangesPlan,
  before: World,
  after: World,
  records: readonly LogRecord[],
  meanings: Meanings,
): readonly NaiveChange[] {
  const table = tableOf(after.schema, plan.table);
  const rowsOf = (world: World): Map<string, NaiveRow> =>
    new Map(filtered(world, table, world.rows(table), plan.where).map((row) => [keyName(table, row.key), row]));
  const left = rowsOf(before);
  const right = rowsOf(after);
  const changes: NaiveChange[] = [];
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const old = left.get(name);
    const now = right.get(name);
    const operation = old === undefined ? 'INSERT' : now === undefined ? 'DELETE' : 'UPDATE';
    if (old !== undefined && now !== undefined && shownAlike(table, old, now)) continue;
    if (plan.operations !== undefined && !plan.operations.includes(operation)) continue;
    const key = (now ?? old)?.key ?? [];
    const stored = rowNamed(table, before, name);
    const kept = rowNamed(table, after, name);
    // Where the row is as it was, another row's change moved it.
    const own = stored === undefined || kept === undefined || !shownAlike(table, stored, kept);
    const timestampMs = own ? causedAt(table, name, stored !== undefined, records, meanings) : undefined;
    changes.push({ operation, key, before: old, after: now, timestampMs });
  }
  return changes;
}

function rowNamed(table: TableSpec, world: World, name: string): NaiveRow | undefined {
  return world.rows(table).find((row) => keyName(table, row.key) === name);
}

function shownAlike(table: TableSpec, a: NaiveRow, b: NaiveRow): boolean {
  return changedFields(table, a, b).length === 0;
}

function changedFields(table: TableSpec, a: NaiveRow, b: NaiveRow): readonly string[] {
  return table.columns
    .filter(({ name, type }) => !sameShown(type, a.values.get(name) ?? null, b.values.get(name) ?? null))
    .map(({ name }) => name);
}

/** The last record of the commit that did something to the row; a table with retention may have other causes. */
function causedAt(
  table: TableSpec,
  name: string,
  existed: boolean,
  records: readonly LogRecord[],
  meanings: Meanings,
): number | undefined {
  if (table.retentionMs !== undefined || table.mode === 'APPEND') return undefined;
  let exists = existed;
  let timestampMs: number | undefined;
  for (const record of records) {
    if (record.topic !== table.topic) continue;
    const meaning = meanings.of(table, record);
    const key = meaning.kind === 'row' ? meaning.row.key : meaning.kind === 'delete' ? meaning.key : undefined;
    if (key === undefined || keyName(table, key) !== name) continue;
    // A tombstone for what is not there does nothing.
    if (exists || meaning.kind === 'row') ({ timestampMs } = record);
    exists = meaning.kind === 'row';
  }
  return timestampMs;
}

/** One row more of the set, as a stream's snapshot begins. */
export function snapshotChanges(plan: ChangesPlan, world: World): readonly NaiveChange[] {
  const table = tableOf(world.schema, plan.table);
  return filtered(world, table, world.rows(table), plan.where).map((row) => ({
    operation: 'INSERT',
    key: row.key,
    before: undefined,
    after: row,
    timestampMs: row.timestampMs,
  }));
}

export interface MessageFlags {
  readonly live: boolean;
  readonly reset: boolean;
  readonly complete: boolean;
}

/** `data` of a message with these changes; in a message the order of changes of different rows means nothing. */
export function messageAnswer(
  plan: ChangesPlan,
  world: World,
  changes: readonly NaiveChange[],
  flags: MessageFlags,
): Expected {
  const table = tableOf(world.schema, plan.table);
  const deleted = changes.filter((change) => change.operation === 'DELETE');
  const nodeId = (change: NaiveChange): Expected => ({ t: 'token', kind: 'nodeId', table, key: change.key });
  return object([
    [
      `${table.singular}Changes`,
      object([
        [
          'changes',
          { t: 'arr', anyOrder: true, items: changes.map((change) => changeAnswer(plan, table, world, change)) },
        ],
        ['deletedIds', { t: 'arr', anyOrder: true, items: deleted.map((change) => rowId(table, change)) }],
        ['deletedNodeIds', { t: 'arr', anyOrder: true, items: deleted.map(nodeId) }],
        ['position', { t: 'text' }],
        ['live', { t: 'bool', value: flags.live }],
        ['reset', { t: 'bool', value: flags.reset }],
        ['complete', { t: 'bool', value: flags.complete }],
      ]),
    ],
  ]);
}

function changeAnswer(plan: ChangesPlan, table: TableSpec, world: World, change: NaiveChange): Expected {
  const { operation, before, after, timestampMs } = change;
  const entries: [string, Expected][] = [
    ['operation', { t: 'str', value: operation }],
    ['rowId', rowId(table, change)],
    ['node', after === undefined ? jsonNull : rowAnswer(world, table, plan.select, after)],
  ];
  if (plan.previous.length > 0) {
    const shown = (row: NaiveRow): Expected =>
      object(plan.previous.map((column) => [column.alias ?? column.name, columnAnswer(table, column, row)]));
    // A row that leaves the set is known by its key alone.
    entries.push(['previous', operation === 'INSERT' || before === undefined ? jsonNull : shown(before)]);
  }
  const fields = before === undefined || after === undefined ? [] : changedFields(table, before, after);
  entries.push(
    ['changedFields', { t: 'arr', items: fields.map((name): Expected => ({ t: 'str', value: name })) }],
    [
      'timestamp',
      timestampMs === undefined ? { t: 'text' } : { t: 'str', value: printInstant(BigInt(timestampMs) * 1000n) },
    ],
  );
  return object(entries);
}

/** The row's `id`: the key column of that name as text, or what the gateway makes of another key. */
function rowId(table: TableSpec, { key }: NaiveChange): Expected {
  const [type] = table.columns.filter((c) => c.name === 'id').map((c) => c.type);
  // A decimal may be written in several ways, and the id is the key's one form.
  const decimal = type?.kind === 'scalar' && type.scalar === 'Decimal';
  if (hasSyntheticId(table) || type === undefined || decimal) return { t: 'token', kind: 'id', table, key };
  const json = toJson(type, key[0] ?? null);
  return {
    t: 'str',
    value: json.t === 'str' ? json.value : json.t === 'num' ? json.text : json.t === 'bool' ? String(json.value) : '',
  };
}

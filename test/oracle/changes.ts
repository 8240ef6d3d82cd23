import { columnAnswer, filtered, object, rowAnswer, type Expected } from './answer.ts';
import { jsonNull } from './json.ts';
import { keyName, type LogRecord, type Meanings, type NaiveRow, type Tables, type World } from './naive.ts';
import type { ChangeKind, ChangesPlan } from './plan.ts';
import type { Rights } from './rights.ts';
import { hasSyntheticId, tableOf, type TableSpec } from './spec.ts';
import { deciding } from './tables-of.ts';
import { printInstant, sameShown, toJson } from './values.ts';

export interface NaiveChange {
  readonly operation: ChangeKind;
  readonly key: NaiveRow['key'];
  readonly before: NaiveRow | undefined;
  readonly after: NaiveRow | undefined;
  /** Undefined where another row's change or retention caused it. */
  readonly timestampMs: number | undefined;
}

/** A commit: all rows just before and just after it, its records, and how a subscriber sees tables. */
export interface Commitment {
  readonly before: World;
  readonly after: World;
  readonly records: readonly LogRecord[];
  readonly committedMs: number;
  readonly see: (world: World) => Tables;
  readonly rights: Rights | undefined;
}

/** What a commit does to the subscriber's set: the naive difference of the set before it and after it. */
export function changesOf(
  plan: ChangesPlan,
  { before, after, records, committedMs, see, rights }: Commitment,
  meanings: Meanings,
): readonly NaiveChange[] {
  const table = tableOf(after.schema, plan.table);
  const rowsOf = (tables: Tables): Map<string, NaiveRow> =>
    new Map(filtered(tables, table, tables.rows(table), plan.where).map((row) => [keyName(table, row.key), row]));
  const left = rowsOf(see(before));
  const right = rowsOf(see(after));
  const isGuarded = (each: TableSpec): boolean => rights?.restricts(each) === true;
  const decide = [...deciding(after.schema, plan)];
  // Who may not read some columns is not told that they changed.
  const isAlike = rights?.restrictsColumns(table) === true ? seenAlike : storedAlike;
  const changes: NaiveChange[] = [];
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const old = left.get(name);
    const now = right.get(name);
    const operation = old === undefined ? 'INSERT' : now === undefined ? 'DELETE' : 'UPDATE';
    if (old !== undefined && now !== undefined && isAlike(table, old, now)) continue;
    if (plan.operations !== undefined && !plan.operations.includes(operation)) continue;
    const key = (now ?? old)?.key ?? [];
    const stored = rowNamed(table, before, name);
    const kept = rowNamed(table, after, name);
    // Where the row is as it was, another row's change moved it.
    const own = stored === undefined || kept === undefined || !storedAlike(table, stored, kept);
    const caused = own ? causedAt(table, name, stored !== undefined, records, meanings) : undefined;
    // What the caller may not see has no time for it either.
    const isCommits = own ? operation === 'DELETE' && isGuarded(table) : decide.some(isGuarded);
    const timestampMs = isCommits ? committedMs : caused;
    changes.push({ operation, key, before: old, after: now, timestampMs });
  }
  return changes;
}

function rowNamed(table: TableSpec, world: World, name: string): NaiveRow | undefined {
  return world.rows(table).find((row) => keyName(table, row.key) === name);
}

/** Hidden columns count: who reads all that the API shows of a row is told of every change of it. */
function storedAlike(table: TableSpec, a: NaiveRow, b: NaiveRow): boolean {
  return table.columns.every((column) => isSame(column, a, b));
}

function seenAlike(table: TableSpec, a: NaiveRow, b: NaiveRow): boolean {
  return changedFields(table, a, b).length === 0;
}

function changedFields(table: TableSpec, a: NaiveRow, b: NaiveRow): readonly string[] {
  return table.columns.filter((column) => column.hidden !== true && !isSame(column, a, b)).map(({ name }) => name);
}

function isSame({ name, type }: TableSpec['columns'][number], a: NaiveRow, b: NaiveRow): boolean {
  return sameShown(type, a.values.get(name) ?? null, b.values.get(name) ?? null);
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
export function snapshotChanges(plan: ChangesPlan, tables: Tables): readonly NaiveChange[] {
  const table = tableOf(tables.schema, plan.table);
  return filtered(tables, table, tables.rows(table), plan.where).map((row) => ({
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
  tables: Tables,
  changes: readonly NaiveChange[],
  flags: MessageFlags,
  rights?: Rights,
): Expected {
  const table = tableOf(tables.schema, plan.table);
  const bare = rights?.restricts(table) === true;
  const deleted = changes.filter((change) => change.operation === 'DELETE');
  const nodeId = (change: NaiveChange): Expected => ({ t: 'token', kind: 'nodeId', table, key: change.key });
  return object([
    [
      `${table.singular}Changes`,
      object([
        [
          'changes',
          { t: 'arr', anyOrder: true, items: changes.map((change) => changeAnswer(plan, table, tables, change, bare)) },
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

/** `bare`: a deletion carries its key only. */
function changeAnswer(
  plan: ChangesPlan,
  table: TableSpec,
  tables: Tables,
  change: NaiveChange,
  bare: boolean,
): Expected {
  const { operation, before, after, timestampMs } = change;
  const entries: [string, Expected][] = [
    ['operation', { t: 'str', value: operation }],
    ['rowId', rowId(table, change)],
    ['node', after === undefined ? jsonNull : rowAnswer(tables, table, plan.select, after)],
  ];
  if (plan.previous.length > 0) {
    const shown = (row: NaiveRow): Expected =>
      object(plan.previous.map((column) => [column.alias ?? column.name, columnAnswer(table, column, row)]));
    const untold = operation === 'INSERT' || (operation === 'DELETE' && bare);
    entries.push(['previous', untold || before === undefined ? jsonNull : shown(before)]);
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

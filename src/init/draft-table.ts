import { chooseKey } from './choose-key.ts';
import type { KeyChoice } from './choose-key.ts';
import { ownMember } from '../decode/json.ts';
import { draftColumns, enoughRecords, reservedNames } from './column-drafts.ts';
import { isScalarDraft, scalar } from './draft.ts';
import type { ColumnDraft, OriginDraft, TableDraft, TypeDraft } from './draft.ts';
import { capitalized, fieldNameOf, unused } from './names.ts';
import { keyTextOf, memberAt } from './record-facts.ts';
import type { RecordFacts } from './record-facts.ts';
import { isIdName, scalarOf } from './scalar-type.ts';
import { makeShape, see } from './shape.ts';
import type { Shape } from './shape.ts';

export interface TableInput {
  readonly facts: RecordFacts;
  readonly type: string;
  readonly writesKeys: boolean;
  readonly byPlace: boolean;
  /** Names of types that are taken; those of nested objects are added. */
  readonly types: Set<string>;
}

/** What is known by itself of one topic's table: relations come later, when all are there. */
export function draftTable({ facts, type, writesKeys, byPlace, types }: TableInput): TableDraft {
  const key = chooseKey({ facts, type, writesKeys, byPlace });
  const names = new Set<string>();
  const keyColumns = keyColumnsOf(key, facts, names);
  const keyMembers = new Set(keyColumns.flatMap(({ member }) => member ?? []));
  // A column called `id` that is not the key would not be what clients know rows by.
  const idIsKey = keyColumns.length === 1 && names.has('id');
  if (!idIsKey) names.add('id');
  const drafted = draftColumns({
    shape: withoutMembers(facts, keyMembers),
    path: facts.envelope?.path ?? [],
    records: facts.objects,
    names,
    types,
    owner: type,
  });
  const columns = drafted.columns.map((column) => renamedId(column, type, names));
  const isDebezium = facts.envelope?.kind === 'debezium';
  const operation = isDebezium ? operationColumn(facts, names) : undefined;
  return {
    type,
    topic: facts.topic,
    mode: key.mode,
    keyFormat: formatOf(key),
    // Its deletions are told twice: by an operation, which is no row, and by a tombstone, which deletes the row.
    accept: operation && `{ ${operation.name}: { neq: "d" } }`,
    key: keyColumns.map(({ column }) => column.name),
    recordKey:
      key.kind === 'member' && key.mode === 'UPSERT' && writesKeys && key.keyFormat === undefined
        ? key.member
        : undefined,
    columns: [
      ...keyColumns.map(({ column }) => column),
      ...columns,
      ...(operation === undefined ? [] : [operation]),
      ...recordTime(key, columns, names),
    ],
    relations: [],
    objects: drafted.objects,
    notes: notesOf(facts, columns, drafted.left),
    reasons: [key.reason, ...(isDebezium ? ['the values are changes of Debezium'] : [])],
  };
}

interface KeyColumn {
  readonly column: ColumnDraft;
  /** The member of the value that it is, too. */
  readonly member: string | undefined;
}

function keyColumnsOf(key: KeyChoice, facts: RecordFacts, names: Set<string>): readonly KeyColumn[] {
  const alone = key.kind !== 'members' || key.members.length === 1;
  const make = (wanted: string, type: TypeDraft, from: OriginDraft, member?: string): KeyColumn => {
    // Of several, none is what clients know rows by.
    const name = reservedNames.includes(wanted) || (wanted === 'id' && !alone) ? `${wanted}Value` : wanted;
    return { column: { ...plain, name: unused(name, names), type, required: true, from }, member };
  };
  switch (key.kind) {
    case 'coordinates':
      return [make('id', scalar('ID'), { kind: 'meta', meta: 'COORDINATES' })];
    case 'key': {
      const wanted = ['id', 'key', 'recordKey'].find((name) => !facts.shape.members.has(name)) ?? 'rowKey';
      // The key of an UPSERT table is read from the record key wherever else it may stand.
      return [make(wanted, scalar('ID'), { kind: 'value', path: [wanted] })];
    }
    case 'member': {
      const { member } = key;
      const name = fieldNameOf(member);
      const path = [...(facts.envelope?.path ?? []), member];
      return [make(name, keyType(member, facts.shape.members.get(member)), { kind: 'value', path }, member)];
    }
    case 'members':
      return key.members.map((member) => {
        const shape = makeShape();
        let same = facts.envelope === undefined || facts.shape.members.has(member);
        for (const { key: recordKey, row } of facts.records) {
          const inKey = recordKey.kind === 'text' ? memberAt(recordKey.json, [...key.path, member]) : undefined;
          see(shape, inKey);
          const inValue = (row && ownMember(row, member)) ?? undefined;
          if (inValue !== undefined && keyTextOf(inValue) !== keyTextOf(inKey)) same = false;
        }
        const name = fieldNameOf(member);
        const fromKey: OriginDraft = { kind: 'key', path: [...key.path, member] };
        if (!same) return make(`key${capitalized(name)}`, keyType(member, shape), fromKey);
        const isPlain =
          key.path.length === 0 && name === member && (alone || name !== 'id') && !reservedNames.includes(name);
        return make(name, keyType(member, shape), isPlain ? { kind: 'value', path: [member] } : fromKey, member);
      });
  }
}

const plain = { indexed: false, hidden: false, note: undefined } as const;

/** Texts are IDs; numbers keep being numbers, but where they are called an id. */
function keyType(member: string, shape: Shape | undefined): TypeDraft {
  const chosen = shape === undefined || isIdName(member) ? 'ID' : (scalarOf(member, shape)?.scalar ?? 'ID');
  return scalar(['Int', 'BigInt', 'Boolean', 'UUID', 'Date', 'DateTime'].includes(chosen) ? chosen : 'ID');
}

function withoutMembers({ shape }: RecordFacts, left: ReadonlySet<string>): RecordFacts['shape'] {
  return { ...shape, members: new Map([...shape.members].filter(([member]) => !left.has(member))) };
}

/** What would have been called `id` beside a key that is called otherwise. */
function renamedId(column: ColumnDraft, type: string, names: Set<string>): ColumnDraft {
  if (
    !/^id\d+$/.test(column.name) ||
    column.from.kind !== 'value' ||
    fieldNameOf(column.from.path.at(-1) ?? '') !== 'id'
  ) {
    return column;
  }
  return { ...column, name: unused(`${type.charAt(0).toLowerCase()}${type.slice(1)}Id`, names) };
}

function operationColumn({ envelope }: RecordFacts, names: Set<string>): ColumnDraft {
  const path = [...(envelope?.path ?? []).slice(0, -1), 'op'];
  return {
    ...plain,
    name: unused('op', names),
    type: scalar('String'),
    required: true,
    from: { kind: 'value', path },
    hidden: true,
  };
}

function formatOf(key: KeyChoice): TableDraft['keyFormat'] {
  if (key.kind === 'member' || key.kind === 'key') return key.keyFormat;
  return key.kind === 'members' && key.members.length === 1 ? 'JSON' : undefined;
}

/** When a row was written, where it says so nowhere; and the key of records whose place is their key. */
function recordTime(key: KeyChoice, columns: readonly ColumnDraft[], names: Set<string>): readonly ColumnDraft[] {
  const more: ColumnDraft[] = [];
  if (key.kind === 'coordinates' && key.keepKey) {
    more.push({
      ...plain,
      name: unused('key', names),
      type: scalar('String'),
      required: false,
      from: { kind: 'meta', meta: 'KEY' },
    });
  }
  const hasTime = columns.some(
    ({ type, name }) => isScalarDraft(type, 'DateTime') && (key.mode === 'APPEND' || /^(updated|modified)/i.test(name)),
  );
  if (!hasTime) {
    const wanted = key.mode === 'APPEND' ? 'recordedAt' : 'updatedAt';
    const name = unused(names.has(wanted) ? 'writtenAt' : wanted, names);
    more.push({ ...plain, name, type: scalar('DateTime'), required: true, from: { kind: 'meta', meta: 'TIMESTAMP' } });
  }
  return more;
}

function notesOf(facts: RecordFacts, columns: readonly ColumnDraft[], left: number): readonly string[] {
  const notes: string[] = [];
  const { objects } = facts;
  if (objects === 0) {
    notes.push('No record with a JSON object as its value was seen: add the fields that they have.');
  } else if (objects < enoughRecords && columns.length > 0) {
    notes.push(
      `Guessed from ${objects === 1 ? 'one record' : `${objects} records`}: fields are nullable, because a record without a required one (\`!\`) is a bad record.`,
    );
  }
  if (left > 0) notes.push(`${left} more fields were left out.`);
  return notes;
}

import { isScalarDraft } from './draft.ts';
import type { ColumnDraft, RelationDraft, TableDraft } from './draft.ts';
import { capitalized } from './names.ts';
import { pluralOf, singularOf } from '../catalog/names.ts';
import { keyTextOf, memberAt } from './record-facts.ts';
import type { RecordFacts } from './record-facts.ts';
import { words } from './scalar-type.ts';

/** A table, and the records that it was guessed from. */
export interface Guess {
  readonly draft: TableDraft;
  readonly facts: RecordFacts;
}

interface Found {
  readonly from: string;
  readonly column: string;
  readonly one: string;
  readonly to: string;
  readonly many: string;
}

/** Adds the relations that names tell of, `artistId` of a Song to Artist, in both directions, where the types and samples bear it. */
export function relate(guesses: readonly Guess[]): readonly TableDraft[] {
  const found: Found[] = [];
  for (const from of guesses) {
    for (const to of guesses) {
      if (from === to) continue;
      for (const column of from.draft.columns) {
        const one = relationName(column, from, to);
        if (one === undefined || isTaken(from.draft, one, found)) continue;
        const plural = pluralOf(singularOf(from.draft.type));
        const isPlain = one === singularOf(to.draft.type);
        const many = isPlain ? plural : `${one}${capitalized(plural)}`;
        found.push({ from: from.draft.type, column: column.name, one, to: to.draft.type, many });
      }
    }
  }
  return guesses.map(({ draft }) => withRelations(draft, found));
}

/** What the relation by this column is called; undefined where it leads nowhere. */
function relationName(column: ColumnDraft, from: Guess, to: Guess): string | undefined {
  const [key, ...others] = to.draft.key;
  const target = to.draft.columns.find(({ name }) => name === key);
  if (target === undefined || others.length > 0 || to.draft.mode !== 'UPSERT') return undefined;
  if (!isScalarDraft(column.type, 'ID') || !isScalarDraft(target.type, 'ID') || column.hidden) return undefined;
  // The key of the other table, not what it is a part of.
  if (from.draft.key.length === 1 && from.draft.key[0] === column.name) return undefined;
  const named = words(column.name);
  const type = words(to.draft.type);
  const isByName = named.endsWith(`${type} id`) && ` ${named}`.endsWith(` ${type} id`);
  const isByKey = column.name === target.name && target.name !== 'id';
  if (!isByName && !isByKey) return undefined;
  if (!meets(column, from, to)) return undefined;
  return isByName && /_?id$/i.test(column.name) ? column.name.replace(/_?id$/i, '') : singularOf(to.draft.type);
}

/** Whether any row of the one is there in the other, as far as the samples go. */
function meets(column: ColumnDraft, from: Guess, to: Guess): boolean {
  const { from: origin } = column;
  if (origin.kind === 'meta') return false;
  const member = origin.path.at(-1) ?? '';
  const keys = new Set(to.facts.records.map((record) => keyOf(record, to)));
  if (keys.size === 0) return false;
  const values = from.facts.records.flatMap(({ row, key }) => {
    const value =
      memberAt(row, origin.path.slice(from.facts.envelope?.path.length ?? 0)) ??
      (key.kind === 'text' ? memberAt(key.json, [member]) : undefined);
    return value === undefined || value === null ? [] : [keyTextOf(value)];
  });
  return values.some((value) => keys.has(value));
}

function keyOf({ key, row }: RecordFacts['records'][number], { draft, facts }: Guess): string {
  const column = draft.columns.find(({ name }) => name === draft.key[0]);
  const path = column?.from.kind === 'value' ? column.from.path.slice(facts.envelope?.path.length ?? 0) : [];
  const value = path.length === 0 ? undefined : memberAt(row, path);
  if (value !== undefined && value !== null) return keyTextOf(value);
  if (key.kind === 'bytes') return key.long ?? '';
  if (key.kind === 'none') return '';
  const json = memberAt(key.json, column?.from.kind === 'key' ? column.from.path : [draft.key[0] ?? '']);
  return json === undefined || json === null ? key.text : keyTextOf(json);
}

function isTaken({ type, columns }: TableDraft, name: string, found: readonly Found[]): boolean {
  return (
    columns.some((column) => column.name === name) || found.some((each) => each.from === type && each.one === name)
  );
}

function withRelations(draft: TableDraft, found: readonly Found[]): TableDraft {
  const taken = new Set([...draft.columns.map(({ name }) => name), 'id', 'nodeId']);
  const relations: RelationDraft[] = [];
  for (const { from, column, one, to } of found) {
    if (from !== draft.type || taken.has(one)) continue;
    taken.add(one);
    relations.push({ name: one, target: to, column, many: false });
  }
  for (const { from, column, many, to } of found) {
    if (to !== draft.type || taken.has(many)) continue;
    taken.add(many);
    relations.push({ name: many, target: from, column, many: true });
  }
  const mayRelate = new Set(found.flatMap(({ from, column }) => (from === draft.type ? [column] : [])));
  const columns = draft.columns.map((column) => {
    // The first column of the key is an index already.
    return mayRelate.has(column.name) && draft.key[0] !== column.name ? { ...column, indexed: true } : column;
  });
  const reasons = relations.filter(({ many }) => !many).map(({ column, target }) => `"${column}" leads to ${target}`);
  return { ...draft, columns, relations, reasons: [...draft.reasons, ...reasons] };
}

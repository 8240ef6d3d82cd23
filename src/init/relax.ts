import { json, objectsOf, scalar } from './draft.ts';
import type { ColumnDraft, TableDraft, TypeDraft } from './draft.ts';

/** A record that did not become a row. */
export interface Refusal {
  /** The column that it failed at; undefined where the record as a whole is at fault. */
  readonly column: string | undefined;
  readonly code: string;
  readonly reason: string;
}

/** The draft with the column made wider, so that the record may fit; undefined where nothing wider would help. */
export function relax(draft: TableDraft, { column, code }: Refusal): { draft: TableDraft; what: string } | undefined {
  const found = draft.columns.find(({ name }) => name === column);
  if (found === undefined) return undefined;
  const wider = draft.key.includes(found.name) ? widenKey(found, code) : widen(found, code);
  if (wider === undefined) return undefined;
  const columns = draft.columns.map((each) => (each === found ? wider : each));
  const objects = objectsOf(columns, draft.objects);
  const what =
    wider.required === found.required ? `${found.name} is ${nameOf(wider.type)}` : `${found.name} is nullable`;
  return { draft: { ...draft, columns, objects }, what };
}

function widen(column: ColumnDraft, code: string): ColumnDraft | undefined {
  if (code === 'REQUIRED_MISSING' && column.required) return { ...column, required: false };
  const { type } = column;
  // Filters and relations need what they go by to stay what it is.
  if (column.hidden) return undefined;
  if (type.kind === 'list' && type.elementRequired && code === 'REQUIRED_MISSING') {
    return { ...column, type: { ...type, elementRequired: false } };
  }
  const next = type.kind === 'scalar' ? (wider[type.scalar] ?? json) : json;
  if (type.kind === 'scalar' && type.scalar === 'JSON') return undefined;
  return { ...column, type: next, note: undefined, indexed: column.indexed && next !== json };
}

/** Any text or number is an ID. */
function widenKey(column: ColumnDraft, code: string): ColumnDraft | undefined {
  const isId = column.type.kind === 'scalar' && column.type.scalar === 'ID';
  return isId || !['TYPE', 'RANGE', 'KEY_FORMAT'].includes(code) ? undefined : { ...column, type: scalar('ID') };
}

/** The next type that holds more. */
const wider: Readonly<Partial<Record<string, TypeDraft>>> = {
  Int: scalar('BigInt'),
  BigInt: scalar('Decimal'),
  Float: scalar('Decimal'),
  UUID: scalar('String'),
  Date: scalar('String'),
  DateTime: scalar('String'),
  Duration: scalar('String'),
};

function nameOf(type: TypeDraft): string {
  return type.kind === 'scalar'
    ? type.scalar
    : type.kind === 'object'
      ? type.name
      : `a list of ${nameOf(type.element)}`;
}

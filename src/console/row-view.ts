import type { RowFilter, RowOrder } from './row-query.ts';

export const pageSizes = [25, 50, 100] as const;

/** How the rows of a table are looked at: the part of the address that somebody else can open. */
export interface RowView {
  readonly filters: readonly RowFilter[];
  /** `none`: that of the key; undefined: whatever the table begins with. */
  readonly order: RowOrder | 'none' | undefined;
  readonly limit: number;
}

/** Of a hash, what stands behind its `?`; what cannot be read of it is as if it were not there. */
export function readRowView(query: string): RowView {
  const asked = new URLSearchParams(query);
  const limit = Number(asked.get('limit'));
  return {
    filters: asked.getAll('where').flatMap(readFilter),
    order: readOrder(asked.get('orderBy')),
    limit: pageSizes.find((size) => size === limit) ?? pageSizes[0],
  };
}

/** `where={"likes":{"gt":100}}&orderBy=likes:DESC&limit=50`; what is as it begins is left out. */
export function writeRowView({ filters, order, limit }: RowView): string {
  const asked = new URLSearchParams();
  for (const { column, operator, value } of filters) {
    asked.append('where', JSON.stringify({ [column]: { [operator]: value } }));
  }
  if (order !== undefined) asked.set('orderBy', order === 'none' ? order : `${order.column}:${order.direction}`);
  if (limit !== pageSizes[0]) asked.set('limit', String(limit));
  return asked.toString();
}

function readFilter(text: string): readonly RowFilter[] {
  const [column, condition] = onlyEntry(parsed(text)) ?? [];
  const [operator, value] = onlyEntry(condition) ?? [];
  return column === undefined || operator === undefined ? [] : [{ column, operator, value }];
}

function onlyEntry(value: unknown): readonly [string, unknown] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const [first, ...more] = Object.entries(value);
  return more.length === 0 ? first : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readOrder(text: string | null): RowView['order'] {
  if (text === 'none') return text;
  const [, column, direction] = /^(\w+):(ASC|DESC)$/.exec(text ?? '') ?? [];
  return column === undefined ? undefined : { column, direction: direction === 'ASC' ? 'ASC' : 'DESC' };
}

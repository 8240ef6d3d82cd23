import type { Page, Request } from './request.ts';
import { columnOf, type ColumnSpec } from './spec.ts';

type Answered = Readonly<Record<string, unknown>>;

/**
 * What is wrong with the order of a list in an answer: it must be that of what the caller is shown, nulls in the place of what it
 * may not read, and rows that look alike in the order of their keys.
 */
export function misplaced({ pages }: Request, data: unknown): string | undefined {
  for (const [alias, value] of Object.entries((data ?? {}) as Answered)) {
    const page = pages.get(alias);
    if (page === undefined) continue;
    const rows = rowsIn(value);
    for (let i = 1; i < rows.length; i += 1) {
      const [a, b] = [rows[i - 1] ?? {}, rows[i] ?? {}];
      if (compare(page, a, b) > 0) return `${alias}: ${JSON.stringify(a)} comes before ${JSON.stringify(b)}`;
    }
  }
  return undefined;
}

function rowsIn(value: unknown): readonly Answered[] {
  if (Array.isArray(value)) return value as readonly Answered[];
  return (
    ((value ?? {}) as { readonly edges?: readonly { readonly node: Answered }[] }).edges?.map(({ node }) => node) ?? []
  );
}

function compare({ orderBy, table }: Page, a: Answered, b: Answered): number {
  const terms = [
    ...orderBy.flatMap((term) => Object.entries(term)),
    ...table.key.map((name) => [name, 'ASC'] as const),
  ];
  for (const [name, direction] of terms) {
    const result = compareValues(columnOf(table, name), direction, a[name], b[name]);
    if (result !== 0) return result;
  }
  return 0;
}

function compareValues({ type }: ColumnSpec, direction: string, a: unknown, b: unknown): number {
  const descending = direction.startsWith('DESC');
  const nullsFirst = direction.endsWith('FIRST') || (descending && !direction.endsWith('LAST'));
  if (a === null || b === null) return a === b ? 0 : (a === null) === nullsFirst ? -1 : 1;
  const [left, right] = [comparable(type, a), comparable(type, b)];
  const result = left < right ? -1 : left > right ? 1 : 0;
  return descending ? -result : result;
}

/** The texts here are ASCII, and the decimals have as many digits as each other. */
function comparable(type: ColumnSpec['type'], value: unknown): string | number | bigint {
  return type === 'Int' ? (value as number) : type === 'BigInt' ? BigInt(value as string) : String(value);
}

/** A condition on a column. */
export interface RowFilter {
  readonly column: string;
  readonly operator: string;
  readonly value: unknown;
}

export interface RowOrder {
  readonly column: string;
  readonly direction: 'ASC' | 'DESC';
}

/** A table as its documents name it. */
export interface AskedTable {
  readonly name: string;
  /** The selection of a row. */
  readonly selection: string;
}

type Where = { readonly and: readonly unknown[] } | undefined;

export function whereOf(filters: readonly RowFilter[]): Where {
  if (filters.length === 0) return undefined;
  return { and: filters.map(({ column, operator, value }) => ({ [column]: { [operator]: value } })) };
}

/** `rows`: a page of them. */
export function rowsText({ name, selection }: AskedTable, list: string): string {
  return `query ConsoleRows($where: ${name}Where, $orderBy: [${name}OrderBy!], $limit: Int, $offset: Int) {
  rows: ${list}(where: $where, orderBy: $orderBy, limit: $limit, offset: $offset) { ${selection} }
}`;
}

/** `rows.totalCount`: how many match. */
export function countText({ name }: AskedTable, connection: string): string {
  return `query ConsoleCount($where: ${name}Where) {
  rows: ${connection}(where: $where) { totalCount }
}`;
}

/** `rows`: the messages of a change stream that goes on after a lost connection. */
export function changesText({ name, selection }: AskedTable, changes: string): string {
  return `subscription ConsoleChanges($where: ${name}Where, $after: String) {
  rows: ${changes}(where: $where, after: $after) {
    changes { operation rowId changedFields timestamp node { ${selection} } }
  }
}`;
}

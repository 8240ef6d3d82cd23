import { GatewayError } from '../common/errors.ts';
import type { Access } from './access.ts';

/** What to tell a client whose query no index serves. */
export function unindexedScan({ table, missingIndex, predicate, order }: Access, scanLimit: number): GatewayError {
  // What a rule asks for is not told to whom it keeps out.
  const isShown = (name: string) => {
    const column = table.columnsByName.get(name);
    return column !== undefined && !column.hidden && column.auth === undefined;
  };
  const index = missingIndex?.split(' ').every(isShown) === true ? missingIndex : undefined;
  const why =
    predicate !== undefined
      ? `this where${table.auth?.kind === 'rules' ? ` and the rules of ${table.name}` : ''}`
      : `this orderBy (${order[0]?.column.name ?? ''})`;
  const remedy =
    index === undefined
      ? 'Add a condition on an indexed column.'
      : `Add ${printIndex(index)} to type ${table.name} in the schema, or a condition on an indexed column.`;
  return new GatewayError(
    'UNINDEXED_SCAN',
    `No index of ${table.name} serves ${why}, and the query would look at more than ${scanLimit} rows (setting scanLimit). ${remedy}`,
    {
      table: table.name,
      setting: 'scanLimit',
      limit: scanLimit,
      ...(index === undefined ? {} : { index }),
    },
  );
}

export function printIndex(columns: string): string {
  return `@index(fields: "${columns}")`;
}

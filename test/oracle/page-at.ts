import type { Tokens } from './difference.ts';
import type { Cursor, PageArguments, RootSelection } from './plan.ts';

/** The page at one of the cursors met before; undefined where there is none. */
export function pageAt(
  tokens: Tokens,
  root: Extract<RootSelection, { kind: 'connection' }>,
  choice: number,
): RootSelection | undefined {
  const cursors = tokens
    .cursors(JSON.stringify([root.table, root.args.orderBy ?? []]))
    .map(([text, place]): Cursor => ({ text, place }));
  const cursor = cursors[choice % Math.max(1, cursors.length)];
  if (cursor === undefined) return undefined;
  const { where, orderBy } = root.args;
  const size = 1 + (choice % 4);
  // Two cursors may stand in either order, or be the same.
  const other = cursors[(choice * 7 + 3) % cursors.length];
  const bounds: Pick<PageArguments, 'after' | 'before'>[] = [
    { after: cursor },
    { before: cursor },
    { after: cursor, before: other },
  ];
  const sizes: Pick<PageArguments, 'first' | 'last'>[] = [
    { first: size },
    { last: size },
    { first: size, last: 1 + (choice % 3) },
    {},
  ];
  const args: PageArguments = { where, orderBy, ...bounds[choice % 3], ...sizes[Math.floor(choice / 3) % 4] };
  return { ...root, args, parts: ['edges', 'pageInfo', 'totalCount'] };
}

import type { TestResult } from '../../src/testing.ts';
import { dumpRequest } from './generate-request.ts';
import type { Request } from './request.ts';
import { mayRead, type Principal, type SeenRow } from './sight.ts';
import { shownRelations, tableOf, type RelationSpec, type SchemaSpec, type TableSpec } from './spec.ts';
import { Failure } from './wire.ts';
import type { World } from './world.ts';

/** Asks for all that a principal may read of a table, and of where its relations lead. */
export function dumpFor(
  schema: SchemaSpec,
  table: TableSpec,
  principal: Principal,
  operation: 'QUERY' | 'LIVE',
): Request {
  return dumpRequest(schema, table, linked(schema, table, principal, operation), operation);
}

function linked(
  schema: SchemaSpec,
  table: TableSpec,
  principal: Principal,
  operation: Request['operation'],
): readonly RelationSpec[] {
  return shownRelations(schema, table).filter(({ target }) =>
    mayRead(schema, tableOf(schema, target), principal, operation),
  );
}

/** Throws Failure unless the answer to a dump is all that the principal may read at a commit, or that it may read nothing. */
export function expectDump(
  world: World,
  principal: Principal,
  table: TableSpec,
  { operation }: Pick<Request, 'operation'>,
  { data, errors, text }: TestResult,
  commit: number,
): void {
  const { schema } = world;
  const code = errors?.[0]?.extensions.code;
  const isRefused = code === 'FORBIDDEN' || code === 'UNAUTHENTICATED';
  const { identity, name } = principal;
  const who = `${name} (${JSON.stringify(identity)}) reads ${table.name} at commit ${commit} (${operation})`;
  if (isRefused === mayRead(schema, table, principal, operation)) throw new Failure(`${who}: ${text}`);
  // Where limits are low a dump may be too much.
  if (code !== undefined) return;
  const [rows = []] = Object.values(data as Readonly<Record<string, readonly Answered[]>>);
  const relations = linked(schema, table, principal, operation);
  const told = rows.map((row) => JSON.stringify(seenIn(schema, row, relations))).toSorted();
  const seen = [...(world.sight(principal, operation, commit).get(table.name)?.values() ?? [])];
  const wanted = seen.map(({ cells, links }) => JSON.stringify({ cells, links })).toSorted();
  if (JSON.stringify(told) === JSON.stringify(wanted)) return;
  throw new Failure(`${who}:\n${told.join('\n')}\nand may read\n${wanted.join('\n')}`);
}

type Answered = Readonly<Record<string, unknown>>;

function seenIn(schema: SchemaSpec, row: Answered, relations: readonly RelationSpec[]): Omit<SeenRow, 'key'> {
  const names = new Set(relations.map(({ name }) => name));
  const links = relations.map(({ name, target }) => {
    const { key } = tableOf(schema, target);
    const given = row[name] ?? [];
    const others = (Array.isArray(given) ? given : [given]) as readonly Answered[];
    return [name, others.map((other) => JSON.stringify(key.map((column) => other[column]))).toSorted()];
  });
  return {
    cells: Object.fromEntries(Object.entries(row).filter(([name]) => !names.has(name))),
    links: Object.fromEntries(links) as SeenRow['links'],
  };
}

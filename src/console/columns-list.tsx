import { inWhole } from '../page/format.ts';
import type { Column, TableStatus } from './documents.ts';
import { List } from './list.tsx';
import type { ListHead } from './list.tsx';
import { tableHref } from './route.ts';
import { relationsOf } from './sdl.ts';
import type { Sdl } from './sdl.ts';

const heads: readonly ListHead[] = [{ name: 'Column' }, { name: 'Type' }, { name: 'Role' }];

export interface ColumnsListProps {
  readonly table: TableStatus;
  readonly description: string | null;
  readonly columns: readonly Column[];
  readonly sdl: Sdl;
  /** Of all tables. */
  readonly names: readonly string[];
}

/** What a table is: its columns, where they lead, and what happened to its records. */
export function ColumnsList({ table, description, columns, sdl, names }: ColumnsListProps) {
  const relations = relationsOf(sdl, table.name, names);
  return (
    <section aria-labelledby="columns">
      <header>
        <h2 id="columns">Columns</h2>
        <p className="note">
          <a href={`#/schema/${table.name}`}>in the schema</a>
        </p>
      </header>
      {description !== null && <p className="description">{description}</p>}
      <List label="Columns" heads={heads}>
        <tbody>
          {columns.map(({ name, type, key, indexed }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <code>{type}</code>
              </td>
              <td>{key ? 'key' : indexed ? 'indexed' : ''}</td>
            </tr>
          ))}
          {relations.map(({ name, target, many }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <a href={tableHref(target)}>
                  <code>{many ? `[${target}]` : target}</code>
                </a>
              </td>
              <td>relation</td>
            </tr>
          ))}
        </tbody>
      </List>
      <Counts table={table} />
    </section>
  );
}

/** What happened to records on their way, where something did. */
function Counts({ table: { bad, gaps, takenOver, repeats } }: { readonly table: TableStatus }) {
  const counts: readonly (readonly [string, string])[] = [
    ...bad.map(({ code, count }) => [`bad ${count === '1' ? 'record' : 'records'}: ${code}`, count] as const),
    ...(gaps === null ? [] : [['times that records were gone before they were read', gaps] as const]),
    ...(takenOver === null ? [] : [['rows taken over by another partition', takenOver] as const]),
    ...(repeats === null ? [] : [['records whose key was there already', repeats] as const]),
  ];
  const some = counts.filter(([, count]) => count !== '0');
  if (some.length === 0) return null;
  return (
    <ul className="counts">
      {some.map(([what, count]) => (
        <li key={what}>
          <data value={count}>{inWhole(count)}</data> {what}
        </li>
      ))}
    </ul>
  );
}

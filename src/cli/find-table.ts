import type { Catalog, Table } from '../catalog/catalog.ts';
import { didYouMean } from '../common/did-you-mean.ts';
import { SetupError } from '../common/errors.ts';

/** The table of an argument, of those that have what is asked for. Throws SetupError; `what` says then what they have. */
export function findTable(catalog: Catalog, name: string, has: (table: Table) => boolean, what = ''): Table {
  const table = catalog.tablesByName.get(name);
  if (table !== undefined && has(table)) return table;
  const names = catalog.tables.flatMap((each) => (has(each) ? each.name : []));
  const message = `There is no table "${name}"${what}.${didYouMean(name, names)} Tables: ${names.join(', ')}.`;
  throw new SetupError([{ message }]);
}

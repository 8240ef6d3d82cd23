import type { SchemaSpec } from './spec.ts';

/** What of a schema a client can name: without what is hidden, and without what leads there. */
export function shownPart(schema: SchemaSpec): SchemaSpec {
  const tables = schema.tables.filter(({ hidden }) => hidden !== true);
  const names = new Set(tables.map(({ name }) => name));
  return {
    ...schema,
    tables: tables.map((table) => {
      const columns = table.columns.filter(({ hidden }) => hidden !== true);
      const shown = new Set(columns.map(({ name }) => name));
      return {
        ...table,
        columns,
        relations: table.relations.filter(({ target }) => names.has(target)),
        indexes: table.indexes.filter((index) => index.columns.every((name) => shown.has(name))),
      };
    }),
  };
}

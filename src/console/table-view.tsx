import { LiveSection } from '../page/live-section.tsx';
import { ColumnsList } from './columns-list.tsx';
import { DeadLettersOf } from './dead-letters-of.tsx';
import type { TableStatus } from './documents.ts';
import { useGateway } from './gateway-status.tsx';
import { overviewHref } from './route.ts';
import { RowBrowser } from './row-browser.tsx';
import { TableHead } from './table-head.tsx';
import { TopicsList } from './topics-list.tsx';
import { useDefinitions } from './use-definitions.ts';
import { useSchema } from './use-schema.ts';

/** One table: how it is, its rows, what it is made of, and what could not become rows. */
export function TableView({ name, start }: { readonly name: string; readonly start: string }) {
  const { live } = useGateway();
  const { data } = live;
  const table = data?.tables.find((each) => each.name === name);
  if (data !== undefined && table === undefined) {
    return (
      <p className="notice">
        There is no table {name} here, or none that you may read. <a href={overviewHref}>All tables</a>
      </p>
    );
  }
  const topics = data?.topics.filter(({ topic }) => table?.topics.includes(topic)) ?? [];
  return (
    <>
      <LiveSection title={<Crumbs name={name} />} live={live} className="table">
        {() => table !== undefined && <TableHead table={table} topics={topics} />}
      </LiveSection>
      {table !== undefined && data !== undefined && (
        <Definition table={table} start={start} names={data.tables.map((each) => each.name)} />
      )}
      {topics.length > 0 && (
        <LiveSection title={topics.length === 1 ? 'Topic' : 'Topics'} live={live}>
          {({ source }) => <TopicsList topics={topics} unit={source.offsetUnit} />}
        </LiveSection>
      )}
      <DeadLettersOf table={name} />
    </>
  );
}

/** Where it is, and the way back. */
function Crumbs({ name }: { readonly name: string }) {
  return (
    <>
      <a className="crumb" href={overviewHref}>
        Overview
      </a>{' '}
      <span className="crumb" aria-hidden="true">
        /
      </span>{' '}
      {name}
    </>
  );
}

interface DefinitionProps {
  readonly table: TableStatus;
  readonly start: string;
  readonly names: readonly string[];
}

/** What needs to know the schema: the rows, and the columns that they have. */
function Definition({ table, start, names }: DefinitionProps) {
  const definitions = useDefinitions(start);
  const schema = useSchema(start);
  if (definitions.state === 'loading' || schema.state === 'loading') {
    return <p className="notice waiting">Waiting for the schema…</p>;
  }
  const definition =
    definitions.state === 'ready' ? definitions.tables.find(({ name }) => name === table.name) : undefined;
  const reason = [definitions, schema].flatMap((each) => (each.state === 'failed' ? [each.reason] : []))[0];
  if (schema.state === 'failed' || !definition?.columns || !definition.fields) {
    return (
      <p className="notice">
        Rows cannot be browsed here: the gateway does not tell this caller its schema
        {reason === undefined ? '' : ` (${reason})`}.
      </p>
    );
  }
  return (
    <>
      <RowBrowser table={table} columns={definition.columns} fields={definition.fields} sdl={schema.sdl} />
      <ColumnsList
        table={table}
        description={definition.description}
        columns={definition.columns}
        sdl={schema.sdl}
        names={names}
      />
    </>
  );
}

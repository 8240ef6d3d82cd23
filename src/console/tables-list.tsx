import { BadCount } from './bad-count.tsx';
import type { TableStatus, TopicStatus } from './documents.ts';
import { useGateway } from './gateway-status.tsx';
import { recordsOf, rowsOf } from './measured.ts';
import { PhaseMark } from './phase-mark.tsx';
import { bySeverity } from './by-severity.ts';
import { tableHref } from './route.ts';
import { Rate } from './rate.tsx';
import { Scroll } from './scroll.tsx';
import { sum } from './sum.ts';
import { asGrowth, Filled, kindOf, Lag, Rows } from './table-parts.tsx';

export interface TablesListProps {
  readonly tables: readonly TableStatus[];
  readonly topics: readonly TopicStatus[];
}

export function TablesList({ tables, topics }: TablesListProps) {
  return (
    <Scroll label="Tables">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Table</th>
            <th scope="col">State</th>
            <th scope="col" className="number">
              Rows
            </th>
            <th scope="col" className="number narrow">
              Growth
            </th>
            <th scope="col" className="number narrow">
              Incoming
            </th>
            <th scope="col" className="number">
              Lag
            </th>
            <th scope="col" className="number">
              Bad records
            </th>
            <th scope="col" className="wide">
              From
            </th>
          </tr>
        </thead>
        <tbody>
          {tables.toSorted(bySeverity).map((table) => (
            <TableRow
              key={table.name}
              table={table}
              topics={topics.filter(({ topic }) => table.topics.includes(topic))}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function TableRow({ table, topics }: { readonly table: TableStatus; readonly topics: readonly TopicStatus[] }) {
  const { history, at } = useGateway();
  const { name, mode, phase, sources } = table;
  return (
    <tr>
      <th scope="row">
        <a className="cover" href={tableHref(name)}>
          {name}
        </a>{' '}
        <span className="tag">{kindOf(table)}</span>
      </th>
      <td>
        <PhaseMark phase={phase} />
        {phase === 'FILLING' && <Filled topics={topics} />}
      </td>
      <td className="number">
        <Rows table={table} />
      </td>
      <td className="number narrow">
        {mode !== 'STREAM' && <Rate perSecond={history.rate(rowsOf(name), at)} format={asGrowth} />}
      </td>
      <td className="number narrow">
        <Rate perSecond={sum(topics.map((topic) => history.rate(recordsOf(topic), at)))} />
      </td>
      <td className="number">
        <Lag table={table} topics={topics} />
      </td>
      <td className="number">
        <BadCount table={table} />
      </td>
      <td className="wide">
        <span className="from">{(sources.length > 0 ? sources : table.topics).join(', ')}</span>
      </td>
    </tr>
  );
}

import { BadCount } from './bad-count.tsx';
import type { TableStatus, TopicStatus } from './documents.ts';
import { useGateway } from './gateway-status.tsx';
import { List } from './list.tsx';
import type { ListHead } from './list.tsx';
import { recordsOf, rowsOf } from './measured.ts';
import { PhaseMark } from './phase-mark.tsx';
import { bySeverity } from './by-severity.ts';
import { tableHref } from './route.ts';
import { Rate } from './rate.tsx';
import { sum } from './sum.ts';
import { asGrowth, Filled, kindOf, Lag, Rows } from './table-parts.tsx';

const heads: readonly ListHead[] = [
  { name: 'Table' },
  { name: 'State' },
  { name: 'Rows', className: 'number' },
  { name: 'Growth', className: 'number narrow' },
  { name: 'Incoming', className: 'number narrow' },
  { name: 'Lag', className: 'number' },
  { name: 'Bad records', className: 'number' },
  { name: 'From', className: 'wide' },
];

export interface TablesListProps {
  readonly tables: readonly TableStatus[];
  readonly topics: readonly TopicStatus[];
}

export function TablesList({ tables, topics }: TablesListProps) {
  return (
    <List label="Tables" heads={heads}>
      <tbody>
        {tables.toSorted(bySeverity).map((table) => (
          <TableRow
            key={table.name}
            table={table}
            topics={topics.filter(({ topic }) => table.topics.includes(topic))}
          />
        ))}
      </tbody>
    </List>
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

import type { DeadLetter } from './documents.ts';
import { useGateway } from './gateway-status.tsx';
import { List } from './list.tsx';
import type { ListHead } from './list.tsx';
import { tableHref } from './route.ts';

const heads: readonly ListHead[] = [
  { name: 'Record' },
  { name: 'Table' },
  { name: 'Code' },
  { name: 'Reason' },
  { name: 'Written', className: 'narrow' },
];

export interface TableDeadLetter extends DeadLetter {
  readonly table: string;
}

const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** Records that could not become rows: which, and why. */
export function DeadLettersList({ letters }: { readonly letters: readonly TableDeadLetter[] }) {
  const { live } = useGateway();
  const tables = new Set(letters.map(({ table }) => table));
  const topics = new Set(live.data?.tables.flatMap((table) => table.topics));
  // What is wrong with a group of an aggregation stands in no record.
  const isOfRecord = (topic: string): boolean => topics.size === 0 || topics.has(topic);
  return (
    <>
      <List label="Dead letters" kind="letters" heads={heads}>
        <tbody>
          {letters.map(({ table, topic, partition, offset, version, code, reason, timestamp }) => (
            <tr key={`${table} ${topic} ${partition} ${offset} ${version} ${code} ${reason}`}>
              <th scope="row">
                {topic}
                {isOfRecord(topic) ? (
                  <span className="from">
                    {' '}
                    partition {partition}, offset <data value={offset}>{offset}</data>
                  </span>
                ) : (
                  <span className="from"> a row of it</span>
                )}
              </th>
              <td>
                <a href={tableHref(table)}>{table}</a>
              </td>
              <td>
                <code>{code}</code>
              </td>
              <td className="reason">{reason ?? <span className="none">not told to this caller</span>}</td>
              <td className="narrow">
                {timestamp === null ? (
                  <span className="none">unknown</span>
                ) : (
                  <time dateTime={timestamp}>{when.format(Date.parse(timestamp))}</time>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </List>
      {typeof live.data?.liveQueryCount === 'number' && (
        <p className="hint">
          What stands in these records is in their topics alone. On the machine of the gateway, in its folder:{' '}
          <code>npx headgate dead-letters {tables.size === 1 ? [...tables][0] : 'TABLE'}</code>
        </p>
      )}
    </>
  );
}

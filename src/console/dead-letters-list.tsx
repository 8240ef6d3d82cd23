import type { DeadLetter } from './documents.ts';
import { tableHref } from './route.ts';
import { Scroll } from './scroll.tsx';

export interface TableDeadLetter extends DeadLetter {
  readonly table: string;
}

const when = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** Records that could not become rows: which, and why. */
export function DeadLettersList({ letters }: { readonly letters: readonly TableDeadLetter[] }) {
  return (
    <Scroll label="Dead letters">
      <table className="list letters">
        <thead>
          <tr>
            <th scope="col">Record</th>
            <th scope="col">Table</th>
            <th scope="col">Code</th>
            <th scope="col">Reason</th>
            <th scope="col" className="narrow">
              Written
            </th>
          </tr>
        </thead>
        <tbody>
          {letters.map(({ table, topic, partition, offset, code, reason, timestamp }) => (
            <tr key={`${table} ${topic} ${partition} ${offset} ${code}`}>
              <th scope="row">
                {topic}
                <span className="from">
                  {' '}
                  partition {partition}, offset <data value={offset}>{offset}</data>
                </span>
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
      </table>
    </Scroll>
  );
}

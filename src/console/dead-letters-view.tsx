import { useState } from 'react';
import { LiveSection } from '../page/live-section.tsx';
import { DeadLettersList } from './dead-letters-list.tsx';
import { useDeadLetters } from './use-dead-letters.ts';

const perTable = 100;

/** The newest of all tables, or of one. */
export function DeadLettersView({ name }: { readonly name: string }) {
  const live = useDeadLetters(perTable);
  const [table, setTable] = useState(name);
  return (
    <LiveSection title="Dead letters" note={`the newest ${perTable} of each table`} live={live}>
      {({ letters, hidden }) => {
        const tables = [
          ...new Set([...(table === '' ? [] : [table]), ...letters.map((letter) => letter.table)]),
        ].toSorted();
        const shown = letters.filter((letter) => table === '' || letter.table === table);
        return (
          <>
            {(tables.length > 1 || table !== '') && (
              <div className="filters">
                <label>
                  Table{' '}
                  <select value={table} onChange={({ target }) => setTable(target.value)}>
                    <option value="">all</option>
                    {tables.map((name) => (
                      <option key={name}>{name}</option>
                    ))}
                  </select>
                </label>
              </div>
            )}
            {shown.length > 0 ? (
              <DeadLettersList letters={shown} />
            ) : (
              (hidden.length === 0 || (table !== '' && !hidden.includes(table))) && (
                <p className="notice">Every record could become a row.</p>
              )
            )}
            <Hidden tables={hidden} />
          </>
        );
      }}
    </LiveSection>
  );
}

function Hidden({ tables }: { readonly tables: readonly string[] }) {
  if (tables.length === 0) return null;
  return <p className="hint">Not shown to this caller, who may not read all of their rows: {tables.join(', ')}.</p>;
}

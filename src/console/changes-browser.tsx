import { gql } from '@apollo/client';
import { useMemo } from 'react';
import { asClock } from '../page/format.ts';
import { Cell, isNumeric } from './cell.tsx';
import type { Column } from './documents.ts';
import { Refusal } from './refusal.tsx';
import { changesText, whereOf } from './row-query.ts';
import type { AskedTable, RowFilter } from './row-query.ts';
import { Scroll } from './scroll.tsx';
import { useChanges } from './use-changes.ts';
import type { RowChange } from './use-changes.ts';

const most = 100;
const words: Readonly<Record<RowChange['operation'], string>> = {
  INSERT: 'insert',
  UPDATE: 'update',
  DELETE: 'delete',
};

export interface ChangesBrowserProps {
  readonly asked: AskedTable;
  readonly field: string;
  readonly columns: readonly Column[];
  readonly filters: readonly RowFilter[];
  onRetry(): void;
}

/** The changes that arrived since this was opened, the newest at the top. */
export function ChangesBrowser({ asked, field, columns, filters, onRetry }: ChangesBrowserProps) {
  const query = useMemo(() => gql(changesText(asked, field)), [asked, field]);
  const { newest, error } = useChanges(query, whereOf(filters), most);
  return (
    <>
      {error !== undefined && <Refusal error={error} onRetry={onRetry} />}
      {newest.length === 0 ? (
        <p className="notice">Nothing has changed since this was opened.</p>
      ) : (
        <Scroll label="Changes">
          <table className="list rows">
            <thead>
              <tr>
                <th scope="col">At</th>
                <th scope="col">Change</th>
                {columns.map(({ name, type }) => (
                  <th key={name} scope="col" className={isNumeric(type) ? 'number' : undefined} title={type}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {newest.map(({ number, change: { operation, rowId, timestamp, changedFields, node } }) => (
                <tr key={number} data-operation={operation} className="arrived">
                  <td title={timestamp}>{asClock(Date.parse(timestamp))}</td>
                  <td>
                    <span className="operation">{words[operation]}</span>
                  </td>
                  {node === null ? (
                    <td colSpan={columns.length} className="gone">
                      {rowId}
                    </td>
                  ) : (
                    columns.map(({ name, type }) => (
                      <Cell key={name} value={node[name]} type={type} changed={changedFields.includes(name)} />
                    ))
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}

import { gql } from '@apollo/client';
import { useMemo } from 'react';
import { asClock } from '../page/format.ts';
import { Cell, isNumeric } from './cell.tsx';
import type { Column } from './documents.ts';
import { List } from './list.tsx';
import type { ListHead } from './list.tsx';
import { Refusal } from './refusal.tsx';
import { changesText, whereOf } from './row-query.ts';
import type { AskedTable, RowFilter } from './row-query.ts';
import { useChanges } from './use-changes.ts';
import type { RowChange } from './use-changes.ts';

const most = 100;
const words: Readonly<Record<RowChange['operation'], string>> = {
  INSERT: 'insert',
  UPDATE: 'update',
  DELETE: 'delete',
};

const ownHeads: readonly ListHead[] = [{ name: 'At' }, { name: 'Change' }];

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
        <List label="Changes" kind="rows" heads={[...ownHeads, ...columns.map(headOf)]}>
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
        </List>
      )}
    </>
  );
}

function headOf({ name, type }: Column): ListHead {
  return { name, className: isNumeric(type) ? 'number' : undefined, title: type };
}

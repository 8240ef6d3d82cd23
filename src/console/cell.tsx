import { plain } from './plain.ts';

/** Of a column that is one number. */
export function isNumeric(type: string): boolean {
  return /^(Int|Float|BigInt|Decimal)!?$/.test(type);
}

export interface CellProps {
  readonly value: unknown;
  readonly type: string;
  /** It is what an update changed. */
  readonly changed?: boolean;
}

/** A value as the gateway sent it; what is long is cut for the eye, and whole where the pointer rests. */
export function Cell({ value, type, changed = false }: CellProps) {
  const classes = [isNumeric(type) && 'number', changed && 'changed'].filter(Boolean).join(' ');
  return (
    <td className={classes === '' ? undefined : classes}>
      <Value value={value} />
    </td>
  );
}

function Value({ value }: { readonly value: unknown }) {
  if (value === null || value === undefined) return <span className="none">null</span>;
  if (value === '') return <span className="none">empty</span>;
  const text = typeof value === 'string' ? value : JSON.stringify(plain(value));
  return (
    <span className={typeof value === 'object' ? 'cell json' : 'cell'} title={text.length > 40 ? text : undefined}>
      {text}
    </span>
  );
}

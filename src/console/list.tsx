import type { ReactNode } from 'react';
import { Scroll } from './scroll.tsx';

/** What stands above a column. */
export interface ListHead {
  /** Empty above buttons. */
  readonly name: string;
  /** `number`: to the right. `wide`, `narrow`: left out where there is little room, sooner or later. */
  readonly className?: 'number' | 'wide' | 'narrow' | 'number wide' | 'number narrow' | undefined;
  readonly title?: string | undefined;
}

export interface ListProps {
  readonly label: string;
  /** A style of its own. */
  readonly kind?: string;
  readonly heads: readonly ListHead[];
  /** Its `tbody`. */
  readonly children: ReactNode;
}

/** The frame that the console's lists share. */
export function List({ label, kind, heads, children }: ListProps) {
  return (
    <Scroll label={label}>
      <table className={kind === undefined ? 'list' : `list ${kind}`}>
        <thead>
          <tr>
            {heads.map(({ name, className, title }, index) =>
              name === '' ? (
                <td key={index} />
              ) : (
                <th key={index} scope="col" className={className} title={title}>
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        {children}
      </table>
    </Scroll>
  );
}

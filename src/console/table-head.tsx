import type { ReactNode } from 'react';
import { BadCount } from './bad-count.tsx';
import type { TableStatus, TopicStatus } from './documents.ts';
import { useGateway } from './gateway-status.tsx';
import { recordsOf, rowsOf } from './measured.ts';
import { PhaseMark } from './phase-mark.tsx';
import { Rate } from './rate.tsx';
import { tableHref } from './route.ts';
import { sum } from './sum.ts';
import { asGrowth, Filled, kindOf, Lag, Rows } from './table-parts.tsx';

/** How one table is. */
export function TableHead({ table, topics }: { readonly table: TableStatus; readonly topics: readonly TopicStatus[] }) {
  const { history, at } = useGateway();
  const { name, phase, sources, topics: names } = table;
  return (
    <dl className="figures">
      <Figure name="State">
        <PhaseMark phase={phase} />
        {phase === 'FILLING' && <Filled topics={topics} />}
      </Figure>
      <Figure name="Rows">
        <Rows table={table} />
      </Figure>
      <Figure name="Growth">
        <Rate perSecond={history.rate(rowsOf(name), at)} format={asGrowth} />
      </Figure>
      <Figure name="Incoming">
        <Rate perSecond={sum(topics.map((topic) => history.rate(recordsOf(topic), at)))} />
      </Figure>
      <Figure name="Lag">
        <Lag table={table} topics={topics} />
      </Figure>
      <Figure name="Bad records">
        <BadCount table={table} />
      </Figure>
      <Figure name="Kind">{kindOf(table)}</Figure>
      <Figure name={sources.length > 0 ? 'Made from' : 'Topic'}>
        {sources.length > 0
          ? sources.map((source) => (
              <a key={source} className="table-name" href={tableHref(source)}>
                {source}
              </a>
            ))
          : names.join(', ')}
      </Figure>
    </dl>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

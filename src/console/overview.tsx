import { LiveSection } from '../page/live-section.tsx';
import { useGateway } from './gateway-status.tsx';
import { TablesList } from './tables-list.tsx';
import { TopicsList } from './topics-list.tsx';

export function Overview() {
  const { live } = useGateway();
  return (
    <>
      <LiveSection title="Tables" note="rates are of the last ten seconds" live={live}>
        {({ tables, topics }) =>
          tables.length === 0 ? (
            <p className="notice">There is no table, or none that you may read.</p>
          ) : (
            <TablesList tables={tables} topics={topics} />
          )
        }
      </LiveSection>
      <LiveSection title="Topics" note="plots: the last five minutes, as far as this page was open" live={live}>
        {({ topics, source }) =>
          topics.length === 0 ? (
            <p className="notice">No table that may be read has a topic.</p>
          ) : (
            <TopicsList topics={topics} unit={source.offsetUnit} />
          )
        }
      </LiveSection>
    </>
  );
}

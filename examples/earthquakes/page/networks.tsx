import { inTenths, inWhole } from '../../../src/page/format.ts';
import { LiveNumber } from '../../../src/page/live-number.tsx';
import { LiveSection } from '../../../src/page/live-section.tsx';
import { useLive } from '../../../src/page/use-live.ts';
import { useMovingRows } from '../../../src/page/use-moving-rows.ts';
import { networkDays } from './documents.ts';
import type { NetworkDay } from './documents.ts';
import { asFeedDay } from './feed-time.ts';

/** What each network has recorded on the newest day of the feed. */
export function Networks() {
  const live = useLive(networkDays, {});
  const day = live.data?.networkStatsList[0]?.timestamp;
  return (
    <LiveSection
      title="Networks, that day"
      note={day === undefined ? undefined : `${asFeedDay(day)}, UTC`}
      live={live}
      className="networks"
    >
      {({ networkStatsList }) => <Days rows={networkStatsList.filter(({ timestamp }) => timestamp === day)} />}
    </LiveSection>
  );
}

function Days({ rows }: { readonly rows: readonly NetworkDay[] }) {
  const body = useMovingRows<HTMLTableSectionElement>();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Network</th>
          <th scope="col">Quakes</th>
          <th scope="col">Mean</th>
          <th scope="col">Strongest</th>
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map(({ networkId, network, earthquakes, average, strongest, strongestAt }) => (
          <tr key={networkId} data-row={networkId}>
            <th scope="row" title={network?.name}>
              {network?.name ?? networkId}
            </th>
            <td>
              <LiveNumber value={earthquakes} format={inWhole} />
            </td>
            <td>
              <LiveNumber value={average} format={inTenths} />
            </td>
            <td title={strongestAt[0]}>
              <LiveNumber value={strongest} format={inTenths} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

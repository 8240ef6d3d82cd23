import { inWhole } from '../../../src/page/format.ts';
import { LiveNumber } from '../../../src/page/live-number.tsx';
import { LiveSection } from '../../../src/page/live-section.tsx';
import { useLive } from '../../../src/page/use-live.ts';
import { audience } from './documents.ts';
import type { AudienceRow } from './documents.ts';

const stepMs = 10_000;
const minuteMs = 60_000;
/** Minutes that have begun, but in which there was not a whole minute to listen. */
const unfinished = minuteMs / stepMs - 1;

/** How many listen, and how many did in the quarter of an hour before. */
export function Listeners() {
  const live = useLive(audience, {});
  return (
    <LiveSection title="Listening now" note="different people, last minute" live={live} className="listeners">
      {({ audiences }) => {
        const minutes = audiences.slice(unfinished);
        const [now] = minutes;
        return now === undefined ? (
          <p className="notice">Nobody has listened for a minute yet.</p>
        ) : (
          <>
            <p className="total">
              <LiveNumber value={now.listeners} format={inWhole} />
            </p>
            <History minutes={minutes} />
            <p className="note">
              <LiveNumber value={now.plays} format={inWhole} /> plays in the same minute
            </p>
          </>
        );
      }}
    </LiveSection>
  );
}

const width = 320;
const height = 96;
const spanMs = 15 * minuteMs;

function History({ minutes }: { readonly minutes: readonly AudienceRow[] }) {
  const newest = Date.parse(minutes[0]?.timestamp ?? '');
  const counts = minutes.map(({ listeners }) => listeners);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const x = ({ timestamp }: AudienceRow): number => width * (1 - (newest - Date.parse(timestamp)) / spanMs);
  const y = ({ listeners }: AudienceRow): number => height - 4 - ((height - 12) * listeners) / most;
  const lines = withoutGaps(minutes).map((stretch) =>
    stretch.map((row) => `${x(row).toFixed(1)},${y(row).toFixed(1)}`),
  );
  return (
    <figure className="history">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Listeners in the last quarter of an hour: between ${least} and ${most}`}
      >
        {lines.map((points) => (
          <g key={points[0]}>
            <polygon
              points={`${points.join(' ')} ${points.at(-1)?.split(',')[0]},${height} ${points[0]?.split(',')[0]},${height}`}
            />
            <polyline points={points.join(' ')} />
          </g>
        ))}
      </svg>
      <figcaption aria-hidden="true">
        <span>15 min ago</span>
        <span>most: {inWhole(most)}</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}

/** Where nobody listened, or the example was not running, there is no line. */
function withoutGaps(minutes: readonly AudienceRow[]): readonly (readonly AudienceRow[])[] {
  const stretches: AudienceRow[][] = [];
  let before = 0;
  for (const row of minutes) {
    const at = Date.parse(row.timestamp);
    if (before - at === stepMs) stretches.at(-1)?.push(row);
    else stretches.push([row]);
    before = at;
  }
  return stretches;
}

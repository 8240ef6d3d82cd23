import { inWhole } from '../../../src/page/format.ts';
import { LiveNumber } from '../../../src/page/live-number.tsx';
import { LiveSection } from '../../../src/page/live-section.tsx';
import { useLive } from '../../../src/page/use-live.ts';
import { useMovingRows } from '../../../src/page/use-moving-rows.ts';
import { topFive } from './documents.ts';
import type { ChartRow } from './documents.ts';

export interface ChartProps {
  readonly genre: string;
  /** As people call the genre. */
  readonly name: string;
  /** When the hour began, ms. */
  readonly hour: number;
  /** It is the hour that goes on. */
  readonly now: boolean;
}

/** The five songs; rows change places as the songs do. */
export function Chart({ genre, name, hour, now }: ChartProps) {
  const live = useLive(topFive, { genre, hour: new Date(hour).toISOString() });
  return (
    <LiveSection title={`${name}, top five`} note={now ? 'this hour, so far' : 'as that hour ended'} live={live}>
      {({ songStatsList }) =>
        songStatsList.length === 0 ? (
          <p className="notice">
            Nobody has played {name.toLowerCase()} {now ? 'in this hour yet' : 'in that hour'}.
          </p>
        ) : (
          <Songs key={`${genre} ${hour}`} rows={songStatsList} />
        )
      }
    </LiveSection>
  );
}

function Songs({ rows }: { readonly rows: readonly ChartRow[] }) {
  const list = useMovingRows<HTMLOListElement>();
  const most = rows[0]?.plays ?? 1;
  return (
    <ol className="songs" ref={list}>
      {rows.map(({ songId, plays, listeners, song }, index) => (
        <li key={songId} data-row={songId}>
          <span className="rank" aria-hidden="true">
            {index + 1}
          </span>
          <span className="song">
            <strong>{song?.title ?? 'A song not in the catalogue yet'}</strong>
            <span>{song?.artist?.name ?? 'unknown artist'}</span>
          </span>
          <span className="count">
            <LiveNumber value={plays} format={inWhole} />
            <span> plays</span>
          </span>
          <span className="count ears">
            <LiveNumber value={listeners} format={inWhole} />
            <span> listeners</span>
          </span>
          <span className="bar" aria-hidden="true" style={{ scale: `${plays / most} 1` }} />
        </li>
      ))}
    </ol>
  );
}

import { useState } from 'react';
import { inTenths, inWhole } from '../../../src/page/format.ts';
import { LiveNumber } from '../../../src/page/live-number.tsx';
import { LivePage } from '../../../src/page/live-page.tsx';
import { LiveSection } from '../../../src/page/live-section.tsx';
import { useLive } from '../../../src/page/use-live.ts';
import { useMovingRows } from '../../../src/page/use-moving-rows.ts';
import { useRows } from '../../../src/page/use-rows.ts';
import { feltQuakes, quakeChanges } from './documents.ts';
import type { Quake, QuakeMessages } from './documents.ts';
import './earthquakes.css';
import { asFeedDay, asFeedTime } from './feed-time.ts';
import { Legend } from './legend.tsx';
import { Networks } from './networks.tsx';
import { QuakeMap } from './quake-map.tsx';
import { views } from './views.ts';

const messageOf = (data: QuakeMessages): QuakeMessages['earthquakeChanges'] => data.earthquakeChanges;

/** A week of earthquakes, on a map. */
export function EarthquakesPage() {
  const quakes = useRows<Quake, QuakeMessages>(quakeChanges, messageOf);
  const felt = useLive(feltQuakes, {});
  const [view, setView] = useState(views[0]!);
  const [selected, setSelected] = useState<Quake>();
  const newest = felt.data?.earthquakesConnection.edges[0]?.node.time;

  return (
    <LivePage
      title="A week of earthquakes"
      subtitle={`A replay of the first week of February 2018, ${inWhole(SPEED)} times as fast as it was.`}
      footer={
        <>
          Recorded by the <a href="https://earthquake.usgs.gov/earthquakes/feed/">USGS Earthquake Hazards Program</a>,
          31 January to 7 February 2018, and replayed here: the quakes and their numbers are real, their hour is not
          now. Times are UTC. Nothing is interpolated. Coast lines: Natural Earth.
        </>
      }
    >
      <div className="quakes">
        <LiveSection
          title="Where the ground moved"
          note={newest === undefined ? undefined : `${asFeedDay(newest)}, UTC`}
          live={quakes}
          className="where"
        >
          {(rows) => (
            <>
              <QuakeMap quakes={rows} view={view} selected={selected} />
              <div className="below">
                <fieldset className="views">
                  <legend className="hidden">Part of the world</legend>
                  {views.map((each) => (
                    <label key={each.name}>
                      <input type="radio" name="view" checked={each === view} onChange={() => setView(each)} />
                      {each.name}
                    </label>
                  ))}
                </fieldset>
                <Legend />
              </div>
            </>
          )}
        </LiveSection>
        <LiveSection title="Felt, newest first" note="magnitude 2.5 and above" live={felt} className="felt">
          {({ earthquakesConnection: { edges, totalCount } }) => (
            <>
              <Felt quakes={edges.map(({ node }) => node)} onSelect={setSelected} />
              <p className="note">
                the newest of <LiveNumber value={totalCount} format={inWhole} />
              </p>
            </>
          )}
        </LiveSection>
        <Networks />
      </div>
    </LivePage>
  );
}

interface FeltProps {
  readonly quakes: readonly Quake[];
  onSelect(quake: Quake | undefined): void;
}

function Felt({ quakes, onSelect }: FeltProps) {
  const list = useMovingRows<HTMLOListElement>();
  return (
    <ol ref={list}>
      {quakes.map((quake) => (
        <li key={quake.id} data-row={quake.id}>
          <button
            type="button"
            onFocus={() => onSelect(quake)}
            onBlur={() => onSelect(undefined)}
            onPointerEnter={() => onSelect(quake)}
            onPointerLeave={() => onSelect(undefined)}
          >
            <LiveNumber value={quake.magnitude} format={inTenths} />
            <span>{quake.place}</span>
            <time dateTime={quake.time}>{asFeedTime(quake.time)}</time>
          </button>
        </li>
      ))}
    </ol>
  );
}

import { useEffect, useState } from 'react';
import { LivePage } from '../../../src/page/live-page.tsx';
import './charts.css';
import { Listeners } from './listeners.tsx';
import { Chart } from './chart.tsx';

const genres = ['POP', 'ROCK', 'ELECTRONIC', 'HIPHOP', 'SOUL', 'JAZZ', 'FOLK', 'CLASSICAL'] as const;
const names: Readonly<Record<(typeof genres)[number], string>> = {
  POP: 'Pop',
  ROCK: 'Rock',
  ELECTRONIC: 'Electronic',
  HIPHOP: 'Hip-hop',
  SOUL: 'Soul',
  JAZZ: 'Jazz',
  FOLK: 'Folk',
  CLASSICAL: 'Classical',
};
const hourMs = 3_600_000;
const hoursBack = 12;

/** The charts, by genre and hour. */
export function ChartsPage() {
  const [genre, setGenre] = useState<(typeof genres)[number]>('POP');
  const [hoursAgo, setHoursAgo] = useState(0);
  const thisHour = useThisHour();
  const hour = thisHour - hoursAgo * hourMs;

  useEffect(() => {
    document.documentElement.style.setProperty('--hue', String(20 + genres.indexOf(genre) * 45));
  }, [genre]);

  return (
    <LivePage
      title="The charts, as they are played"
      subtitle="Five hundred people listen. Every song heard for half a minute counts here at once."
      footer={
        <>
          Artists, songs and listeners are invented, and the first day of plays is made up when the example starts; the
          counting is real: one aggregation over the topic of plays, kept live by{' '}
          <a href="/graphql">a GraphQL subscription</a>. Hours are those of your clock.
        </>
      }
    >
      <div className="charts">
        <fieldset className="genres">
          <legend className="hidden">Genre</legend>
          {genres.map((name) => (
            <label key={name}>
              <input type="radio" name="genre" checked={genre === name} onChange={() => setGenre(name)} />
              {names[name]}
            </label>
          ))}
        </fieldset>
        <div className="chart">
          <Chart genre={genre} name={names[genre]} hour={hour} now={hoursAgo === 0} />
          <fieldset className="hours">
            <legend className="hidden">Hour</legend>
            {Array.from({ length: hoursBack }, (_, ago) => (
              <label key={ago}>
                <input type="radio" name="hour" checked={hoursAgo === ago} onChange={() => setHoursAgo(ago)} />
                {ago === 0 ? 'This hour' : asHour(thisHour - ago * hourMs)}
              </label>
            ))}
          </fieldset>
        </div>
        <Listeners />
      </div>
    </LivePage>
  );
}

const hourFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

export function asHour(ms: number): string {
  return hourFormat.format(ms);
}

/** When this hour began, ms; the next one when it comes. */
function useThisHour(): number {
  const [hour, setHour] = useState(() => Math.floor(Date.now() / hourMs) * hourMs);
  useEffect(() => {
    const timer = setTimeout(() => setHour(hour + hourMs), hour + hourMs - Date.now());
    return () => clearTimeout(timer);
  }, [hour]);
  return hour;
}

import { inCents, inWhole } from '../../../src/page/format.ts';
import { LiveNumber } from '../../../src/page/live-number.tsx';
import { LiveSection } from '../../../src/page/live-section.tsx';
import { useLive } from '../../../src/page/use-live.ts';
import { minutes } from './documents.ts';
import { Money } from './money.tsx';
import { PricePlot } from './price-plot.tsx';

/** The average bid and ask of an asset: of this minute in numbers, and of those before it as a plot. */
export function AveragePrices({ asset }: { readonly asset: string }) {
  const live = useLive(minutes, { asset });
  return (
    <LiveSection
      title={`${asset}, averages by the minute`}
      note="this minute is not over"
      live={live}
      className="prices"
    >
      {({ quoteMinutes }) => {
        const [now] = quoteMinutes;
        return now === undefined ? (
          <p className="notice">Nobody has quoted {asset} yet.</p>
        ) : (
          <>
            <dl>
              <div>
                <dt>Average bid</dt>
                <dd>
                  <Money value={now.bid} format={inCents} money />
                </dd>
              </div>
              <div>
                <dt>Average ask</dt>
                <dd>
                  <Money value={now.ask} format={inCents} money />
                </dd>
              </div>
              <div>
                <dt>Spread, bp</dt>
                <dd>
                  <Money value={now.spreadBasisPoints} format={inCents} />
                </dd>
              </div>
              <div>
                <dt>Quotes</dt>
                <dd>
                  <LiveNumber value={now.ticks} format={inWhole} />
                </dd>
              </div>
            </dl>
            <PricePlot asset={asset} minutes={quoteMinutes} />
          </>
        );
      }}
    </LiveSection>
  );
}

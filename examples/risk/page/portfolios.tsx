import { asGain, inWhole } from '../../../src/page/format.ts';
import { LiveNumber } from '../../../src/page/live-number.tsx';
import { LiveSection } from '../../../src/page/live-section.tsx';
import { useLive } from '../../../src/page/use-live.ts';
import { useMovingRows } from '../../../src/page/use-moving-rows.ts';
import { exposures } from './documents.ts';
import type { Exposure } from './documents.ts';
import { Money } from './money.tsx';

export interface PortfoliosProps {
  /** Its id. */
  readonly selected: string;
  onSelect(portfolio: string): void;
}

/** The portfolios, the most exposed first. Choosing one shows its positions. */
export function Portfolios(props: PortfoliosProps) {
  const live = useLive(exposures, {});
  return (
    <LiveSection title="Portfolios" note="by exposure" live={live} className="portfolios">
      {({ portfolioExposures }) => <Cards {...props} rows={portfolioExposures} />}
    </LiveSection>
  );
}

function Cards({ rows, selected, onSelect }: PortfoliosProps & { readonly rows: readonly Exposure[] }) {
  const list = useMovingRows<HTMLUListElement>();
  const most = Number(rows[0]?.exposure ?? 1);
  return (
    <ul ref={list}>
      {rows.map(({ portfolioId, positions, exposure, profit, portfolio }) => (
        <li key={portfolioId} data-row={portfolioId}>
          <label>
            <input
              type="radio"
              name="portfolio"
              checked={portfolioId === selected}
              onChange={() => onSelect(portfolioId)}
            />
            <span className="who">
              <strong>{portfolio?.name ?? portfolioId}</strong>
              <span>
                {portfolio?.manager ?? 'unknown'}, <LiveNumber value={positions} format={inWhole} /> positions
              </span>
            </span>
            <span className="amount">
              <Money value={exposure} format={inWhole} />
              <Money value={profit} format={asGain} money signed />
            </span>
            <span className="bar" aria-hidden="true" style={{ scale: `${Number(exposure ?? 0) / most} 1` }} />
          </label>
        </li>
      ))}
    </ul>
  );
}

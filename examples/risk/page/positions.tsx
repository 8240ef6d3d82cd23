import { asGain, inCents, inWhole } from '../../../src/page/format.ts';
import { LiveNumber } from '../../../src/page/live-number.tsx';
import { LiveSection } from '../../../src/page/live-section.tsx';
import { useLive } from '../../../src/page/use-live.ts';
import { useMovingRows } from '../../../src/page/use-moving-rows.ts';
import { positions } from './documents.ts';
import type { Position } from './documents.ts';
import { Money } from './money.tsx';

export interface PositionsProps {
  /** Its id. */
  readonly portfolio: string;
  /** The one whose prices are shown. */
  readonly asset: string;
  onSelect(asset: string): void;
}

/** What a portfolio holds, the largest first. Choosing an asset shows its prices. */
export function Positions({ portfolio, ...props }: PositionsProps) {
  const live = useLive(positions, { portfolio });
  return (
    <LiveSection title="Positions" note="largest first; a negative quantity is owed" live={live} className="positions">
      {({ positionValues }) =>
        positionValues.length === 0 ? (
          <p className="notice">This portfolio holds nothing.</p>
        ) : (
          <Table key={portfolio} {...props} rows={positionValues} />
        )
      }
    </LiveSection>
  );
}

function Table({ rows, asset, onSelect }: Omit<PositionsProps, 'portfolio'> & { readonly rows: readonly Position[] }) {
  const body = useMovingRows<HTMLTableSectionElement>();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Asset</th>
          <th scope="col">Quantity</th>
          <th scope="col" className="wide">
            Bought at
          </th>
          <th scope="col" className="wide">
            Bid
          </th>
          <th scope="col" className="wide">
            Ask
          </th>
          <th scope="col">Exposure</th>
          <th scope="col">Profit</th>
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map((position) => (
          <tr key={position.assetId} data-row={position.assetId} data-selected={position.assetId === asset}>
            <th scope="row">
              <button
                type="button"
                aria-pressed={position.assetId === asset}
                onClick={() => onSelect(position.assetId)}
              >
                <strong>{position.assetId}</strong> <span>{position.asset?.name}</span>
              </button>
            </th>
            <td>
              <LiveNumber value={position.quantity} format={inWhole} />
            </td>
            <td className="wide">
              <Money value={position.averagePrice} format={inCents} />
            </td>
            <td className="wide">
              <Money value={position.bid} format={inCents} money />
            </td>
            <td className="wide">
              <Money value={position.ask} format={inCents} money />
            </td>
            <td>
              <Money value={position.exposure} format={inWhole} />
            </td>
            <td>
              <Money value={position.profit} format={asGain} money signed />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

import { useState } from 'react';
import { LivePage } from '../../../src/page/live-page.tsx';
import { AveragePrices } from './average-prices.tsx';
import { Portfolios } from './portfolios.tsx';
import { Positions } from './positions.tsx';
import './risk.css';

/** What five portfolios own, what it is worth, and what they stand to lose. */
export function RiskPage() {
  const [portfolio, setPortfolio] = useState('growth');
  const [asset, setAsset] = useState('KITE');
  return (
    <LivePage
      title="Risk"
      subtitle="What is owned, what it is worth, and what there is to lose: every quote moves it at once."
      footer={
        <>
          The market, its companies and its portfolios are invented; what follows from their quotes and trades is
          counted exactly, in Decimals, in the commit of the quote that moves it. Amounts are rounded for reading only.
        </>
      }
    >
      <div className="risk">
        <Portfolios selected={portfolio} onSelect={setPortfolio} />
        <Positions portfolio={portfolio} asset={asset} onSelect={setAsset} />
        <AveragePrices asset={asset} />
      </div>
    </LivePage>
  );
}

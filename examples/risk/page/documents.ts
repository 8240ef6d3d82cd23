import { gql } from '@apollo/client';
import type { TypedDocumentNode } from '@apollo/client';

/** A Decimal or a BigInt: digits, exact. Null where it cannot be told, as the value of what has no quote yet. */
export type Digits = string | null;

export interface Exposure {
  readonly portfolioId: string;
  readonly positions: number;
  readonly exposure: Digits;
  readonly marketValue: Digits;
  readonly profit: Digits;
  readonly portfolio: { readonly name: string; readonly manager: string } | null;
}

/** What each portfolio stands to lose. `useLive` keeps the answer true. */
export const exposures: TypedDocumentNode<
  { readonly portfolioExposures: readonly Exposure[] },
  Record<string, never>
> = gql`
  query Exposures {
    portfolioExposures(orderBy: [{ exposure: DESC }]) {
      portfolioId
      positions
      exposure
      marketValue
      profit
      portfolio {
        name
        manager
      }
    }
  }
`;

export interface Position {
  readonly assetId: string;
  readonly sector: string | null;
  readonly quantity: string;
  readonly averagePrice: Digits;
  readonly bid: Digits;
  readonly ask: Digits;
  readonly exposure: Digits;
  readonly profit: Digits;
  readonly asset: { readonly name: string } | null;
}

/** What a portfolio holds, with the newest quotes beside it. */
export const positions: TypedDocumentNode<
  { readonly positionValues: readonly Position[] },
  { readonly portfolio: string }
> = gql`
  query Positions($portfolio: ID!) {
    positionValues(where: { portfolioId: { eq: $portfolio } }, orderBy: [{ exposure: DESC }]) {
      assetId
      sector
      quantity
      averagePrice
      bid
      ask
      exposure
      profit
      asset {
        name
      }
    }
  }
`;

export interface Minute {
  readonly timestamp: string;
  readonly bid: string;
  readonly ask: string;
  readonly low: string;
  readonly high: string;
  readonly spreadBasisPoints: string;
  readonly ticks: number;
  readonly closed: boolean;
}

/** The average bid and ask of an asset, minute by minute: the last half an hour. */
export const minutes: TypedDocumentNode<{ readonly quoteMinutes: readonly Minute[] }, { readonly asset: string }> = gql`
  query Minutes($asset: ID!) {
    quoteMinutes(where: { assetId: { eq: $asset } }, orderBy: [{ timestamp: DESC }], limit: 30) {
      timestamp
      bid
      ask
      low
      high
      spreadBasisPoints
      ticks
      closed
    }
  }
`;

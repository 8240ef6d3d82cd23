import { gql } from '@apollo/client';
import type { TypedDocumentNode } from '@apollo/client';
import type { ChangesMessage } from 'headgate/client';

export interface Quake {
  readonly id: string;
  readonly time: string;
  readonly magnitude: number;
  readonly place: string;
  /** Longitude and latitude in degrees, depth in km. */
  readonly coordinates: readonly [number, number, number];
}

export interface QuakeMessages {
  readonly earthquakeChanges: ChangesMessage<Quake>;
}

/**
 * Every quake that there is, and then each as it comes: a change stream, which sends what changed and not the whole week anew.
 * With `after` it goes on where it was after a reconnection.
 */
export const quakeChanges: TypedDocumentNode<QuakeMessages, Record<string, never>> = gql`
  subscription QuakeChanges($after: String) {
    earthquakeChanges(where: { kind: { eq: "earthquake" } }, after: $after, snapshot: true) {
      changes {
        operation
        rowId
        node {
          id
          time
          magnitude
          place
          coordinates
        }
      }
      deletedIds
      reset
    }
  }
`;

export interface NetworkDay {
  readonly networkId: string;
  readonly timestamp: string;
  readonly earthquakes: number;
  readonly strongest: number;
  readonly average: number;
  readonly strongestAt: readonly string[];
  readonly network: { readonly name: string } | null;
}

/** What each network has recorded, day by day, the newest day first; `useLive` keeps the answer true. */
export const networkDays: TypedDocumentNode<
  { readonly networkStatsList: readonly NetworkDay[] },
  Record<string, never>
> = gql`
  query NetworkDays {
    networkStatsList(
      where: { interval: { eq: D1 } }
      orderBy: [{ timestamp: DESC }, { earthquakes: DESC }]
      limit: 12
    ) {
      networkId
      timestamp
      earthquakes
      strongest
      average
      strongestAt
      network {
        name
      }
    }
  }
`;

export interface FeltQuakes {
  readonly earthquakesConnection: {
    readonly totalCount: number;
    readonly edges: readonly { readonly node: Quake }[];
  };
}

/** The newest that could be felt, and how many there were of them. */
export const feltQuakes: TypedDocumentNode<FeltQuakes, Record<string, never>> = gql`
  query Felt {
    earthquakesConnection(
      where: { magnitude: { gte: 2.5 }, kind: { eq: "earthquake" } }
      orderBy: [{ time: DESC }]
      first: 8
    ) {
      totalCount
      edges {
        node {
          id
          time
          magnitude
          place
          coordinates
        }
      }
    }
  }
`;

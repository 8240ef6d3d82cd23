import { gql } from '@apollo/client';
import type { TypedDocumentNode } from '@apollo/client';

export interface ChartRow {
  readonly songId: string;
  readonly plays: number;
  readonly listeners: number;
  /** Null until the song itself has arrived. */
  readonly song: { readonly title: string; readonly artist: { readonly name: string } | null } | null;
}

/** The five most played songs of a genre in an hour. `useLive` keeps the answer true. */
export const topFive: TypedDocumentNode<
  { readonly songStatsList: readonly ChartRow[] },
  { readonly genre: string; readonly hour: string }
> = gql`
  query TopFive($genre: Genre!, $hour: DateTime!) {
    songStatsList(
      where: { interval: { eq: H1 }, genre: { eq: $genre }, timestamp: { eq: $hour } }
      orderBy: [{ plays: DESC }]
      limit: 5
    ) {
      songId
      plays
      listeners
      song {
        title
        artist {
          name
        }
      }
    }
  }
`;

export interface AudienceRow {
  readonly timestamp: string;
  readonly plays: number;
  readonly listeners: number;
}

/** Who listened, minute by minute, each beginning ten seconds after the one before: the last quarter of an hour. */
export const audience: TypedDocumentNode<{ readonly audiences: readonly AudienceRow[] }, Record<string, never>> = gql`
  query Audience {
    audiences(orderBy: [{ timestamp: DESC }], limit: 95) {
      timestamp
      plays
      listeners
    }
  }
`;

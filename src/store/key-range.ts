/** Half-open range of encoded keys: `lower` inclusive, `upper` exclusive; absent: unbounded. */
export interface KeyRange {
  readonly lower?: Uint8Array | undefined;
  readonly upper?: Uint8Array | undefined;
  /** From the upper end down. */
  readonly reverse?: boolean | undefined;
}

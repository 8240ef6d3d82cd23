/**
 * How much of what was fetched has not been taken by the sink, over all partitions and brokers. Each partition holds little, but there
 * may be thousands of them, and fetching is much faster than committing.
 */
export class FetchedBytes {
  readonly #most: number;
  readonly #onRoom: () => void;
  #bytes = 0;

  /** `onRoom` is called when there is room again where there was none. */
  constructor(most: number, onRoom: () => void) {
    this.#most = most;
    this.#onRoom = onRoom;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** Nothing more is asked for; answers that are on their way are taken all the same. */
  get isFull(): boolean {
    return this.#bytes >= this.#most;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    const wasFull = this.isFull;
    this.#bytes -= bytes;
    if (wasFull && !this.isFull) this.#onRoom();
  }
}

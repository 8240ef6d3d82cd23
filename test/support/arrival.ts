/** Lets a test wait for what others send it: they say that something has come, and it looks again. */
export class Arrival {
  #waiting: (() => void)[] = [];

  /** Something has come. */
  tell(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/**
 * When a partition's next batch may be decoded: once the one before it is committed, and for one partition already while it waits.
 * So there is always a batch to go on with when a commit ends, and memory holds one of each partition and one more.
 */
export interface LookAhead {
  /** A batch is on its way to the writer. Resolves when the next one of its partition may be decoded. */
  given(partition: string): Promise<void>;
  /** The oldest batch of the partition is committed. */
  taken(partition: string): void;
}

/** The one that is being committed, and one to go on with. */
const enough = 2;

export function createLookAhead(): LookAhead {
  /** Batches on their way, by partition. */
  const counts = new Map<string, number>();
  let all = 0;
  const waiting = new Map<string, () => void>();

  function release(partition: string): void {
    const resume = waiting.get(partition);
    waiting.delete(partition);
    resume?.();
  }

  return {
    given(partition) {
      counts.set(partition, (counts.get(partition) ?? 0) + 1);
      all += 1;
      if (all < enough) return Promise.resolve();
      return new Promise((resolve) => waiting.set(partition, resolve));
    },
    taken(partition) {
      const left = (counts.get(partition) ?? 1) - 1;
      if (left === 0) counts.delete(partition);
      else counts.set(partition, left);
      all -= 1;
      if (left === 0) release(partition);
      const [next] = waiting.keys();
      if (all < enough && next !== undefined) release(next);
    },
  };
}

/**
 * How far decoding runs ahead of commits. There is always a batch to go on with when a commit ends; of small ones there are more, so
 * that one commit takes what many partitions gave. What was decoded and is not yet committed takes that much memory and no more,
 * however many partitions there are.
 */
export interface LookAhead {
  /**
   * Runs `decode` once there is room: it decodes a batch, sends it off and tells how many bytes that were. In the order of the calls;
   * those that had to wait one a turn, so that requests are sent and answers received between two. Resolves when it has run.
   */
  add(decode: () => number): Promise<void>;
  /** The oldest batch that is on its way has been committed. */
  taken(): void;
}

/** The one that is being committed, and one to go on with. */
const always = 2;
const enoughBytes = 8 * 1024 * 1024;

export function createLookAhead(): LookAhead {
  /** Bytes of what is on its way, in order. */
  const sizes: number[] = [];
  let bytes = 0;
  const waiting: { readonly decode: () => number; readonly done: () => void }[] = [];
  let isScheduled = false;

  const hasRoom = (): boolean => sizes.length < always || bytes < enoughBytes;

  function schedule(): void {
    if (isScheduled || waiting.length === 0 || !hasRoom()) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      run();
    });
  }

  function run(): void {
    const next = waiting.shift();
    if (next === undefined) return;
    const size = next.decode();
    sizes.push(size);
    bytes += size;
    next.done();
    schedule();
  }

  return {
    add(decode) {
      const isNext = waiting.length === 0 && !isScheduled && hasRoom();
      const added = new Promise<void>((done) => waiting.push({ decode, done }));
      if (isNext) run();
      return added;
    },
    taken() {
      bytes -= sizes.shift() ?? 0;
      schedule();
    },
  };
}

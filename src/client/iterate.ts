import type { Sink } from 'graphql-ws/client';

/** The results of a subscription one by one; returning ends it. Results that are not taken are kept. */
export function iterate<T>(subscribe: (sink: Sink<T>) => () => void): AsyncIterableIterator<T> {
  const results: T[] = [];
  let end: { readonly error?: unknown } | undefined;
  let wake = (): void => {};
  const finish = (how: { readonly error?: unknown }): void => {
    end ??= how;
    wake();
  };
  const stop = subscribe({
    next(result) {
      results.push(result);
      wake();
    },
    error: (error) => finish({ error }),
    complete: () => finish({}),
  });
  const done = { done: true as const, value: undefined };
  return {
    async next() {
      while (results.length === 0 && end === undefined) await new Promise<void>((resolve) => (wake = resolve));
      const value = results.shift();
      if (value !== undefined) return { done: false, value };
      if (end !== undefined && 'error' in end) throw end.error;
      return done;
    },
    return() {
      results.length = 0;
      stop();
      finish({});
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
